# SPDX-License-Identifier: MIT
"""What the gateway says of a chute, read by the programs that such documents are for."""
import json
import subprocess

import pytest
from conftest import ROOT
from harness import environment, wait_for

TEMPLATES = {
    "vllm": "template: {kind: vllm, model: org/model, revision: " + "0" * 40 + "}",
    "sglang": "template: {kind: sglang, model: org/model, revision: " + "0" * 40 + "}",
    "embedding": "template: {kind: embedding, model: org/model, revision: " + "0" * 40 + "}",
    "diffusion": "template: {kind: diffusion, model: org/model}",
}
EVERY_FIELD = """
cords:
  - function: hello
    public: POST /hello
    output: {content_type: image/png}
    input:
      text: {type: string, required: true, min_length: 1, max_length: 9, pattern: "^a", description: d}
      whole: {type: integer, default: 3, ge: 1, lt: 9, multiple_of: 3}
      real: {type: number, nullable: true, gt: 0.5}
      flag: boolean
      one: {type: string, enum: [a, b], default: a}
      list: {type: array, items: {type: array, items: integer}, max_length: 3}
      inner: {type: object, properties: {deep: {type: object, properties: {x: {type: integer, required: true}}}}}
      open: object
      any: any
      file: {type: file, content_type: image/png, max_length: 1000}
      either: {any_of: [{type: integer}, {type: array, items: string}]}
  - {function: ask, public: GET /hello, input: {q: {type: string, required: true}, n: integer}}
  - {function: sing, public: POST /sing, stream: true, output: {content_type: text/event-stream}}
"""
SELECTOR = "\nnode_selector: {gpu_count: 1, min_vram_gb_per_gpu: 24}\n"


def template(kind):
    return f"version: 1\nname: mine\n{TEMPLATES[kind]}{SELECTOR}"


@pytest.fixture(scope="session")
def reader():
    """An interpreter with a validator of OpenAPI and the parser of Prometheus' client."""
    return environment("documents", ["openapi-spec-validator==0.7.1", "prometheus_client==0.21.1"])


def run(python, code, text):
    done = subprocess.run([python, "-I", "-c", code], input=text, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


VALIDATE = """
import json, sys
from openapi_spec_validator import OpenAPIV31SpecValidator
OpenAPIV31SpecValidator(json.load(sys.stdin)).validate()
"""


@pytest.mark.parametrize("kind", [*TEMPLATES, "every_field"])
def test_openapi_is_valid(gateway, reader, kind):
    chute = gateway(EVERY_FIELD if kind == "every_field" else template(kind), "stub")
    reply = chute("GET", "/openapi.json")
    assert reply.headers["Content-Type"] == "application/json"
    run(reader, VALIDATE, reply.body.decode())


@pytest.mark.parametrize("example", sorted(ROOT.glob("examples/*/chute.yaml")), ids=str)
def test_openapi_of_the_examples_is_valid(gateway, reader, example):
    """Their folders hold files of text only."""
    files = {path.name: path.read_text() for path in example.parent.iterdir() if path.is_file()}
    chute = gateway(example.read_text(), "stub", files=files)
    run(reader, VALIDATE, chute("GET", "/openapi.json").body.decode())


def test_openapi_says_what_the_spec_says(gateway):
    document = gateway(EVERY_FIELD, "stub")("GET", "/openapi.json").json
    hello = document["paths"]["/hello"]["post"]
    assert list(hello["responses"]["200"]["content"]) == ["image/png"]
    schema = document["components"]["schemas"]["HelloInput"]
    assert list(schema["properties"])[:3] == ["text", "whole", "real"], "in the order of the spec"
    assert schema["required"] == ["text"]
    assert schema["properties"]["whole"]["exclusiveMaximum"] == 9
    parameters = document["paths"]["/hello"]["get"]["parameters"]
    assert [(one["name"], one["required"]) for one in parameters] == [("q", True), ("n", False)]


PARSE = """
import json, sys
from prometheus_client.parser import text_string_to_metric_families as families
print(json.dumps([[f.name, f.type, [[s.name, s.labels, s.value] for s in f.samples]]
                  for f in families(sys.stdin.read())]))
"""


def test_metrics_are_prometheus_text(gateway, reader):
    chute = gateway("\ncords: [{function: hello, public: POST /hello}]", "stub")
    for _ in range(3):
        assert chute("POST", "/hello", "{}").status == 200
    wait_for(lambda: b'status="200"} 3.0' in chute("GET", "/_metrics").body)
    reply = chute("GET", "/_metrics")
    assert reply.headers["Content-Type"] == "text/plain; version=1.0.0; charset=utf-8"
    families = {name: (kind, samples)
                for name, kind, samples in json.loads(run(reader, PARSE, reply.body.decode()))}
    labels = {"chute_id": "3af88bf4-42df-549d-acb5-06dd0a5f0559", "function": "hello"}
    assert families["invocation"][0] == "counter"
    assert families["invocation"][1] == [["invocation_total", {**labels, "status": "200"}, 3.0]]
    kind, samples = families["invocation_duration"]
    assert kind == "histogram"
    buckets = [value for name, _, value in samples if name.endswith("_bucket")]
    assert buckets == sorted(buckets) and buckets[-1] == 3.0 and len(buckets) == 15
    assert families["invocation_last_timestamp"][1][0][1] == labels
    assert families["invocation_last_timestamp"][1][0][2] > 1.7e9


def test_numbers_of_calls_whose_input_was_refused(gateway):
    chute = gateway("\ncords: [{function: hello, public: POST /hello, input: {n: integer}}]", "stub")
    assert chute("POST", "/hello", {"n": "x"}).status == 400
    assert b"hello" not in chute("GET", "/_metrics").body, "as the platform, which counts none"


def test_the_page_has_nothing_from_elsewhere(gateway):
    chute = gateway(EVERY_FIELD, "stub")
    reply = chute("GET", "/")
    page = reply.body.decode()
    policy = reply.headers["Content-Security-Policy"]
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "http://" not in page and "https://" not in page and "src=" not in page
    assert 'lang="en"' in page and "innerHTML" not in page
    head = chute("HEAD", "/")
    assert head.status == 200 and head.body == b""
    docs = chute("GET", "/docs")
    assert (docs.status, docs.headers["Location"]) == (307, "/")


def test_a_cord_may_have_the_place_of_a_page(gateway):
    chute = gateway("\ncords: [{function: hello, public: GET /docs}]", "stub")
    assert chute("GET", "/docs").headers["X-Chutes-Stub"] == "1"
