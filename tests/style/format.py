# SPDX-License-Identifier: MIT
"""clang-format would change nothing. Argument: the program; version 14 is what the files follow."""
import re
import subprocess
import sys

from sources import ROOT, report, sources

SKIPPED = 77
version = subprocess.run([sys.argv[1], "--version"], text=True, capture_output=True).stdout
if not re.search(r"version 14\.", version):
    print(f"{version.strip()} is not version 14")
    sys.exit(SKIPPED)
done = subprocess.run([sys.argv[1], "--dry-run", "-Werror", *sources(".c", ".h")], cwd=ROOT, text=True,
                      capture_output=True)
report([done.stderr] if done.returncode else [])
