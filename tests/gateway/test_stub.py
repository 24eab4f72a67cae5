# SPDX-License-Identifier: MIT
"""A stub answers every cord as its spec says, always the same, and says that it is one."""
import io
import json
import wave

import pytest
from test_documents import template

SCHEMA = {
    "type": "object",
    "required": ["id", "items"],
    "properties": {
        "id": {"type": "integer", "minimum": 7, "multipleOf": 5},
        "kind": {"enum": ["first", "second"]},
        "when": {"type": "string", "format": "date-time"},
        "score": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "name": {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 6}]},
        "items": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/node"}},
    },
    "$defs": {"node": {"type": "object", "required": ["deep"],
                       "properties": {"deep": {"type": "boolean"}, "next": {"$ref": "#/$defs/node"}}}},
}


def events(reply):
    return [line[6:] for line in reply.body.decode().split("\n\n") if line]


def test_an_answer_fits_its_schema(gateway):
    spec = "\ncords: [{function: hello, public: POST /hello, output: {schema: answer.json}}]"
    chute = gateway(spec, "stub", files={"answer.json": json.dumps(SCHEMA)})
    answer = chute("POST", "/hello", "{}").json
    assert answer["id"] == 10 and answer["kind"] == "first"
    assert answer["when"] == "2026-01-01T00:00:00Z" and 0 < answer["score"] < 1
    assert len(answer["name"]) >= 6
    assert len(answer["items"]) == 2 and answer["items"][0]["deep"] is False
    assert chute("POST", "/hello", "{}").json == answer


def test_marked_and_the_same_again(gateway):
    chute = gateway("\ncords: [{function: hello, public: POST /hello, input: {a: integer}}]", "stub")
    first = chute("POST", "/hello", {"a": 1})
    assert first.json == {"stub": True, "cord": "hello", "input": {"a": 1}}
    assert first.headers["X-Chutes-Stub"] == "1"
    assert chute("POST", "/hello", {"a": 1}).body == first.body
    assert chute("POST", "/hello", {"a": "x"}).said == (400, {"detail": "Invalid input parameters"})
    assert chute("GET", "/_ping").status == 200


def test_pictures_and_sounds(gateway):
    types = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8",
             "image/webp": b"RIFF", "image/svg+xml": b"<svg", "audio/mpeg": b"\xff\xfb"}
    for content_type, start in types.items():
        spec = "\ncords: [{function: hello, public: POST /hello, output: {content_type: %s}}]"
        reply = gateway(spec % content_type, "stub")("POST", "/hello", "{}")
        assert reply.headers["Content-Type"] == content_type
        assert reply.body.startswith(start), content_type
    reply = gateway(spec % "audio/wav", "stub")("POST", "/hello", "{}")
    with wave.open(io.BytesIO(reply.body)) as sound:
        assert (sound.getnframes(), sound.getframerate()) == (1600, 16000)
    reply = gateway(spec % "application/octet-stream", "stub")("POST", "/hello", "{}")
    assert reply.body == b"stub of 'hello'\n"


def test_streams(gateway):
    chute = gateway("\ncords: [{function: sing, public: POST /sing, stream: true}]", "stub")
    reply = chute("POST", "/sing", "{}")
    assert reply.headers["Content-Type"] == "text/event-stream"
    assert [json.loads(event)["cord"] for event in events(reply)] == ["sing"] * 3


@pytest.mark.parametrize("kind", ["vllm", "sglang"])
def test_language_models(gateway, kind):
    chute = gateway(template(kind), "stub")
    ask = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    chat = chute("POST", "/v1/chat/completions", ask).json
    assert chat["object"] == "chat.completion" and chat["model"] == "m"
    assert chat["choices"][0]["finish_reason"] == "stop"
    said = chat["choices"][0]["message"]["content"]

    reply = chute("POST", "/v1/chat/completions",
                  {**ask, "stream": True, "stream_options": {"include_usage": True}})
    assert reply.headers["Content-Type"] == "text/event-stream"
    *parts, usage, done = events(reply)
    parts = [json.loads(part)["choices"][0] for part in parts]
    assert done == "[DONE]"
    assert "".join(part["delta"].get("content", "") for part in parts) == said
    assert [part["finish_reason"] for part in parts] == [None] * (len(parts) - 1) + ["stop"]
    assert json.loads(usage)["usage"]["completion_tokens"] == len(parts) - 1

    text = chute("POST", "/v1/completions", {"model": "m", "prompt": "x"}).json
    assert text["choices"][0]["text"] == said and text["object"] == "text_completion"
    models = chute("GET", "/v1/models").json
    assert models["data"][0]["id"] == "org/model"
    assert chute("POST", "/v1/chat/completions", {"messages": 7}).status == 400
    assert chute("POST", "/v1/chat/completions", "{bad").status == 400


def test_tokens_lead_back(gateway):
    chute = gateway(template("vllm"), "stub")
    text = {"model": "m", "prompt": "hé", "add_special_tokens": False}
    tokens = chute("POST", "/tokenize", text).json
    assert tokens["count"] == 3
    back = chute("POST", "/detokenize", {"model": "m", "tokens": tokens["tokens"]})
    assert back.json == {"prompt": "hé"}


def test_embeddings(gateway):
    chute = gateway(template("embedding"), "stub")
    reply = chute("POST", "/v1/embeddings", {"model": "m", "input": ["a", "b"]}).json
    assert [one["index"] for one in reply["data"]] == [0, 1]
    assert reply["data"][0]["embedding"] != reply["data"][1]["embedding"]
    assert len(chute("POST", "/v1/embeddings", {"model": "m", "input": "a"}).json["data"]) == 1


def test_diffusion(gateway):
    reply = gateway(template("diffusion"), "stub")("POST", "/generate", {"prompt": "a hill"})
    assert reply.headers["Content-Type"] == "image/jpeg" and reply.body[:3] == b"\xff\xd8\xff"
