# SPDX-License-Identifier: MIT
"""Usage: sr25519.py [ROUNDS]

Keys from seeds, signatures and verifications, ours and schnorrkel's through its Python binding, in
turns on one core; CPU time of one call and the median of the ratios. Verifications on every route of
this processor, alone, by a known key and in batches, all against a verification of schnorrkel's. What
it costs to call the binding counts as schnorrkel's. Needs `ninja -C build tests/bench/sr25519`."""
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from harness import environment  # noqa: E402

OURS = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/bench/sr25519"
CALLS, MESSAGE_BYTES = "1000", "128"
THEIRS = """
import sys, time, sr25519
calls, message = int(sys.argv[1]), bytes(int(sys.argv[2]))
pair = sr25519.pair_from_seed(bytes(32))
signature = sr25519.sign(pair, message)
for name, call in (("key", lambda: sr25519.pair_from_seed(bytes(32))),
                   ("sign", lambda: sr25519.sign(pair, message)),
                   ("verify", lambda: sr25519.verify(signature, message, pair[0]))):
    began = time.process_time_ns()
    for _ in range(calls):
        call()
    print(name, (time.process_time_ns() - began) / calls / 1000)
"""


def measured(command):
    done = subprocess.run([*command, CALLS, MESSAGE_BYTES], capture_output=True, text=True, check=True)
    return {name: float(us) for name, us in map(str.split, done.stdout.splitlines())}


def main():
    n_rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    python = environment("keys", ["py-sr25519-bindings==0.2.4", "bittensor-wallet==4.1.1"])
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rounds = [(measured([OURS]), measured([python, "-c", THEIRS])) for _ in range(n_rounds)]
    for name in rounds[0][0]:
        known = name if name in rounds[0][1] else "verify"
        ours = [pair[0][name] for pair in rounds]
        theirs = [pair[1][known] for pair in rounds]
        ratios = sorted(a / b for a, b in zip(ours, theirs))
        print(f"{name:22} ours {statistics.median(ours):6.1f} us   schnorrkel "
              f"{statistics.median(theirs):6.1f} us   ratio {statistics.median(ratios):.2f} "
              f"({ratios[0]:.2f}-{ratios[-1]:.2f})")


main()
