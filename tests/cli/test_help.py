# SPDX-License-Identifier: MIT
import re
import subprocess

import pytest


def commands(description):
    """Every command as a list of words."""
    found = []

    def walk(prefix, rows):
        for row in rows:
            found.append(prefix + [row["name"]])
            walk(prefix + [row["name"]], row["commands"])

    walk([], description["commands"])
    return found


def test_every_help(chutes, description):
    for words in [[]] + commands(description):
        for line in (words + ["--help"], words + ["-h"], ["help"] + words):
            got = chutes(*line, check=0)
            assert got.err == ""
            assert got.out.startswith("Usage: chutes")
            assert max(map(len, got.out.splitlines())) <= 80, line
            assert "\x1b" not in got.out


def test_topics(chutes):
    for topic in ("options", "exit-codes", "environment", "output", "spec", "signing"):
        got = chutes("help", topic, check=0)
        assert max(map(len, got.out.splitlines())) <= 80
    assert re.search(r"^  13 +the image build failed", chutes("help", "exit-codes").out, re.M)
    assert "CHUTES_STORE" in chutes("help", "environment").out


def test_keys_of_the_spec(chutes):
    text = " ".join(chutes("help", "spec", check=0).out.split())
    assert ("node_selector.gpu_count GPUs of one instance; 0: CPU only"
            " (whole number 0 to 8; default 1; as in 1)") in text
    assert ("server.restart what happens when the process ends by itself"
            " (never|on-failure; default never; as in on-failure)") in text
    assert "default 600 s" in text and " image.steps[].pip.packages " in text
    assert " cords[].input.NAME.min_length " in text
    assert " jobs[].ports[].proto " in text and " cords.import " in text


def test_one_key_of_the_spec(chutes):
    text = chutes("help", "spec", "node_selector", check=0).out
    assert text.startswith("  node_selector ") and "  node_selector.exclude" in text
    assert "scaling" not in text and text in chutes("help", "spec").out
    one = chutes("help", "spec", "gpu_count", check=0).out
    assert " ".join(one.split()) == ("node_selector.gpu_count GPUs of one instance; 0: CPU only"
                                     " (whole number 0 to 8; default 1; as in 1)")
    assert chutes("help", "spec", "node_selector.gpu_count", check=0).out == one
    assert chutes("help", "spec", "step", check=0).out.startswith("  image.steps ")
    assert chutes("help", "spec", "gpu_count", "--json", check=0).json["result"]["text"] == one
    assert chutes("help", "spec", "gpu_cuont", check=2).err == (
        "error: chute.yaml has no key 'gpu_cuont'\n"
        "  = help: did you mean 'chutes help spec gpu_count'?\n")
    assert "lists all keys" in chutes("help", "spec", "nothing.here", check=2).err


def test_findings(chutes):
    everything = chutes("help", "findings", check=0).out
    one = chutes("help", "E110", check=0).out
    assert one.startswith("E110  unknown key\n      A key that") and one in everything
    assert max(map(len, everything.splitlines())) <= 80
    assert chutes("help", "E999", check=2).err.startswith("error: there is no help about 'E999'")


def test_alone(chutes):
    got = chutes(check=2)
    assert got.out == ""
    assert got.err.startswith("Usage: chutes COMMAND")
    assert chutes("--json", check=2).json["error"]["message"] == "chutes needs a command"


def test_help_needs_no_arguments_and_reads_nothing(chutes):
    got = chutes("completion", "--help", "-C", "not/there", check=0)
    assert "SHELL" in got.out


def test_help_in_json(chutes):
    for line in (["images", "--help"], ["help", "images"]):
        got = chutes(*line, "--json", check=0).json
        assert got["schema"] == "chutes.help/v1"
        assert [row["name"] for row in got["commands"]] == ["images"]
    assert chutes("--help", "--json", check=0).json == chutes("help", "--json", check=0).json
    topic = chutes("help", "output", "--json", check=0).json
    assert topic["result"]["text"] == chutes("help", "output").out
    assert chutes("help", "nothing", "--json", check=2).json["schema"] == "chutes.error/v1"


def test_help_of_what_is_not(chutes):
    got = chutes("help", "verson", check=2)
    assert got.err == ("error: there is no help about 'verson'\n"
                       "  = help: did you mean 'chutes help version'?\n")


def test_description(description):
    assert description["schema"] == "chutes.help/v1"
    names = [row["name"] for row in description["commands"]]
    assert "help" in names and not any(name.startswith("_") for name in names)
    assert {row["status"] for row in description["exit_codes"]} >= {1, 2, 3, 13, 130}
    assert "CHUTES_FORMAT" in [row["name"] for row in description["variables"]]


def test_version(chutes):
    got = chutes("--version", check=0)
    assert re.fullmatch(r"chutes \d+\.\d+\.\d+\n", got.out)
    assert chutes("version", check=0).out.startswith(got.out)
    assert chutes("version", "--json").json["result"]["version"] in got.out
    assert chutes("--version", "--json").json["schema"] == "chutes.version/v1"


def test_which_libraries_are_mapped(chutes):
    """Start-up is cheap as long as nothing but libc has to be loaded."""
    got = subprocess.run([chutes.program, "--version"], env={"LD_DEBUG": "files"}, text=True,
                         capture_output=True, check=True)
    mapped = set(re.findall(r"calling init: \S*/(lib[\w+-]+)\.so", got.stderr))
    assert not mapped & {"libarchive", "libcrypto", "libcurl", "libisal", "libjansson", "libnettle",
                         "libsodium", "libssl", "libxml2", "libyaml", "libz", "libzstd"}
    # a sanitizer brings its own
    assert "libgcc_s" in mapped or mapped <= {"libc", "libm"}, mapped


@pytest.mark.parametrize("words,expected", [
    (["he"], ["help"]),
    ([""], None),
    (["--form"], ["--format"]),
    (["--format", ""], ["text", "json"]),
    (["--format", "=", "j"], ["json"]),
    (["--format", "="], ["text", "json"]),
    (["version", "--color", "a"], ["auto", "always"]),
    (["--no-qu"], ["--no-quiet"]),
    (["help", "exit"], ["exit-codes"]),
    (["completion", ""], ["bash", "zsh", "fish"]),
    (["version", "--file", ""], []),
    (["version", "--", "--js"], []),
])
def test_completion(chutes, description, words, expected):
    got = chutes("__complete", "--", *words, check=0).out.split()
    if expected is None:
        expected = [row["name"] for row in description["commands"]]
    assert got == expected


def test_completion_in_bash(chutes, tmp_path):
    """The script as bash runs it, with bash's own way of splitting words."""
    script = tmp_path / "chutes.bash"
    script.write_text(chutes("completion", "bash", check=0).out)
    got = subprocess.run(
        ["bash", "--norc", "-c", f'. {script}; COMP_WORDS=(chutes --color = nev); COMP_CWORD=3; '
         f'_chutes {chutes.program} nev =; echo "${{COMPREPLY[@]}}"; complete -p chutes'],
        text=True, capture_output=True, check=True)
    assert got.stdout.splitlines()[0] == "never"
    assert "-o default" in got.stdout


def test_completion_of_no_shell(chutes):
    got = chutes("completion", "cmd", check=2)
    assert "there is no completion for 'cmd'" in got.err


def test_help_tells_no_secret(chutes, description):
    """Defaults come from the environment, and what is described is no place for their values."""
    secrets = {"CHUTES_API_KEY": "cpk_s3cret", "HTTPS_PROXY": "http://u:p4ss@proxy:1",
               "CHUTES_HOTKEY_SEED_FILE": "/home/me/s3ed"}
    lines = [["help", "--json"], ["help", "environment"], ["help", "settings"], ["version", "--json"],
             ["completion", "bash"]] + [words + ["--help"] for words in commands(description)]
    for line in lines:
        got = chutes(*line, env=secrets, check=0)
        for word in ("cpk_s3cret", "p4ss", "s3ed"):
            assert word not in got.out + got.err, line


def test_no_option_takes_a_secret(description):
    """What stands on a command line can be read by everybody: a secret comes from a file, standard
    input or a descriptor, and the option says so."""
    def options(rows):
        for row in rows:
            yield from row["options"]
            yield from options(row["commands"])

    for option in options(description["commands"]):
        if re.search("seed|mnemonic|password|api-key|secret|token", option["name"]):
            assert option["argument"] is None or re.search("-|FILE|SOURCE|WHERE", option["argument"]), option
