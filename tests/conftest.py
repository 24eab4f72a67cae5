# SPDX-License-Identifier: MIT
"""Fixtures of all tests; what they are made of is in harness.py."""
import json
import socket
import subprocess

import pytest
from harness import PROGRAM, Chutes


@pytest.fixture
def chutes(tmp_path):
    program = Chutes(tmp_path)
    yield program
    program.end_all()


@pytest.fixture
def port():
    """A port of 127.0.0.1 that the kernel says is free."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="session")
def description():
    """`chutes help --json`: what there is, for tests that walk over all of it."""
    return json.loads(subprocess.run([PROGRAM, "help", "--json"], check=True, capture_output=True,
                                     text=True).stdout)
