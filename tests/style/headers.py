# SPDX-License-Identifier: MIT
"""Each header says all it needs: it compiles alone. Arguments: the compiler's command line."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from sources import ROOT, report, sources


def compile_alone(path):
    done = subprocess.run([*sys.argv[1:], "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra",
                           "-Wno-unused-function", "-Wno-unused-variable", "-Werror",
                           "-fsyntax-only", "-I", ROOT, "-x", "c", "-"],
                          input=f'#include "{path}"\n', text=True, capture_output=True)
    return done.stderr if done.returncode else None


with ThreadPoolExecutor(os.cpu_count()) as pool:
    report([fault for fault in pool.map(compile_alone, sources(".h")) if fault])
