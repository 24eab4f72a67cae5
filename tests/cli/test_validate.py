# SPDX-License-Identifier: MIT
"""`chutes validate` says everything that is wrong with a spec, at once, and where."""
import os
import re

import pytest

SPEC = """\
version: 1
name: hello
handlers: {file: app.py}
image:
  name: hello
  base: {debian: bookworm}
  steps:
    - pip: [fastapi]
    - add: {source: app.py, dest: /app/}
cords:
  - function: hello
    public: POST /hello
"""
CODE = "async def hello(self, args):\n    return args\n"


@pytest.fixture
def project(chutes):
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    (chutes.cwd / "app.py").write_text(CODE)
    return chutes.cwd


def test_valid(chutes, project):
    got = chutes("validate", check=0)
    assert got.out == "chute.yaml: 'hello' is valid\n"
    assert got.err == ""


def test_found_above(chutes, project):
    below = project / "a/b"
    below.mkdir(parents=True)
    assert chutes("validate", cwd=below, check=0).out.endswith("/chute.yaml: 'hello' is valid\n")


def test_nothing_there(chutes):
    got = chutes("validate", check=5)
    assert got.out == "" and "no chute.yaml in" in got.err and "chutes init" in got.err
    assert chutes("validate", "x.yaml", check=5).err.startswith("error: cannot open 'x.yaml'")


def test_stdin(chutes, project):
    assert chutes("validate", "-", input=SPEC, check=0).out == "-: 'hello' is valid\n"
    got = chutes("validate", "-f", "-", input=SPEC.replace("hello", "x", 1), check=3)
    assert "  --> -:2:7\n" in got.err


def test_one_finding_exactly(chutes, project):
    (project / "chute.yaml").write_text(SPEC + "node_selector:\n  gpu_cuont: 2\n")
    got = chutes("validate", check=3)
    assert got.out == ""
    assert got.err == """\
error[E110]: unknown key 'gpu_cuont' in node_selector
  --> chute.yaml:14:3
   |
14 |   gpu_cuont: 2
   |   ^^^^^^^^^
  = help: did you mean 'gpu_count'?
  = docs: chutes help spec node_selector (chutes explain E110)
error: 1 error found
"""


def test_all_at_once_in_the_order_of_the_file(chutes, project):
    (project / "chute.yaml").write_text(SPEC.replace("name: hello", "name: h").replace(
        "function: hello", "function: helo").replace("[fastapi]", "fastapi"))
    got = chutes("validate", "--json", check=3)
    assert got.json["schema"] == "chutes.validate/v1" and got.json["ok"] is False
    assert got.json["error"]["exit_code"] == 3
    assert [(f["code"], f["where"]["line"]) for f in got.json["findings"]] == [
        ("E113", 2), ("E113", 5), ("E111", 8), ("E223", 11)]
    assert got.json["findings"][3]["hint"] == "did you mean 'hello'?"


def test_twenty_are_shown(chutes, project):
    (project / "chute.yaml").write_text(SPEC + "".join(f"key{n}: 1\n" for n in range(30)))
    got = chutes("validate", check=3)
    assert got.err.count("error[") == 20
    assert got.err.endswith("... and 10 more\nerror: 30 errors found\n")
    assert len(chutes("validate", "--json", check=3).json["findings"]) == 30


def test_github(chutes, project):
    (project / "chute.yaml").write_text(SPEC + "jobs: [{function: other, command: [ls]}]\n")
    got = chutes("validate", "--format", "github", check=3)
    assert got.out == ("::error file=chute.yaml,line=13,col=1,title=E214::'jobs' stands beside "
                       "'cords': a chute has one of them%0Ahelp: make two chutes of them\n")


def test_places_in_the_python_file(chutes, project):
    """A finding about the file itself shows its line; one about the spec names it."""
    (project / "app.py").write_text("import helper\n" + CODE.replace("return", "yield"))
    (project / "helper.py").write_text("")
    got = chutes("validate", check=3)
    assert got.err.startswith("""\
error[E237]: 'helper.py' lies beside 'app.py', but no step brings it into the image
  --> app.py:1:8
   |
 1 | import helper
   |        ^^^^^^
  = help: add the step '- add: {source: helper.py, dest: /app/helper.py}'
""")
    assert ("error[E226]: 'hello' is a generator, but 'stream' is not true (line 2 of 'app.py')\n"
            "  --> chute.yaml:11:15\n") in got.err
    (project / "app.py").write_text(CODE + "x = (\n")
    found = chutes("validate", "--json", check=3).json["findings"]
    assert [(f["code"], f["where"]) for f in found] == [
        ("E225", {"file": "app.py", "line": 3, "column": 5})]


def test_every_finding_says_where_more_is_told(chutes, project):
    (project / "chute.yaml").write_text(SPEC.replace("name: hello\nh", "name: h\nh", 1)
                                        .replace("    public: POST /hello", "    publik: x"))
    got = chutes("validate", check=3)
    assert "  = docs: chutes explain E113\n" in got.err
    assert "  = docs: chutes help spec cord (chutes explain E110)\n" in got.err
    for finding in chutes("validate", "--json", check=3).json["findings"]:
        assert finding["docs"].startswith("chutes ")
        for line in re.findall(r"chutes (?:help|explain) [\w ]+", finding["docs"]):
            assert chutes(*line.split()[1:], check=0).out
    (project / "chute.yaml").write_text(SPEC + "unknown: 1\n")
    assert "  = docs: chutes help spec (chutes explain E110)\n" in chutes("validate").err


TEMPLATE = """\
version: 1
name: org/model
template: {kind: vllm, revision: 0123456789abcdef0123456789abcdef01234567}
image: {name: hello, base: {debian: bookworm}}
"""
MODULE = """\
version: 1
name: hello
python: {file: chute.py}
image: {name: hello, base: {debian: bookworm}}
"""
COMMANDS = """\
version: 1
name: hello
image: {name: hello, base: {debian: bookworm}}
jobs: [{function: shell, command: [sh]}]
"""


@pytest.mark.parametrize("spec", [TEMPLATE, MODULE, COMMANDS], ids=["template", "module", "jobs"])
def test_the_other_modes(chutes, project, spec):
    (project / "chute.py").write_text('chute = Chute(name="hello")\n')
    (project / "chute.yaml").write_text(spec)
    assert chutes("validate", "--strict", check=0).err == ""


def test_warnings(chutes, project):
    (project / "chute.yaml").write_text(SPEC + "node_selector: {gpu_count: 0}\n")
    got = chutes("validate", check=0)
    assert "warning[W305]" in got.err and got.out == "chute.yaml: 'hello' is valid\n"
    assert chutes("validate", "--allow", "W305", check=0).err == ""
    got = chutes("validate", "--strict", check=3)
    assert "error[W305]" in got.err and got.out == ""
    chutes("validate", env={"CHUTES_STRICT": "1"}, check=3)
    chutes("validate", "--strict", "--allow", "W305,W301", check=0)
    assert "there is no code 'W999'" in chutes("validate", "--allow", "W999", check=2).err
    assert "is an error" in chutes("validate", "--allow", "E110", check=2).err


def test_quiet(chutes, project):
    (project / "chute.yaml").write_text(SPEC + "node_selector: {gpu_count: 0}\n")
    got = chutes("validate", "--quiet", check=0)
    assert got.out == got.err == ""
    got = chutes("validate", "-q", "--json", check=0).json
    assert [finding["code"] for finding in got["findings"]] == ["W305"]
    assert "error[W305]" in chutes("validate", "-q", "--strict", check=3).err


def test_failures_are_annotations_too(chutes, project):
    got = chutes("validate", "gone.yaml", "--github", check=5)
    assert "\n::error title=not_found::cannot open 'gone.yaml'" in got.err
    (project / "chute.yaml").write_text(SPEC + "node_selector: {gpu_count: 0}\n")
    got = chutes("validate", "--strict", env={"GITHUB_ACTIONS": "true"}, check=3)
    assert got.err.count("::error ") == 1


def test_several_files(chutes, project):
    (project / "other.yaml").write_text(SPEC.replace("name: hello", "name: other"))
    got = chutes("validate", "chute.yaml", "other.yaml", check=0)
    assert got.out.splitlines() == ["chute.yaml: 'hello' is valid", "other.yaml: 'other' is valid"]
    (project / "chute.yaml").write_text(SPEC + "x: 1\n")
    got = chutes("validate", "chute.yaml", "other.yaml", "--json", check=3)
    assert [f["where"]["file"] for f in got.json["findings"]] == ["chute.yaml"]


@pytest.mark.parametrize("content, code, message", [
    (b"", "E103", "the file holds no document"),
    (b"# nothing\n", "E103", "the file holds no document"),
    (b"\x7fELF\x00\x01", "E102", "the file is binary"),
    (b"name: \xff\xfe\n", "E102", "not UTF-8"),
    ("name: x\n".encode("utf-16"), "E102", "UTF-16"),
    (b"name: a\n\tb: c\n", "E105", "a tab cannot be used"),
    (b"a: [" * 40, "E104", "nested deeper than 32 levels"),
    (b"a: b\n---\nc: d\n", "E107", "a second document"),
    (b"name: x\nname: y\n", "E106", "duplicate key 'name'"),
    (b"name: !!str x\n", "E107", "tags"),
    (b"a: [1, 2\n", "E101", "did not find expected"),
    (b"x: " + b"y" * 1024 * 1024, "E104", "larger than the limit of 1048576 bytes"),
    (b"x: " + b"y" * 10_000_000, "E104", "larger than the limit of 1048576 bytes"),
    (b"a: &a [" + b"x," * 100 + b"]\nb: &b [" + b"*a," * 100 + b"]\nc: [" + b"*b," * 100 + b"]\n",
     "E104", "stand for more than 10000 values"),
    (b"- a\n", "E111", "must be a mapping, not a list"),
    (b"text\n", "E111", "must be a mapping, not 'text'"),
])
def test_bad_input(chutes, content, code, message):
    (chutes.cwd / "chute.yaml").write_bytes(content)
    got = chutes("validate", "--json", check=3, timeout=10)
    findings = got.json["findings"]
    assert any(f["code"] == code and message in f["message"] for f in findings), findings


def test_unreadable(chutes, project):
    (project / "folder.yaml").mkdir()
    assert "folder.yaml" in chutes("validate", "folder.yaml", check=1).err
    if os.getuid() != 0:
        (project / "chute.yaml").chmod(0)
        chutes("validate", check=4)


def test_bom_and_crlf(chutes, project):
    (project / "chute.yaml").write_bytes(b"\xef\xbb\xbf" + SPEC.replace("\n", "\r\n").encode())
    chutes("validate", check=0)
    (project / "chute.yaml").write_bytes(b"\xef\xbb\xbfx: 1\r\n")
    assert "  --> chute.yaml:1:1\n   |\n 1 | x: 1\n   | ^\n" in chutes("validate", check=3).err


def test_a_secret_is_never_shown(chutes, project):
    token = "hf_" + "a1B2c3D4e5" * 4
    (project / "chute.yaml").write_text(SPEC + f"env: {{NAME: {token}}}\n")
    for extra in ([], ["--json"], ["--format", "github"]):
        got = chutes("validate", *extra, check=0)
        assert "W308" in got.out + got.err and token not in got.out + got.err


def test_links_do_not_lead_out(chutes, project):
    outside = project.parent / "outside.py"
    outside.write_text(CODE)
    (project / "app.py").unlink()
    (project / "app.py").symlink_to(outside)
    got = chutes("validate", "--json", check=3)
    assert {f["code"] for f in got.json["findings"]} == {"E221"}
    (project / "app.py").unlink()
    (project / "real.py").write_text(CODE)
    (project / "app.py").symlink_to("real.py")
    chutes("validate", check=0)


def test_schemas_that_only_running_the_file_tells(chutes, project):
    (project / "app.py").write_text("def hello(self, args: make()):\n    return args\n")
    got = chutes("validate", check=0)
    assert "warning[W310]: the schema of 'hello' is not known: 'app.py', line 1: " in got.err
    assert got.out == "chute.yaml: 'hello' is valid\n"
    assert "W310" not in chutes("validate", "--allow", "W310", check=0).err
    (project / "app.py").write_text(CODE)
    assert chutes("validate", check=0).err == ""
