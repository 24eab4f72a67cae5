# SPDX-License-Identifier: MIT
"""Counts what `meson test` has logged: usage: count.py LOG.json. A C test counts
each of its TAP lines, a pytest file each of its tests, everything else one. Prints "PASSED FAILED
SKIPPED" and then a line for each failure and each reason to skip."""
import json
import re
import sys

TAP = re.compile(r"^(ok|not ok)\b(?:.*# SKIP (.*))?", re.M)
PYTEST = re.compile(r"(\d+) (passed|failed|error|skipped)")
SKIPPED = re.compile(r"^SKIPPED \[\d+\] (.*)$", re.M)


def count(test):
    """(passed, failed, reasons to skip)"""
    out = test.get("stdout", "")
    failed = test["result"] in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")
    summary = [line for line in out.splitlines() if re.search(r"\bin \d+\.\d+s", line)]
    if summary and PYTEST.search(summary[-1]):
        found = {word: int(number) for number, word in PYTEST.findall(summary[-1])}
        reasons = SKIPPED.findall(out)
        reasons += ["no reason given"] * (found.get("skipped", 0) - len(reasons))
        bad = found.get("failed", 0) + found.get("error", 0)
        return found.get("passed", 0), max(bad, int(failed)), reasons
    lines = TAP.findall(out)
    if lines:
        reasons = [reason for word, reason in lines if word == "ok" and reason]
        bad = sum(word == "not ok" for word, _ in lines)
        return len(lines) - bad - len(reasons), max(bad, int(failed)), reasons
    if test["result"] == "SKIP":
        return 0, 0, [out.strip().splitlines()[-1] if out.strip() else "no reason given"]
    return int(not failed), int(failed), []


def main():
    totals, notes = [0, 0, 0], []
    try:
        with open(sys.argv[1], encoding="utf-8") as log:
            tests = [json.loads(line) for line in log]
    except FileNotFoundError:
        tests = []
    for test in tests:
        name = test["name"].split(" / ")[-1]
        passed, failed, reasons = count(test)
        for i, number in enumerate((passed, failed, len(reasons))):
            totals[i] += number
        if failed:
            notes.append(f"failed: {name}: {test['result'].lower()}")
        notes += [f"skipped: {name}: {reason}" for reason in reasons]
    print(*totals)
    print("\n".join(notes))


main()
