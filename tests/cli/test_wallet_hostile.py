# SPDX-License-Identifier: MIT
"""chutes wallet where a key could be lost: two at a time, passwords that nobody can type."""
import base64
import json
import subprocess

import pytest


@pytest.fixture
def wallets(chutes, tmp_path):
    chutes.env["CHUTES_WALLETS_PATH"] = str(tmp_path / "wallets")
    return tmp_path / "wallets"


NEW = ["wallet", "new", "--wallet", "me", "--hotkey", "dev", "--hide-words"]


def at_once(chutes, wallets, *more):
    """Addresses that were told, and those in both files."""
    running = [subprocess.Popen([chutes.program, *NEW, "--no-coldkey", *more], env=chutes.env,
                                cwd=chutes.cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                text=True) for _ in range(5)]
    told = [process.communicate(timeout=60)[0].strip() for process in running]
    told = [line for line, process in zip(told, running) if process.returncode == 0]
    files = [json.loads((wallets / "me/hotkeys" / name).read_text())["ss58Address"]
             for name in ("dev", "devpub.txt")]
    return told, files


def test_one_of_many_makes_a_key(chutes, wallets):
    told, files = at_once(chutes, wallets)
    assert [told[0], told[0]] == files and len(told) == 1


def test_files_of_one_key_after_many_replaced_it(chutes, wallets):
    for _ in range(6):
        told, files = at_once(chutes, wallets, "--overwrite")
        assert len(told) == 5
        assert files[0] == files[1] and files[0] in told


@pytest.mark.parametrize("password", ["long enough ", "\tlong enough", " " * 12, "long enough\r"])
def test_no_password_that_cannot_be_typed(chutes, wallets, tmp_path, password):
    """Prompts leave blanks around it away."""
    path = tmp_path / "password"
    path.write_bytes(password.encode() + b"\r\n")
    name = "BT_PW_" + str(wallets / "me/coldkey").upper().replace("/", "_").replace(".", "_")
    mixed = bytes(a ^ ord(name[i % len(name)]) for i, a in enumerate(password.encode()))
    for words, env in ((["--password-file", path], {}),
                       ([], {name: base64.b64encode(mixed).decode()})):
        got = chutes(*NEW, *words, env=env, check=2)
        assert "the password begins or ends with a blank" in got.err
        assert not (wallets / "me").exists()
