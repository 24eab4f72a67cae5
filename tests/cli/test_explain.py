# SPDX-License-Identifier: MIT
"""`chutes explain CODE`: what a finding means and how to repair it."""
import re

from harness import ROOT

CODES = re.findall(r'^\t[EWI]\("(\w+)"', (ROOT / "lib/base/finding_codes.c").read_text(), re.M)


def test_one(chutes):
    got = chutes("explain", "E110", check=0)
    assert got.out.startswith("E110  unknown key\n      A key that the spec does not know")
    assert got.out == chutes("help", "E110").out
    assert chutes("explain", "e110", check=0).out == got.out


def test_every_code_has_a_text(chutes):
    got = chutes("explain", *CODES, "--json", check=0).json
    assert got["schema"] == "chutes.explain/v1"
    rows = got["result"]["codes"]
    assert [row["code"] for row in rows] == CODES and len(CODES) > 60
    for row in rows:
        assert len(row["text"]) > 40 and row["text"].endswith("."), row
        assert row["title"] and row["severity"] in ("error", "warning")
    text = chutes("explain", *CODES, check=0).out
    assert max(map(len, text.splitlines())) <= 80


def test_several(chutes):
    out = chutes("explain", "E110", "W301", check=0).out
    assert out.count("\n\n") == 1 and "\nW301  never called by the platform\n" in out


def test_unknown(chutes):
    assert chutes("explain", "E119", check=2).err == (
        "error: there is no code 'E119'\n  = help: did you mean 'chutes explain E110'?\n")
    assert "'chutes help findings' lists the codes" in chutes("explain", "nothing", check=2).err
    got = chutes("explain", "E110", "X", "--json", check=2)
    assert got.json["error"]["code"] == "usage" and '"codes"' not in got.out
    chutes("explain", check=2)
