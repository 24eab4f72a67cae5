# SPDX-License-Identifier: MIT
"""The files that the style tests read, and how they say what they found."""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("lib", "cli", "server", "tests")


def sources(*suffixes, folders=FOLDERS):
    """Files of ours with one of these endings, as paths relative to the root, sorted."""
    found = [path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*")
             if path.suffix in suffixes and path.is_file()]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def lines(path):
    return (ROOT / path).read_text(encoding="utf-8").split("\n")


def report(faults):
    """End the test: one line per fault, as a compiler writes it."""
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)
