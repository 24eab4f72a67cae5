# SPDX-License-Identifier: MIT
"""`chutes schema`: the JSON Schema of chute.yaml."""
import json

NAME = "chute.v1.json"


def test_printed(chutes):
    schema = chutes("schema", check=0).json
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == NAME and schema["title"] == "chute.yaml, version 1"
    assert schema["additionalProperties"] is False and "version" in schema["required"]
    assert chutes("schema", "--json", check=0).json["result"]["schema"] == schema


def test_every_key_is_there(chutes):
    schema = chutes("schema", check=0).json
    keys = {line.split()[0] for line in chutes("help", "spec").out.splitlines()
            if line.startswith("  ") and line[2] != " "}
    top = {key for key in keys if "." not in key}
    assert top == set(schema["properties"])
    for key in ("gpu_count", "exclude"):
        assert "node_selector." + key in keys
        assert key in schema["definitions"]["node_selector"]["properties"]


def test_written_to_a_file(chutes):
    got = chutes("schema", "-o", "here.json", check=0)
    assert got.out == got.err == ""
    assert json.loads((chutes.cwd / "here.json").read_text()) == chutes("schema").json
    assert chutes("schema", "-o", "b.json", "--json").json["result"] == {"file": "b.json"}
    got = chutes("schema", "-o", "not/there.json", check=5)
    assert "not/there.json" in got.err


def test_list(chutes):
    got = chutes("schema", "--list", "--plain", "--no-header", check=0)
    assert got.out == NAME + "\tdraft-07\tchute.yaml, version 1\n"
    assert chutes("schema", "--list", "--json").json["result"] == {"schemas": [NAME]}
