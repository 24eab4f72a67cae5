# SPDX-License-Identifier: MIT
"""Completion as zsh and fish do it, and what `chutes __complete --describe` tells them. bash is in
test_help.py."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from harness import PATH, PROGRAM

SPEC = """\
version: 1
name: hello
server: {command: [a], port: 9000}
image: {name: hello, base: {debian: bookworm}}
cords: [{function: f, public: GET /f, forward: GET /f}]
environments: {staging: {tagline: a}, production: {tagline: b}}
"""
# what is typed, and what the line becomes; a shell shows one candidate by typing it
LINES = [
    ("chutes expl", "chutes explain"),
    ("chutes build --compression g", "chutes build --compression gzip"),
    ("chutes build --compression=gz", "chutes build --compression=gzip"),
    ("chutes validate --format s", "chutes validate --format sarif"),
    ("chutes validate aa", "chutes validate aa.yaml"),
    ("chutes -C d", "chutes -C dd"),
    ("chutes explain I11", None),
    ("chutes explain I123", "chutes explain I123"),
    ("chutes help spec scaling.conc", "chutes help spec scaling.concurrency"),
    ("chutes validate --overlay st", "chutes validate --overlay staging"),
    ("chutes completion fi", "chutes completion fish"),
]


@pytest.fixture
def folder(chutes):
    (chutes.cwd / "aa.yaml").write_text("x")
    (chutes.cwd / "dd").mkdir()
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    chutes.env["PATH"] = f"{PROGRAM.parent}:{PATH}"
    return chutes.cwd


def shell(chutes, *words):
    done = subprocess.run(words, env=chutes.env, cwd=chutes.cwd, capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\r", "")


def describe(chutes, *words):
    return chutes("__complete", "--describe", "--", *words, check=0).out.splitlines()


def test_descriptions(chutes, folder):
    assert describe(chutes, "explai") == ["explain\ttell what the code of a finding means"]
    assert "--strict\twarnings are errors" in describe(chutes, "build", "--s")
    assert describe(chutes, "explain", "E110") == ["E110\tunknown key"]
    assert describe(chutes, "explain", "E110", "W301") == ["W301\tnever called by the platform"]
    assert describe(chutes, "help", "spec", "version") == ["version\tof this format"]
    assert describe(chutes, "build", "--compression", "n") == ["none"]
    assert describe(chutes, "run", "--overlay", "") == ["staging", "production"]


def test_names_of_files_are_the_shells_business(chutes, folder):
    assert describe(chutes, "validate", "") == describe(chutes, "validate", "a", "b") == [":file"]
    assert describe(chutes, "-C", "") == describe(chutes, "init", "") == [":directory"]
    assert describe(chutes, "init", "x", "") == describe(chutes, "build", "") == []
    assert chutes("__complete", "--", "validate", "", check=0).out == ""


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize("typed,wanted", [row for row in LINES if row[1]])
def test_zsh(chutes, folder, typed, wanted):
    functions = folder.parent / "functions"
    functions.mkdir()
    (functions / "_chutes").write_text(chutes("completion", "zsh", check=0).out)
    shell(chutes, "zsh", "-n", functions / "_chutes")
    script = Path(__file__).with_name("zsh_complete.zsh")
    lines = shell(chutes, "zsh", "-f", script, functions, typed).splitlines()
    assert f"=> {wanted}" in [line.rstrip(" /") for line in lines], lines


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize("typed,wanted", LINES)
def test_fish(chutes, folder, typed, wanted):
    script = folder.parent / "chutes.fish"
    script.write_text(chutes("completion", "fish", check=0).out)
    shell(chutes, "fish", "-n", script)
    out = shell(chutes, "fish", "-c", f"source {script}; complete -C '{typed}'").splitlines()
    found = [line.split("\t")[0].rstrip("/") for line in out]
    if wanted:
        assert found == [wanted.split(" ")[-1]]
    else:
        assert len(found) == 3 and all("\t" in line for line in out)


def test_installed_where_shells_look():
    build = Path(os.environ.get("CHUTES_BUILD", PROGRAM.parents[1]))
    if not (build / "cli/man/man1").is_dir():
        pytest.skip("built without documents")
    for name, begin in (("_chutes", "#compdef chutes\n"), ("chutes.fish", "function __chutes")):
        assert (build / "cli/man" / name).read_text().startswith(begin)
