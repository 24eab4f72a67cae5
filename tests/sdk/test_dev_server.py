# SPDX-License-Identifier: MIT
"""Three servers of one module answer alike: the platform's mode for development, our runner with
the platform's SDK, our runner with ours. Where ours answer better, it is listed here."""

import json
import os
import pathlib
import re
import socket
import subprocess

import conftest
import pytest

VECTOR = json.loads((conftest.ROOT / "tests/vectors/dev_run_0.6.9.json").read_text())
SERVERS = ["development", "platform", "ours"]
INVALID = (400, "application/json", '{"detail":"Invalid input parameters"}')
EVENTS = "text/event-stream; charset=utf-8"
# the gateway in front of the module has these
OF_THE_GATEWAY = ("/_conn_stats", "/_metrics")


def exchange(chute, method, target, body):
    """Status, content type and the bytes of the body, chunks with their lengths."""
    head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", chute.port), timeout=15) as client:
        client.sendall(head.encode() + body)
        reply = b""
        while data := client.recv(65536):
            reply += data
    head, _, rest = reply.decode().partition("\r\n\r\n")
    content_type = re.search("(?im)^content-type: (.*?)\r?$", head)
    return int(head.split()[1]), content_type and content_type[1], rest


@pytest.fixture(params=SERVERS)
def server(request, tmp_path):
    """server(code) -> the chute, and the name of what serves it."""

    def start(code):
        (tmp_path / "app.py").write_text(code)
        if request.param == "development":
            return request.getfixturevalue("real_serve")(), request.param
        name = "serve" if request.param == "ours" else "serve_platform"
        return request.getfixturevalue(name)(code), request.param

    return start


# Better than recorded. What is not JSON is the client's fault:
BAD_JSON = {("POST", "/hello", "{bad"): INVALID}
BETTER = {
    "development": {},
    "platform": BAD_JSON,
    # no body means all defaults, and here one is required; an array fits no model; a stream says
    # what it is
    "ours": {
        **BAD_JSON,
        ("POST", "/hello", "{}"): INVALID,
        ("POST", "/hello", ""): INVALID,
        ("POST", "/hello", "[1]"): INVALID,
        ("POST", "/words", '{"text":"a b"}'): (
            200, EVENTS, "9\r\ndata: a\n\n\r\n9\r\ndata: b\n\n\r\n0\r\n\r\n",
        ),
    },
}  # fmt: skip


def test_what_was_recorded(server, tmp_path):
    (tmp_path / "data.txt").touch()
    chute, name = server("\n".join(VECTOR["module"]))
    for one in VECTOR["exchanges"]:
        key = (one["method"], one["target"], one["body"])
        if name != "development" and one["target"] in OF_THE_GATEWAY:
            continue
        if name == "development" and key == ("POST", "/hello", ""):
            continue  # recorded without a length; with one of 0 the same
        status, content_type, reply = exchange(chute, *key[:2], key[2].encode())
        want = (one["status"], one["content_type"], one["reply"])
        want = BETTER[name].get(key, want)
        if want[2] is None:
            want, reply = (*want[:2], None), None
        assert (status, content_type, reply) == want, (name, key)


MODULE = """
import asyncio, io, time
from typing import Optional
from fastapi import HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel
from chutes.chute import Chute, NodeSelector

chute = Chute("me", "demo", "me/demo:1", node_selector=NodeSelector(gpu_count=1), concurrency=2)

class Input(BaseModel):
    n: int = 2
    name: Optional[str] = None

class Output(BaseModel):
    n: int
    of: Optional[Input] = None

@chute.cord(public_api_path="/typed")
def typed(self, args: Input) -> Output: return Output(n=args.n, of=args)
@chute.cord(public_api_path="/raw")
async def raw(self, body=None): return body
@chute.cord(public_api_path="/put", public_api_method="PUT")
async def put(self, body): return body
@chute.cord(public_api_path="/text")
def text(self) -> str: return "\\u00e9\\n"
@chute.cord(public_api_path="/nothing")
def nothing(self): return None
@chute.cord(public_api_path="/numbers")
def numbers(self): return [1, 1.5, True, None, {"a": {"b": []}}]
@chute.cord(public_api_path="/picture", output_content_type="image/png")
async def picture(self): return Response(b"PNG", 201, {"X-A": "b"}, "image/png")
@chute.cord(public_api_path="/json")
async def json_(self): return JSONResponse({"a": 1}, 202)
@chute.cord(public_api_path="/html")
async def html(self): return HTMLResponse("<p>")
@chute.cord(public_api_path="/plain")
def plain(self): return PlainTextResponse("plain")
@chute.cord(public_api_path="/teapot")
async def teapot(self): raise HTTPException(418, {"short": "stout"})
@chute.cord(public_api_path="/broken")
async def broken(self): raise ValueError("secret")
@chute.cord(public_api_path="/unserialisable")
async def unserialisable(self): return float("nan")
@chute.cord(public_api_path="/two")
async def two(self, a, b): return 1

@chute.cord(public_api_path="/sync", stream=True, output_content_type="text/event-stream")
def sync(self, args: Input):
    for i in range(args.n): yield f"data: {i}\\n\\n"
@chute.cord(public_api_path="/bytes", stream=True, output_content_type="application/x-bytes")
async def bytes_(self, body):
    for i in range(3): yield bytes([i])
@chute.cord(public_api_path="/empty", stream=True)
async def empty(self):
    return
    yield
@chute.cord(public_api_path="/early", stream=True)
async def early(self):
    raise ValueError("secret")
    yield
@chute.cord(public_api_path="/refused", stream=True)
def refused(self):
    raise HTTPException(403, "no")
    yield
@chute.cord(public_api_path="/dies", stream=True, output_content_type="text/plain")
async def dies(self):
    yield "a"
    await asyncio.sleep(0.2)
    raise ValueError("secret")
"""
REQUESTS = [
    ("POST", "/typed", '{"n": 3, "name": "x", "more": 1}'),
    ("POST", "/typed", '{"n": "3"}'),
    ("POST", "/typed", '{"n": "x"}'),
    ("POST", "/typed", '{"name": 1}'),
    ("POST", "/raw", '{"a": [1, "\\u00e9", null]}'),
    ("POST", "/raw", "[1]"),
    ("POST", "/raw", '"text"'),
    ("POST", "/raw", "5"),
    ("POST", "/raw", "{}"),
    ("POST", "/raw", "null"),
    ("POST", "/raw", "0"),
    ("PUT", "/put", '{"a": 1}'),
    ("POST", "/put", '{"a": 1}'),
    ("POST", "/text", "{}"),
    ("POST", "/nothing", "{}"),
    ("POST", "/numbers", "{}"),
    ("POST", "/picture", "{}"),
    ("POST", "/json", "{}"),
    ("POST", "/html", "{}"),
    ("POST", "/plain", "{}"),
    ("POST", "/teapot", "{}"),
    ("POST", "/broken", "{}"),
    ("POST", "/broken", '{"a": 1}'),
    ("POST", "/unserialisable", "{}"),
    ("POST", "/two", "{}"),
    ("POST", "/sync", '{"n": 3}'),
    ("POST", "/sync", '{"n": "x"}'),
    ("POST", "/sync", '{"n": 0}'),
    ("POST", "/bytes", '{"a": 1}'),
    ("POST", "/empty", "{}"),
    ("POST", "/early", "{}"),
    ("POST", "/refused", "{}"),
    ("POST", "/dies", "{}"),
    ("GET", "/raw", ""),
    ("POST", "/raw/", "{}"),
    ("POST", "/raw", '{"a": "' + "x" * 3_000_000 + '"}'),
    # from here on ours are better
    ("POST", "/raw", ""),
    ("POST", "/typed", "{}"),
    ("POST", "/typed", "[1]"),
    ("POST", "/typed", "{bad"),
    ("POST", "/raw", "\ud800"),
]
FAILED = (500, "text/plain; charset=utf-8", "Internal Server Error")
SAME_AS_DEFAULTS = (200, "application/json", '{"n":2,"of":{"n":2,"name":null}}')
MORE_BETTER = {
    "development": {
        ("POST", "/raw", ""): FAILED,
        ("POST", "/typed", "{}"): FAILED,
        ("POST", "/typed", "[1]"): FAILED,
        ("POST", "/typed", "{bad"): FAILED,
        ("POST", "/raw", "\ud800"): FAILED,
    },
    "platform": {
        ("POST", "/raw", ""): (200, "application/json", "null"),
        ("POST", "/typed", "{}"): FAILED,  # as deployed
        ("POST", "/typed", "[1]"): FAILED,
        ("POST", "/typed", "{bad"): INVALID,
        ("POST", "/raw", "\ud800"): INVALID,
    },
    "ours": {
        ("POST", "/raw", ""): (200, "application/json", "null"),
        ("POST", "/typed", "{}"): SAME_AS_DEFAULTS,
        ("POST", "/typed", "[1]"): INVALID,
        ("POST", "/typed", "{bad"): INVALID,
        ("POST", "/raw", "\ud800"): INVALID,
    },
}
TYPES_OF_STREAMS = {"/sync": EVENTS, "/bytes": "application/x-bytes",
                    "/dies": "text/plain; charset=utf-8"}  # fmt: skip


def ask_all(chute):
    return {
        request: exchange(chute, *request[:2], request[2].encode(errors="surrogatepass"))
        for request in REQUESTS
    }


def test_more_of_the_same(real_serve, serve, serve_platform, tmp_path):
    (tmp_path / "app.py").write_text(MODULE)
    got = {"development": ask_all(real_serve())}
    got["platform"] = ask_all(serve_platform(MODULE))
    got["ours"] = ask_all(serve(MODULE))
    for name, replies in got.items():
        for request, reply in replies.items():
            want = got["development"][request]
            if name == "ours" and want[0] == 200 and request[1] in TYPES_OF_STREAMS:
                want = (want[0], TYPES_OF_STREAMS[request[1]], want[2])
            if name != "development" and request[1] == "/dies":
                want = (*want[:2], "1\r\na\r\n")  # a stream that dies has no last chunk
            want = MORE_BETTER[name].get(request, want)
            assert reply == want, (name, request[:2], request[2][:80])


JOB = """
import json, os, tempfile
from chutes.chute import Chute, NodeSelector
chute = Chute("me", "demo", "me/demo:1", node_selector=NodeSelector(gpu_count=1))
order = []
@chute.on_startup(priority=60)
async def late(self): order.append("late")
@chute.on_startup()
def middle(self): order.append("middle")
@chute.job(timeout=60)
async def train(self, **data):
    output = data["output_dir"]
    seen = {"keys": sorted(data), "epochs": data["epochs"], "self": self.name, "order": order,
            "tmp": os.environ["TMPDIR"] == output and os.path.isdir(output)}
    with open(data["note"], "w") as note:
        json.dump(seen, note)
    return seen
"""


@pytest.mark.parametrize("name", SERVERS)
def test_a_job(name, request, tmp_path):
    (tmp_path / "app.py").write_text(JOB)
    (tmp_path / "args.json").write_text(json.dumps({"epochs": 3, "note": "note.json"}))
    python = request.getfixturevalue("python" if name == "ours" else "real_python")
    words = [python, "-m", "chutes_run", "job", "app.py:chute", "train", "--args", "args.json",
             "--output", "out", "--result", "result.json"]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "HOME": "/", "PYTHONPATH": str(conftest.SDK)}
    if name == "development":
        words = [pathlib.Path(python).parent / "chutes", "run", "app:chute", "--dev",
                 "--host", "127.0.0.1", "--port", str(conftest.free_port()),
                 "--logging-port", str(conftest.free_port()),
                 "--dev-job-data-path", "args.json", "--dev-job-method", "train"]  # fmt: skip
        env = {"PATH": os.environ["PATH"], "HOME": "/", "CHUTES_EXECUTION_CONTEXT": "REMOTE"}
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads((tmp_path / "note.json").read_text())
    assert seen == {"keys": ["epochs", "note", "output_dir"], "epochs": 3, "self": "demo",
                    "order": ["middle", "late"], "tmp": True}  # fmt: skip
    if name != "development":
        assert json.loads((tmp_path / "result.json").read_text()) == seen
