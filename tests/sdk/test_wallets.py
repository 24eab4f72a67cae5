# SPDX-License-Identifier: MIT
"""Wallets that we write are read by every version of the wallet library that is in use, and the
other way round, encrypted ones too."""

import json
import os
import pathlib
import subprocess

import pytest
from conftest import ROOT, environment

PROGRAM = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/sdk/wallet"
CHUTES = os.environ.get("CHUTES_PROGRAM", ROOT / "build/cli/chutes")
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


def chutes(*words, home, input=None):
    done = subprocess.run(
        [CHUTES, *map(str, words)],
        input=input or "",
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_the_program_makes_is_read(library, tmp_path):
    names = ("--wallets-path", tmp_path / "w", "--wallet", "me")
    made = chutes("wallet", "new", *names, "--hotkey", "dev", "--password-file", "-", "--json",
                  home=tmp_path, input=PASSWORD)
    result = json.loads(made)["result"]
    hot, cold = result["address"], result["coldkey"]["address"]
    seen = run(library, REAL, "read", tmp_path / "w", "me", "dev", PASSWORD, home=tmp_path)
    assert seen.split() == [hot, hot, cold, cold]
    for hotkey, source, text in (("words", "--mnemonic", PHRASE), ("hard", "--suri", PHRASE + "//a"),
                                 ("soft", "--suri", PHRASE + "/a")):
        address = chutes("wallet", "import", *names, "--hotkey", hotkey, source, "-", home=tmp_path,
                         input=text).strip()
        seen = run(library, REAL, "read", tmp_path / "w", "me", hotkey, home=tmp_path)
        assert seen.split()[:2] == [address, address], hotkey


def test_what_the_library_makes_is_shown(library, tmp_path):
    root = tmp_path / "w"
    run(library, REAL, "write", root, "me", "dev", PHRASE, PASSWORD, home=tmp_path)
    for name in ("me", "me/dev"):
        shown = json.loads(chutes("wallet", "show", name, "--json", "--wallets-path", root,
                                  home=tmp_path))["result"]
        assert shown["address"] == ADDRESS, name
        # versions differ in the modes of directories, which is not the keys' fault
        assert not [p for p in shown["problems"] if "chmod" not in p["hint"]], name
    again = chutes("wallet", "import", "--wallets-path", root, "--wallet", "me", "--hotkey", "dev",
                   "--mnemonic", "-", "--json", home=tmp_path, input=PHRASE)
    assert json.loads(again)["result"]["address"] == ADDRESS
    cold = chutes("wallet", "import", root / "me/coldkey", "--password-file", "-", "--wallet", "copy",
                  home=tmp_path, input=PASSWORD)
    assert cold == ADDRESS + "\n"


def test_the_session_of_the_readme(tmp_path):
    """A wallet made by either signs with the other."""
    python = environment("bittensor-wallet-4.1.1", ["bittensor-wallet==4.1.1"])
    session = pathlib.Path(__file__).with_name("wallet_session.py")
    body = tmp_path / "request.json"
    body.write_text('{"name": "Ada"}\n')

    def theirs(*words, input=""):
        done = subprocess.run([python, session, *words], input=input, capture_output=True, text=True,
                              timeout=120, env={"PATH": os.defpath, "HOME": str(tmp_path)})
        assert done.returncode == 0, done.stderr
        return done.stdout

    ours = chutes("wallet", "new", "--wallet", "me", "--hotkey", "dev", home=tmp_path).strip()
    theirs("new")
    held = chutes("verify-signature", "--body", body, "--headers", "-", home=tmp_path,
                  input=theirs("sign", body))
    assert held.startswith(f"signed by {ours}\n")
    headers = chutes("sign", "--wallet", "theirs", "--hotkey", "dev", "--body", body, home=tmp_path)
    assert theirs("verify", body, input=headers) == "True\n"
