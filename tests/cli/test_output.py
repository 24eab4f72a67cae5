# SPDX-License-Identifier: MIT
import os
import subprocess

import pytest


def test_mistakes_go_to_stderr(chutes):
    for line in (["nosuch"], ["version", "--nosuch"], ["version", "extra"], ["completion"]):
        got = chutes(*line, check=2)
        assert got.out == ""
        assert got.err.startswith("error: ")
        assert "\n  = help: " in got.err


def test_did_you_mean(chutes):
    assert "did you mean 'chutes version'?" in chutes("verison").err
    assert "did you mean '--json'?" in chutes("version", "--jsn").err
    assert "did you mean" not in chutes("nothinglikeit").err
    # never run on a guess, and no abbreviations
    assert chutes("versio").code == 2


def test_one_document_on_failure(chutes):
    for line in (["nosuch", "--json"], ["--json", "version", "extra"], ["--format=json", "-Z"],
                 ["version", "--json", "-C", "not/there"]):
        got = chutes(*line)
        document = got.json
        assert document["schema"] == "chutes.error/v1" and document["ok"] is False
        assert document["error"]["exit_code"] == got.code != 0
        assert document["error"]["message"] in got.err
        assert document["error"]["changed"] is False
    assert chutes("nosuch", env={"CHUTES_FORMAT": "json"}).json["ok"] is False


def test_one_document_on_success(chutes):
    document = chutes("version", "--json", check=0).json
    assert document["schema"] == "chutes.version/v1" and document["ok"] is True
    assert document["warnings"] == []


def test_format_is_checked(chutes):
    got = chutes("version", "--format", "jsn", check=2)
    assert got.err == ("error: option '--format' must be text or json, not 'jsn'\n"
                       "  = help: did you mean 'json'?\n")
    assert "variable 'CHUTES_FORMAT'" in chutes("version", env={"CHUTES_FORMAT": "xml"}).err
    assert "variable 'CHUTES_LOG'" in chutes("version", env={"CHUTES_LOG": "loud"}).err


def test_directory(chutes):
    got = chutes("-C", "nowhere", "version", check=5)
    assert got.err == "error: changing to 'nowhere': No such file or directory\n"


def test_control_characters_do_not_reach_the_terminal(chutes):
    got = chutes("a\x1b]0;x\x07b\nc", check=2)
    assert "\x1b" not in got.err and "\x07" not in got.err
    assert r"a\x1b]0;x\x07b\x0ac" in got.err
    assert chutes("a\x1bb\nc", "--json").json["error"]["message"] == "unknown command 'a\x1bb\nc'"


@pytest.mark.parametrize("line", [["version"], ["--version"], ["help"], ["version", "--json"],
                                  ["help", "--json"], ["completion", "bash"]])
def test_full_disk(chutes, line):
    with open("/dev/full", "w") as full:
        done = subprocess.run([chutes.program, *line], stdout=full, stderr=subprocess.PIPE,
                              text=True, env=chutes.env)
    assert done.returncode == 1
    assert done.stderr == "error: writing standard output: No space left on device\n"


def test_limit_on_file_sizes(chutes, tmp_path):
    with open(tmp_path / "out", "w") as out:
        done = subprocess.run(["sh", "-c", 'ulimit -f 0; exec "$0" version', chutes.program],
                              stdout=out, stderr=subprocess.PIPE, text=True, env=chutes.env)
    assert done.returncode == 1
    assert done.stderr == "error: writing standard output: File too large\n"


@pytest.mark.parametrize("is_ignored", [False, True])
def test_reader_that_went_away(chutes, is_ignored):
    """141 as the shell says it, and not a word."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(["sh", "-c", ("trap '' PIPE; " if is_ignored else "") +
                           '"$0" help --json; exit $?', chutes.program],
                          stdout=writing, stderr=subprocess.PIPE, text=True, env=chutes.env)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_closed_streams(chutes):
    """Descriptors 0 to 2 are never handed to a file that we open."""
    done = subprocess.run(["sh", "-c", '"$0" version >&- 2>&- <&-; echo $?', chutes.program],
                          capture_output=True, text=True, env=chutes.env)
    assert done.stdout == "0\n"


def test_plugins(chutes, tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    plugin = folder / "chutes-greet"
    plugin.write_text('#!/bin/sh\necho "greet $*"\nexit 7\n')
    plugin.chmod(0o755)
    env = {"PATH": f"{folder}:{chutes.env['PATH']}"}
    got = chutes("greet", "--json", "x", env=env, check=7)
    assert got.out == "greet --json x\n"
    # ours cannot be replaced, and what merely lies in the current folder is not run
    (folder / "chutes-version").symlink_to(plugin)
    assert chutes("version", env=env, check=0).out.startswith("chutes ")
    assert chutes("greet", env={"PATH": f".:{chutes.env['PATH']}"}, cwd=folder).code == 2
    assert chutes("greet", env={"PATH": f":{chutes.env['PATH']}"}, cwd=folder).code == 2


def test_options_in_front_of_a_plugin(chutes, tmp_path):
    plugin = tmp_path / "plugins/chutes-show"
    plugin.parent.mkdir()
    plugin.write_text('#!/bin/sh\npwd\nenv | grep ^CHUTES_ | sort\necho "$0 $*"\n')
    plugin.chmod(0o755)
    env = {"PATH": f"{plugin.parent}:{chutes.env['PATH']}", "CHUTES_PROFILE": "outer"}
    got = chutes("--profile", "ci", "--api-url=http://127.0.0.1:1", "-C", plugin.parent, "--json",
                 "--strict", "-v", "show", "--profile", "mine", "-x", env=env, check=0)
    assert got.out.splitlines() == [
        str(plugin.parent), "CHUTES_API_URL=http://127.0.0.1:1", "CHUTES_FORMAT=json",
        "CHUTES_LOG=debug", "CHUTES_PROFILE=ci", "CHUTES_STRICT=1", f"{plugin} --profile mine -x"]
    # what is in files stays there, secrets above all
    chutes("config", "set", "auth.api_key", "-", input="cpk_1\n", check=0)
    assert chutes("show", env=env, check=0).out.splitlines()[1:-1] == ["CHUTES_PROFILE=outer"]
    refused = chutes("-q", "show", env=env, check=2)
    assert "'--quiet' stands in front of 'show', which is not ours" in refused.err
    assert refused.out == ""
    assert "nosuch" in chutes("-C", "nosuch", "show", env=env, check=5).err
    plugin.write_text("no program")
    assert "starting" in chutes("show", env=env, check=1).err


def test_no_colour_without_a_terminal(chutes):
    assert "\x1b" not in chutes("nosuch").err
    assert "\x1b[1;31merror\x1b[0m" in chutes("nosuch", "--color", "always").err
    assert "\x1b" in chutes("nosuch", env={"CLICOLOR_FORCE": "1"}).err
    assert "\x1b" not in chutes("nosuch", env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}).err


def on_terminal(chutes, line, env):
    """stderr of a run whose stderr is a terminal."""
    ours, theirs = os.openpty()
    subprocess.run([chutes.program, *line], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=theirs, env={**chutes.env, **env})
    os.close(theirs)
    text = os.read(ours, 65536).decode()
    os.close(ours)
    return text


def test_colour_on_a_terminal(chutes):
    assert "\x1b[1;31merror" in on_terminal(chutes, ["nosuch"], {"TERM": "xterm"})
    for env in ({"TERM": "dumb"}, {"NO_COLOR": "1"}, {"CLICOLOR": "0"}):
        assert "\x1b" not in on_terminal(chutes, ["nosuch"], env)
    assert "\x1b" not in on_terminal(chutes, ["nosuch", "--color=never"], {"TERM": "xterm"})
