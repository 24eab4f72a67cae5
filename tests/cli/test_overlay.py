# SPDX-License-Identifier: MIT
"""--overlay lays one of the spec's environments over it; validate looks at all of them."""
import pytest

SPEC = """\
version: 1
name: hello
handlers: {file: app.py}
image: {name: hello, base: {debian: bookworm}, steps: [user: chutes, workdir: /app]}
cords: [{function: hello, public: POST /hello}]
environments:
  staging:
    name: hello-staging
  broken:
    readme: {file: MISSING.md}
"""
CODE = "async def hello(self, args):\n    return args\n"
GOOD = SPEC[:SPEC.index("  broken")]


@pytest.fixture
def project(chutes):
    (chutes.cwd / "chute.yaml").write_text(GOOD)
    (chutes.cwd / "app.py").write_text(CODE)
    return chutes.cwd


def test_flag_and_variable(chutes, project):
    assert chutes("validate", check=0).out == "chute.yaml: 'hello' is valid\n"
    for got in (chutes("validate", "--overlay", "staging", check=0),
                chutes("--overlay=staging", "validate", check=0),
                chutes("validate", env={"CHUTES_OVERLAY": "staging"}, check=0)):
        assert got.out == "chute.yaml: 'hello-staging' is valid\n"
    got = chutes("validate", "--overlay", "staging", env={"CHUTES_OVERLAY": "other"}, check=0)
    assert got.out == "chute.yaml: 'hello-staging' is valid\n"


def test_unknown_name(chutes, project):
    got = chutes("validate", "--overlay", "prod", check=2)
    assert got.out == ""
    assert got.err == ("error: 'chute.yaml' has no overlay 'prod'\n"
                       "  = help: it has: staging\n")
    assert chutes("build", "--overlay", "prod", check=2).err == got.err
    failed = chutes("validate", "--overlay", "prod", "--json", check=2)
    assert failed.json["ok"] is False and failed.json["error"]["exit_code"] == 2


def test_validate_looks_at_the_files_of_each(chutes, project):
    (project / "chute.yaml").write_text(SPEC)
    got = chutes("validate", check=3)
    assert got.err == """\
error[E220]: overlay 'broken': 'MISSING.md' does not exist
  --> chute.yaml:10:13
   |
10 |     readme: {file: MISSING.md}
   |             ^^^^^^^^^^^^^^^^^^
  = docs: chutes explain E220
error: 1 error found
"""
    # the chosen one is the document: its findings need no name
    got = chutes("validate", "--overlay", "broken", check=3)
    assert got.err.startswith("error[E220]: 'MISSING.md' does not exist\n")


def test_typo_in_an_overlay_stops_every_command(chutes, project):
    (project / "chute.yaml").write_text(GOOD + "    scaling: {concurrenc: 2}\n")
    got = chutes("build", check=3)
    assert "error[E110]: overlay 'staging': unknown key 'concurrenc' in scaling\n" in got.err
    assert "  --> chute.yaml:9:15\n" in got.err


def test_references_to_the_environment(chutes, project):
    spec = GOOD.replace("name: hello\n", "name: ${env:CHUTE_NAME:-hello}\n", 1)
    (project / "chute.yaml").write_text(spec)
    assert chutes("validate", check=0).out == "chute.yaml: 'hello' is valid\n"
    got = chutes("validate", env={"CHUTE_NAME": "other"}, check=0)
    assert got.out == "chute.yaml: 'other' is valid\n"
    # the result is checked as if it stood there
    got = chutes("validate", env={"CHUTE_NAME": "no good"}, check=3)
    assert got.err.startswith("error[E114]: 'no good' is not allowed for 'name'\n"
                              "  --> chute.yaml:2:7\n")
    # nothing goes to the terminal as it is
    got = chutes("validate", env={"CHUTE_NAME": "a\033[31mb"}, check=3)
    assert "\033" not in got.err
    (project / "chute.yaml").write_text(spec.replace("CHUTE_NAME:-hello", "CHUTE_NAME"))
    got = chutes("validate", check=3)
    assert got.err.startswith("error[E116]: the variable 'CHUTE_NAME' is not set\n")
    assert "  = help: set it, or write ${env:CHUTE_NAME:-default}\n" in got.err
