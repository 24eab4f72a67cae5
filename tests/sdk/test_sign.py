# SPDX-License-Identifier: MIT
"""What `chutes sign` makes, the platform's SDK, schnorrkel and Bittensor's library take; what these
make, `chutes verify-signature` takes."""
import os
import pathlib
import subprocess

import pytest
from conftest import environment

REAL = pathlib.Path(__file__).with_name("sign_real.py")
SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
# as the Python client writes it, and a server that signs by btauth
CONFIG = f"""\
[api]
base_url = https://api.chutes.ai

[auth]
username = alice
user_id = 3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a01
hotkey_seed = {SEED}
hotkey_name = alice
hotkey_ss58address = {ALICE}

[payment]
address = {ALICE}
"""
PROFILE = f"""
[profile own]
base_url = http://127.0.0.1:8600
scheme = btauth
server_key = {BOB}
"""
TARGET = "/generate?stream=false&x=%2F"


@pytest.fixture
def body(chutes):
    """Neither text nor small."""
    path = chutes.cwd / "body"
    path.write_bytes(bytes(range(256)) * 2048 + b"\n")
    return path


@pytest.fixture
def config(chutes):
    path = chutes.home / ".chutes/config.ini"
    path.parent.mkdir()
    path.write_text(CONFIG)
    path.chmod(0o600)
    ours = chutes.home.parent / "config/chutes/config.ini"
    ours.parent.mkdir(parents=True)
    ours.write_text(PROFILE)


@pytest.fixture(scope="module")
def wallet_python():
    return environment("keys", ["py-sr25519-bindings==0.2.4", "bittensor-wallet==4.1.1"])


@pytest.fixture(scope="module")
def btauth_python():
    return environment("bittensor-11.3.0", ["bittensor==11.3.0"])


def real(python, chutes, *words, input=""):
    done = subprocess.run([python, "-I", REAL, *map(str, words)], input=input, text=True,
                          capture_output=True, timeout=120,
                          env={"PATH": os.defpath, "HOME": str(chutes.home), "LANG": "C.UTF-8"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_sdk_signs(chutes, config, body, real_python):
    for what, words in (("me", ("--purpose", "me")), (f"@{body}", ("--body", body))):
        headers = real(real_python, chutes, "sdk-sign", what)
        got = chutes("verify-signature", "--headers", "-", *words, input=headers, check=0)
        assert got.out.startswith(f"signed by {ALICE}\n")
        chutes("verify-signature", "--headers", "-", "--purpose", "images", input=headers, check=4)
        # the same names in the same order
        names = [line.split(":")[0] for line in headers.splitlines()]
        ours = [line.split(":")[0] for line in chutes("sign", *words, check=0).out.splitlines()]
        assert [name for name in names if name in ours] == ours


def test_bindings_check(chutes, config, body, wallet_python):
    for what, words in (("me", ("--purpose", "me")), (f"@{body}", ("--body", body)),
                        ("@/dev/null", ("--method", "POST"))):
        for _ in range(3):
            headers = chutes("sign", *words, check=0).out
            assert real(wallet_python, chutes, "binding-check", what, input=headers) == "good\n"


def test_btauth_is_checked(chutes, config, body, btauth_python):
    for method, file, words in (("POST", body, ("--body", body)), ("GET", "/dev/null", ())):
        headers = chutes("sign", "--profile", "own", "--url", TARGET, *words, check=0).out
        assert real(btauth_python, chutes, "btauth-check", method, TARGET, file, BOB,
                    input=headers) == f"{ALICE}\n"


def test_btauth_is_made(chutes, body, btauth_python):
    headers = real(btauth_python, chutes, "btauth-sign", SEED, "POST", TARGET, body, BOB)
    words = ("verify-signature", "--headers", "-", "--url", TARGET, "--receiver", BOB)
    got = chutes(*words, "--body", body, input=headers, check=0)
    assert got.out.startswith(f"signed by {ALICE}\n")
    chutes(*words, "--body", "/dev/null", input=headers, check=4)
