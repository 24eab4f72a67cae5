# SPDX-License-Identifier: MIT
"""Wallets that we write are read by every version of the wallet library that is in use, and the
other way round, encrypted ones too."""

import os
import pathlib
import subprocess

import pytest
from conftest import ROOT, environment

PROGRAM = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/sdk/wallet"
REAL = pathlib.Path(__file__).with_name("wallets_real.py")
VERSIONS = ["bittensor-wallet==4.0.1", "bittensor-wallet==4.1.1", "bittensor==11.3.0"]
# what sodium makes of it is 512 MiB and seconds; six bytes is the shortest that is taken
PASSWORD = "gröte"
PHRASE = "old leopard transfer rib spatial phone calm indicate online fire caution review"
ADDRESS = "5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX"


@pytest.fixture(scope="module", params=VERSIONS)
def library(request):
    return environment(request.param.replace("==", "-"), [request.param])


def run(*command, home, check=0, env=None):
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", **(env or {})},
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == check, done.stdout + done.stderr
    return done.stderr.strip() if check else done.stdout.splitlines()[-1]


def test_ours_is_read(library, tmp_path):
    root = tmp_path / "wallets"
    hot = run(PROGRAM, "save", root, "me", "dev", "-", home=tmp_path).split()[0]
    cold = run(PROGRAM, "save", root, "me", "-", PHRASE, PASSWORD, home=tmp_path).split()[0]
    assert cold == ADDRESS
    seen = run(library, REAL, "read", root, "me", "dev", PASSWORD, home=tmp_path)
    assert seen.split() == [hot, hot, cold, cold]


def test_theirs_is_read(library, tmp_path):
    root = tmp_path / "wallets"
    run(library, REAL, "write", root, "me", "dev", PHRASE, PASSWORD, home=tmp_path)
    cold = root / "me/coldkey"
    for path in (root / "me/hotkeys/dev", cold):
        assert run(PROGRAM, "read", path, PASSWORD, home=tmp_path) == f"{ADDRESS} {PHRASE}"
        public = path.with_name(path.name + "pub.txt")
        assert run(PROGRAM, "read", public, home=tmp_path) == ADDRESS
    message = run(PROGRAM, "read", cold, "wrong password", home=tmp_path, check=1)
    assert message == f"'{cold}': wrong password, or a damaged file"
