# SPDX-License-Identifier: MIT
"""Codes of findings: each row of the table is used by a check and named by a test, each code that
is used is a row, and the rows of a group stand in their order."""
import re

from sources import ROOT, report

TABLE = ROOT / "lib/base/finding_codes.c"
CODE = re.compile(r"(?<![A-Z0-9])([EWID][1-3]\d\d)(?!\d)")


def used(*patterns):
    """Where each code is named first."""
    found = {}
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path == TABLE:
                continue
            for code in CODE.findall(path.read_text(errors="replace")):
                found.setdefault(code, path.relative_to(ROOT))
    return found


def problems():
    codes = re.findall(r'^\t[EWID]\("(\w+)"', TABLE.read_text(), re.M)
    in_code = used("lib/*/*.c", "cli/*.c")
    in_tests = used("tests/unit/*.c", "tests/*/test_*.py")
    for code in codes:
        if code not in in_code:
            yield f"{code}: no check finds it"
        if code not in in_tests:
            yield f"{code}: no test provokes it"
    for code, path in in_code.items():
        if code not in codes:
            yield f"{path}: there is no code {code}"
    for before, code in zip(codes, codes[1:]):
        if before[0] == code[0] and before >= code:
            yield f"{code} stands behind {before}"


report(list(problems()))
