# SPDX-License-Identifier: MIT
"""`chutes fmt`: one look, no other meaning."""
import os

import pytest
from harness import ROOT

UGLY = """\
# of the name
name:   hello
version: 1
image:
    name: hello
    base: {debian: bookworm}
    steps:
    - user: chutes
    - run: |
          echo   a
            echo b

    - workdir: /app


cords: [{function: hello,   public: POST /hello}]   # one
handlers: {file: "app.py"}
"""
PRETTY = """\
version: 1
# of the name
name: hello
handlers: {file: "app.py"}
image:
  name: hello
  base: {debian: bookworm}
  steps:
    - user: chutes
    - run: |
          echo   a
            echo b

    - workdir: /app

cords: [{function: hello,   public: POST /hello}]   # one
"""


@pytest.fixture
def spec(chutes):
    path = chutes.cwd / "chute.yaml"
    path.write_text(UGLY)
    return path


def test_writes_and_names_what_changed(chutes, spec):
    assert chutes("fmt", check=0).out == "chute.yaml\n"
    assert spec.read_text() == PRETTY
    before = os.stat(spec)
    got = chutes("fmt", check=0)
    assert (got.out, got.err) == ("", "")
    assert os.stat(spec).st_mtime_ns == before.st_mtime_ns
    assert chutes("fmt", "--check", check=0).out == ""


def test_check_and_diff_write_nothing(chutes, spec):
    got = chutes("fmt", "--check", check=10)
    assert got.out == "chute.yaml\n"
    assert got.err == "error: 'chute.yaml' is not formatted\n  = help: run 'chutes fmt'\n"
    got = chutes("fmt", "--diff", check=0)
    assert got.out.startswith("--- chute.yaml\n+++ chute.yaml\n@@ -1,")
    assert "-name:   hello\n" in got.out and "+name: hello\n" in got.out
    assert chutes("fmt", "--check", "--diff", check=10).out == got.out
    assert spec.read_text() == UGLY
    assert chutes("fmt", "--json", "--check", check=10).json["error"]["exit_code"] == 10
    assert spec.read_text() == UGLY


def test_standard_input(chutes):
    assert chutes("fmt", "-", input=UGLY, check=0).out == PRETTY
    assert chutes("fmt", "-", input=PRETTY, check=0).out == PRETTY
    assert chutes("fmt", "--check", "-", input=UGLY, check=10).out == "-\n"


def test_mode_and_link_stay(chutes, spec):
    real = chutes.cwd / "real.yaml"
    spec.rename(real)
    real.chmod(0o640)
    spec.symlink_to("real.yaml")
    chutes("fmt", check=0)
    assert spec.is_symlink()
    assert real.read_text() == PRETTY
    assert real.stat().st_mode & 0o7777 == 0o640
    assert sorted(os.listdir(chutes.cwd)) == ["chute.yaml", "real.yaml"]


def test_found_above(chutes, spec):
    below = chutes.cwd / "a"
    below.mkdir()
    assert chutes("fmt", cwd=below, check=0).out == f"{spec}\n"
    assert chutes("fmt", "other.yaml", check=5).out == ""


def test_what_cannot_be_read(chutes, spec):
    spec.write_text("name: [\n")
    got = chutes("fmt", check=3)
    assert got.err.startswith("error[E101]: ")
    spec.write_text("name: a\nname: b\n")
    assert chutes("fmt", check=3).err.startswith("error[E106]: ")
    spec.write_text("? name\n: hello\n")
    got = chutes("fmt", check=1)
    assert "the formatted text would not mean the same" in got.err
    assert "nothing was changed" in got.err
    assert spec.read_text() == "? name\n: hello\n"


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT) for p in [
    *(ROOT / "tests/fuzz/corpus/spec").iterdir(), *(ROOT / "tests/fuzz/corpus/yaml").iterdir(),
    *(ROOT / "tests/fuzz/corpus/format").iterdir(), *(ROOT / "examples").glob("*/chute.yaml")]))
def test_every_document_there_is(chutes, path):
    """What validate says does not depend on the look; formatting twice changes nothing."""
    file = chutes.cwd / "chute.yaml"
    file.write_bytes((ROOT / path).read_bytes())
    said = sorted(f["code"] for f in chutes("validate", "--json").json["findings"])
    done = chutes("fmt")
    if done.code != 0:
        assert done.code in (1, 3)
        assert file.read_bytes() == (ROOT / path).read_bytes()
        return
    if path.parts[0] == "examples":
        assert done.out == ""
    chutes("fmt", "--check", check=0)
    now = sorted(f["code"] for f in chutes("validate", "--json").json["findings"])
    assert now == said
