# SPDX-License-Identifier: MIT
"""The JSON Schema and the reader allow the same documents: agreement.py compares them, here quickly.
A thousand changes for each of CHUTES_TEST_ROUNDS, fifty thousand at most; CHUTES_TEST_SEED chooses
others."""
import os
import pathlib
import subprocess

import pytest
from conftest import ROOT, environment
from harness import PROGRAM

VERDICT = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/sdk/verdict"
CHANGES = min(1000 * int(os.environ.get("CHUTES_TEST_ROUNDS", "5")), 50_000)


@pytest.fixture(scope="session")
def validator_python():
    if given := os.environ.get("CHUTES_TEST_VALIDATOR_PYTHON"):
        return pathlib.Path(given)
    return environment("validator", ["jsonschema>=4.20", "pyyaml"])


def run(python, what, *words):
    script = pathlib.Path(__file__).with_name("agreement.py")
    done = subprocess.run([python, script, PROGRAM, VERDICT, what, *words], capture_output=True,
                          text=True, timeout=1200)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_schema_is_one(validator_python):
    """It is valid itself, and every default and example in it is valid, too."""
    run(validator_python, "schema")


def test_agreement(validator_python):
    out = run(validator_python, "changes", str(CHANGES), os.environ.get("CHUTES_TEST_SEED", "1"))
    accepted, refused = (int(word) for word in out.split() if word.isdigit())
    assert accepted + refused >= CHANGES and accepted > CHANGES // 20 and refused > CHANGES // 5


def test_where_they_cannot_agree(validator_python):
    """What a validator cannot see, each with what both say."""
    run(validator_python, "beyond")
