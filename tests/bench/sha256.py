# SPDX-License-Identifier: MIT
"""Usage: sha256.py [ROUNDS]

The hash of a body as it streams by, in blocks of 64 KiB, against `openssl speed`, in turns on one
core; GB for each second of CPU time and the median of the ratios. Needs
`ninja -C build tests/bench/sha256`."""
import os
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/bench/sha256"
BLOCK = "65536"
THEIRS = ["openssl", "speed", "-mr", "-seconds", "1", "-bytes", BLOCK, "-evp", "sha256"]


def ours() -> float:
    return float(subprocess.run([OURS, "1000", BLOCK], capture_output=True, text=True, check=True).stdout)


def theirs() -> float:
    """Its last line is "+F:22:sha256:BYTES_PER_SECOND", of CPU time."""
    done = subprocess.run(THEIRS, capture_output=True, text=True, check=True)
    return float(re.search(r"^\+F:.*:([\d.]+)$", done.stdout, re.M)[1])


def main() -> None:
    n_rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rounds = [(ours(), theirs()) for _ in range(n_rounds)]
    ratios = sorted(a / b for a, b in rounds)
    print(f"ours {statistics.median(a for a, _ in rounds) / 1e9:.2f} GB/s   openssl "
          f"{statistics.median(b for _, b in rounds) / 1e9:.2f} GB/s   ratio "
          f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})")


main()
