# SPDX-License-Identifier: MIT
"""`chutes init` writes a project, and never over one that is there."""
import re

import pytest

FILES = ["chute.yaml", "app.py", ".chutesignore", "README.md"]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_default(chutes):
    project = chutes.cwd / "demo"
    project.mkdir()
    got = chutes("init", cwd=project, check=0)
    assert got.out == ("created chute.yaml app.py .chutesignore README.md"
                       "   (template handlers, base debian)\n")
    assert got.err == ""
    assert names(project) == sorted(FILES)
    spec = (project / "chute.yaml").read_text()
    assert spec.count("name: demo\n") == 2 and "base: {debian: bookworm}\n" in spec
    for file in FILES:
        assert not re.search("@[A-Z]+@", (project / file).read_text())
        assert (project / file).stat().st_mode & 0o777 == 0o644
    compile((project / "app.py").read_text(), "app.py", "exec")


def test_server_in_a_new_folder(chutes):
    chutes("init", "--template", "server", "--base", 'oci:"a"', "--name", "ranker", "a/b", check=0)
    project = chutes.cwd / "a/b"
    assert names(project) == sorted(["chute.yaml", "server.py", ".chutesignore", "README.md"])
    spec = (project / "chute.yaml").read_text()
    assert 'base: "oci:\\"a\\""\n' in spec and "name: ranker\n" in spec


def test_json(chutes):
    assert chutes("init", "x.y", "--json", check=0).json == {
        "schema": "chutes.init/v1",
        "ok": True,
        "result": {
            "directory": str(chutes.cwd / "x.y"),
            "name": "x.y",
            "template": "handlers",
            "base": "debian",
            "requirements": False,
            "files": FILES,
        },
        "warnings": [],
    }


@pytest.mark.parametrize("folder, name", [
    ("My Project!", "my-project"), ("--x", "x-chute"), ("ab", "ab-chute"), ("abc", "abc"),
    ("null", "null-chute"), ("ключ", "chute"), ("...a..b", "a..b"), ("x" * 70, "x" * 65),
    ("x" * 65, "x" * 65),
])
def test_name_of_the_folder(chutes, folder, name):
    got = chutes("init", "--json", "--", folder, check=0)
    assert got.json["result"]["name"] == name


@pytest.mark.parametrize("name", ["ab", "x" * 66, "Abc", ".abc", "a b", "null", "a/b", ""])
def test_wrong_name(chutes, name):
    got = chutes("init", "--name", name, "new", check=2)
    assert f"error: '{name}' cannot be the name of a chute\n" in got.err
    assert "use 3 to 65 of a-z, 0-9, '.', '_' and '-', a letter or digit first" in got.err
    assert names(chutes.cwd) == []


def test_never_overwrites(chutes):
    (chutes.cwd / "README.md").write_text("mine")
    (chutes.cwd / "app.py").symlink_to("nowhere")
    got = chutes("init", check=6)
    assert got.out == ""
    assert got.err == ("error: 'app.py', 'README.md' exist already\n"
                       "  = help: choose another directory, or replace with --force\n")
    assert names(chutes.cwd) == ["README.md", "app.py"]
    assert (chutes.cwd / "README.md").read_text() == "mine"
    (chutes.cwd / "app.py").unlink()
    assert "error: 'README.md' exists already\n" in chutes("init", check=6).err


def test_force(chutes):
    chutes("init", "--name", "first", check=0)
    chutes("init", "--name", "second", "--force", check=0)
    assert "name: second\n" in (chutes.cwd / "chute.yaml").read_text()
    assert names(chutes.cwd) == sorted(FILES)


def test_requirements(chutes):
    (chutes.cwd / "requirements.txt").write_text("numpy\n")
    got = chutes("init", check=0)
    assert "requirements.txt" in got.err
    assert "pip: {requirements: requirements.txt, packages: [" in \
        (chutes.cwd / "chute.yaml").read_text()


def test_folder_that_cannot_be(chutes):
    (chutes.cwd / "file").write_text("")
    got = chutes("init", "file", check=None)
    assert got.code != 0 and "'file' exists and is no directory" in got.err


def test_missing_templates(chutes, tmp_path):
    got = chutes("init", env={"CHUTES_SHARE": str(tmp_path)}, check=5)
    assert "templates/handlers/chute.yaml" in got.err
    assert names(chutes.cwd) == []
