# SPDX-License-Identifier: MIT
"""Keys and signatures are the same as schnorrkel's and as those of the platform's wallets:
keys_agreement.py compares them. A thousand signatures for each of CHUTES_TEST_ROUNDS, 100,000 at
most; CHUTES_TEST_SEED chooses others. What we refuse and schnorrkel does not is in the unit tests."""
import os
import pathlib
import subprocess

from conftest import ROOT, environment

KEYS = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/sdk/keys"
SIGNATURES = min(1000 * int(os.environ.get("CHUTES_TEST_ROUNDS", "5")), 100_000)


def test_agreement():
    python = environment("keys", ["py-sr25519-bindings==0.2.4", "bittensor-wallet==4.1.1"])
    seed = os.environ.get("CHUTES_TEST_SEED", "1")
    script = pathlib.Path(__file__).with_name("keys_agreement.py")
    done = subprocess.run([python, script, KEYS, str(SIGNATURES), seed], capture_output=True,
                          text=True, timeout=580)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
