# SPDX-License-Identifier: MIT
"""Whatever our parser of HTTP/1.1 takes, llhttp takes with the same meaning: http1_agreement.py
compares them, here quickly. Ten thousand messages for each of CHUTES_TEST_ROUNDS, a million at most;
CHUTES_TEST_SEED chooses others."""
import os
import pathlib
import subprocess

from conftest import ROOT, environment

VERDICT = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/sdk/http1_verdict"
MESSAGES = min(10_000 * int(os.environ.get("CHUTES_TEST_ROUNDS", "5")), 1_000_000)


def test_agreement():
    # with llhttp 9.4; older ones are laxer than we are
    python = os.environ.get("CHUTES_TEST_LLHTTP_PYTHON") or environment("llhttp", ["httptools==0.9.0"])
    seed = os.environ.get("CHUTES_TEST_SEED", "1")
    script = pathlib.Path(__file__).with_name("http1_agreement.py")
    done = subprocess.run([python, script, VERDICT, str(MESSAGES), seed], capture_output=True,
                          text=True, timeout=580)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    taken, refused = (int(word) for word in done.stdout.split()[2:5] if word.isdigit())
    assert taken > MESSAGES // 10 and refused > MESSAGES // 10
