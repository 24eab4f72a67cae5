# SPDX-License-Identifier: MIT
"""What `meson install` puts where, and that it works from there."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("CHUTES_BUILD", Path(__file__).resolve().parents[2] / "build"))
PAGES = sorted((BUILD / "cli/man").glob("man?/*"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    if not shutil.which("meson"):
        pytest.skip("meson is not on PATH")
    root = tmp_path_factory.mktemp("root")
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", root, "--quiet"],
                   check=True)
    programs = list(root.rglob("bin/chutes"))
    assert len(programs) == 1
    return programs[0].parents[1]


def test_files(installed, description):
    assert (installed / "share/bash-completion/completions/chutes").is_file()
    assert (installed / "share/chutes/lib/sdk").is_dir()
    assert (installed / "share/chutes/templates").is_dir()
    assert (installed / "share/chutes/doc/chute.yaml.md").is_file()
    assert (installed / "share/chutes/doc/settings.md").is_file()
    schema = json.loads((installed / "share/chutes/schema/chute.v1.json").read_text())
    assert schema["$id"] == "chute.v1.json"
    assert not list(installed.rglob("*.pyc"))
    pages = {page.name for page in (installed / "share/man").rglob("*.?")}
    assert pages == {"chutes.1", "chute.yaml.5", "chutes-config.5", "chutes-exit-codes.7"} | {
        f"chutes-{row['name']}.1" for row in description["commands"]}


def test_program(installed):
    got = subprocess.run([installed / "bin/chutes", "--version"], capture_output=True, text=True)
    assert got.returncode == 0 and got.stdout.startswith("chutes ")


@pytest.mark.skipif(not shutil.which("man"), reason="man is not on PATH")
@pytest.mark.skipif(not PAGES, reason="built without man pages")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(page):
    """As Debian's lintian asks."""
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
                          capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80",
                               "MANROFFSEQ": ""})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not PAGES, reason="built without man pages")
def test_pages_say_what_help_says(chutes, description):
    for row in description["commands"]:
        page = (BUILD / f"cli/man/man1/chutes-{row['name']}.1").read_text().replace("\\-", "-")
        for option in row["options"]:
            assert f"--{option['name']}" in page and option["help"] in page
        for example in row["examples"]:
            assert example in page.replace("\\e", "\\")


@pytest.mark.skipif(not PAGES, reason="built without man pages")
def test_the_reference_has_every_key(chutes):
    """Help, man page and Markdown are one walk: each key with its meaning, limits and example."""
    keys = [line.split()[0] for line in chutes("help", "spec", check=0).out.splitlines()
            if re.match("  [a-z]", line)]
    page = (BUILD / "cli/man/man5/chute.yaml.5").read_text().replace("\\-", "-")
    reference = (BUILD / "cli/man/doc/chute.yaml.md").read_text()
    rows = [line for line in reference.splitlines() if line.startswith("| `")]
    assert len(keys) == len(rows) > 150
    for key in keys:
        assert f"\n.B {key}\n" in page
        assert sum(row.startswith(f"| `{key}` |") for row in rows) == 1
    assert {len(re.findall(r"(?<!\\)[|]", row)) for row in rows} == {6}
    assert ("| `node_selector.gpu_count` | GPUs of one instance; 0: CPU only | whole number 0 to 8 |"
            " `1` | `1` |") in rows
