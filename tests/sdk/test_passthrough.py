# SPDX-License-Identifier: MIT
"""Cords that hand their requests to a server inside the container, under both SDKs."""

import contextlib
import http.server
import json
import os
import ssl
import subprocess
import threading
import time

import conftest
import pytest
from harness import wait_for

MODULE = """
import json, os
from chutes.chute import Chute, NodeSelector
chute = Chute("me", "demo", "me/demo:1", node_selector=NodeSelector(gpu_count=1), concurrency=8,
              passthrough_headers={"X-A": "1"})
PORT = int(os.environ["UPSTREAM"])

def forward(name, **options):
    def function(self): ...
    function.__name__ = name
    options = {"public_api_path": "/" + name, "passthrough_port": PORT, **options}
    chute.cord(passthrough=True, **options)(function)

forward("echo")
forward("query", public_api_method="GET", method="GET", passthrough_path="/echo")
forward("busy")
forward("busy_text", passthrough_path="/busy/text")
forward("no_json")
forward("lines", stream=True)
forward("typed", stream=True, output_content_type="application/json")
forward("busy_lines", stream=True, passthrough_path="/busy")
forward("cut", stream=True)
forward("slow")
forward("nobody", passthrough_port=1)
forward("nobody_there", passthrough_port=1, stream=True)
forward("chat", public_api_path="/chat", passthrough_path="/echo", sglang_passthrough=True)
forward("chat_lines", public_api_path="/chat", passthrough_path="/endless", stream=True,
        sglang_passthrough=True)
forward("slow_chat", passthrough_path="/slow", sglang_passthrough=True)
"""


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, json.loads(body or b"null")))
        kind = self.path.partition("?")[0]
        getattr(self, "at" + kind.replace("/", "_"))(body)

    do_GET = do_POST

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body[:1] in b"{[" else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def at_echo(self, body):
        names = {name.lower() for name in self.headers}
        said = {"path": self.path, "method": self.command, "body": json.loads(body or b"null"),
                "x": self.headers["X-A"], "client": "x-client" in names}  # fmt: skip
        self.answer(200, json.dumps(said).encode())

    def at_busy(self, body):
        self.answer(503, b'{"error": "busy"}')

    def at_busy_text(self, body):
        self.answer(429, b"later")

    def at_no_json(self, body):
        self.answer(200, b"no json")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def begin(self, kind=None):
        self.send_response(200)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def at_lines(self, body):
        self.begin()
        for part in (b"a\nb", b"\nc\n\n"):
            self.chunk(part)
            self.server.arrived.acquire(timeout=60)
        self.chunk(b"rest")
        self.chunk(b"")

    def at_typed(self, body):
        self.begin("application/x-ndjson")
        self.chunk(b"{}\n")
        self.chunk(b"")

    def at_cut(self, body):
        self.begin()
        self.chunk(b"a\n")
        self.server.arrived.acquire(timeout=60)
        self.close_connection = True

    def until_gone(self, step):
        try:
            while True:
                step()
                time.sleep(0.05)
        except OSError:
            self.server.seen.append(("gone", self.path))
        self.close_connection = True

    def at_endless(self, body):
        self.begin()
        self.until_gone(lambda: self.chunk(b"x\n"))

    def at_slow(self, body):
        self.until_gone(self.check)

    def check(self):
        self.connection.settimeout(0.05)
        try:
            if self.connection.recv(1) == b"":
                raise OSError
        except TimeoutError:
            pass

    def at_abort_request(self, body):
        self.answer(200, b"{}")

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def upstream(tls=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    server.seen = []
    server.arrived = threading.Semaphore(0)  # what a test has seen of an answer
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["ours", "platform"])
def run(request):
    """run(code) -> the chute, and the server behind it."""
    serve = request.getfixturevalue("serve" if request.param == "ours" else "serve_platform")
    with upstream() as server:

        def start(code=MODULE):
            return serve(code, env={"UPSTREAM": str(server.server_address[1])}), server

        yield start


def wait_for_one(server, want):
    wait_for(lambda: any(want(*one) for one in server.seen), tell=lambda: server.seen)


def test_values(run):
    chute, _ = run()
    said = {"path": "/echo", "method": "POST", "x": "1", "client": False}
    assert chute.call("/echo", {"a": [1, "\u00e9"]}) == (
        200,
        {**said, "body": {"a": [1, "\u00e9"]}},
    )
    assert chute.call("/echo", {}) == (200, {**said, "body": None})
    assert chute.call("/echo?a=1&b=x%20y", {"c": 2}) == (
        200,
        {**said, "path": "/echo?a=1&b=x+y", "body": {"c": 2}},
    )
    status, _, text = chute.request("GET", "/query?page=2")
    got = json.loads(text)
    assert (status, got["path"], got["method"]) == (200, "/echo?page=2", "GET")


def test_failures(run):
    chute, _ = run()
    assert chute.call("/busy") == (503, {"detail": {"error": "busy"}})
    assert chute.call("/busy_text") == (429, {"detail": "later"})
    assert chute.call("/busy_lines") == (503, {"detail": {"error": "busy"}})
    assert chute.request("POST", "/no_json")[0] == 500
    assert chute.request("POST", "/nobody")[0] == 500
    assert chute.call("/nobody_there") == (500, {"detail": "Error initializing stream"})
    assert chute.call("/echo", b"{")[0] == 400


def test_lines(run):
    """Each part before there is a next one."""
    chute, server = run()
    connection, reply = chute.open("POST", "/cut")
    server.arrived.release()
    with contextlib.closing(connection), pytest.raises(Exception) as broken:
        reply.read()
    assert type(broken.value).__name__ == "IncompleteRead"
    connection, reply = chute.open("POST", "/lines")
    with contextlib.closing(connection):
        parts = []
        while data := reply.read1():
            parts.append(data)
            server.arrived.release()
    assert b"".join(parts) == b"a\nb\nc\n\nrest"


def test_a_stream_is_what_the_server_says(serve):
    """Under the platform's SDK it has no type at all."""
    with upstream() as server:
        chute = serve(MODULE, env={"UPSTREAM": str(server.server_address[1])})
        server.arrived.release(2)
        for path, want in (("/typed", "application/x-ndjson"),
                           ("/lines", "text/event-stream; charset=utf-8")):  # fmt: skip
            connection, reply = chute.open("POST", path)
            with contextlib.closing(connection):
                assert (reply.read()[:1] != b"", reply.headers["Content-Type"]) == (True, want)


def go(chute, server, path, body, reached):
    """A client that asks, and goes when the server behind has the question, and a stream begun."""
    with chute.calling(path, body) as client:
        wait_for_one(server, lambda path, body: path == reached)
        if body.get("stream"):
            client.recv(1)


def test_a_client_that_goes(run):
    chute, server = run()
    go(chute, server, "/slow", {"a": 1}, "/slow")
    wait_for_one(server, lambda what, path: (what, path) == ("gone", "/slow"))
    assert not any(path == "/abort_request" for path, _ in server.seen)


def test_an_sglang_engine_is_told(run):
    chute, server = run()
    named = chute.call("/chat", {"a": 1})[1]["body"]
    assert len(named.pop("rid")) == 32 and named == {"a": 1}
    assert chute.call("/chat", {"rid": "mine"})[1]["body"] == {"rid": "mine"}
    go(chute, server, "/slow_chat", {"a": 1}, "/slow")
    wait_for_one(server, lambda path, body: path == "/abort_request")
    [asked] = [body for path, body in server.seen if path == "/slow"]
    [aborted] = [body for path, body in server.seen if path == "/abort_request"]
    assert aborted == {"rid": asked["rid"]}
    go(chute, server, "/chat", {"stream": True}, "/endless")
    wait_for_one(server, lambda what, path: (what, path) == ("gone", "/endless"))


def test_an_sglang_engine_is_told_of_streams(serve):
    """The platform's SDK loses this, and the gateway in front of it says it."""
    with upstream() as server:
        chute = serve(MODULE, env={"UPSTREAM": str(server.server_address[1])})
        go(chute, server, "/chat", {"stream": True}, "/endless")
        wait_for_one(server, lambda path, body: path == "/abort_request")
        wait_for_one(server, lambda what, path: (what, path) == ("gone", "/endless"))


def test_tls(serve, tmp_path):
    """To a server whose certificate a hook has told."""
    words = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=x"
    words += " -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(["openssl", *words.split()], cwd=tmp_path, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    code = (
        MODULE
        + """
@chute.on_startup()
def trust(self):
    import ssl
    self.passthrough_ssl_context = ssl.create_default_context(cafile="cert.pem")
"""
    )
    with upstream(tls) as server:
        chute = serve(code, env={"UPSTREAM": str(server.server_address[1])})
        assert chute.call("/echo", {"a": 1})[1]["body"] == {"a": 1}


ENGINE = """
import argparse, http.server, json, os, sys
parser = argparse.ArgumentParser()
for name in ("--model", "--model-path", "--served-model-name", "--revision", "--host", "--api-key"):
    parser.add_argument(name)
parser.add_argument("--port", type=int)
options, rest = parser.parse_known_args()
print("engine", os.getpid(), options.model or options.model_path, *rest, flush=True)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
        if self.headers["Authorization"] != f"Bearer {options.api_key}":
            return self.reply(401, b"{}")
        if body and body.get("stream"):
            return self.reply(200, b'data: {"n": 1}\\n\\ndata: [DONE]\\n\\n')
        if body and body.get("die"):
            os._exit(9)
        said = {"path": self.path, "body": body, "name": options.served_model_name}
        self.reply(200, json.dumps(said).encode())
    do_POST = do_GET
    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass

class Server(http.server.ThreadingHTTPServer):
    allow_reuse_address = True
Server((options.host, options.port), Handler).serve_forever()
"""
BUILD = """
from chutes.chute import NodeSelector
from chutes.chute.template import engine
from chutes.chute.template.{kind} import build_{kind}_chute
import os
for module in (engine, __import__("chutes.chute.template.language", fromlist=["x"])):
    module.PORT = int(os.environ["UPSTREAM"])
chute = build_{kind}_chute("me", "org/Model", NodeSelector(), revision="{revision}",
                           engine_args={args!r})
"""
SERVERS = {
    "vllm": "vllm/entrypoints/openai/api_server.py",
    "embedding": "vllm/entrypoints/openai/api_server.py",
    "sglang": "sglang/launch_server.py",
}
WORDS = {
    "vllm": "--max-model-len 9 --tensor-parallel-size 2 --enable-prompt-tokens-details"
    " --disable-custom-all-reduce --no-enable-log-requests --no-enable-log-outputs"
    " --no-enable-log-deltas",
    "embedding": '--pooler-config {"pooling_type": "MEAN", "enable_chunked_processing": true,'
    ' "max_embed_len": 3072000} --max-model-len 9 --tensor-parallel-size 2',
    "sglang": "--max-model-len 9 --enable-cache-report --enable-return-hidden-states"
    " --disable-custom-all-reduce --gc-threshold 50000 100 100 --log-requests-level 0 --tp 2",
}


@pytest.mark.parametrize("kind", SERVERS)
def test_an_engine(serve, tmp_path, kind):
    file = tmp_path / SERVERS[kind]
    file.parent.mkdir(parents=True)
    file.write_text(ENGINE)
    port = conftest.free_port()
    code = BUILD.format(kind=kind, revision="0" * 40, args="--max-model-len 9")
    chute = serve(code, env={"UPSTREAM": str(port), "CUDA_DEVICE_COUNT": "2"})
    cord = "/v1/embeddings" if kind == "embedding" else "/v1/chat/completions"
    name = None if kind == "sglang" else "org/Model"
    got = chute.call(cord, {"model": "org/Model"})
    assert got[0] == 200 and got[1]["path"] == cord and got[1]["name"] == name
    status, _, text = chute.request("GET", "/v1/models")
    assert (status, json.loads(text)["path"]) == (200, "/v1/models")
    if kind != "embedding":
        want = 'data: {"n": 1}\n\ndata: [DONE]\n\n'
        assert chute.request("POST", cord, {"stream": True})[2] == want
    status, out, err = chute.stop()
    assert status == 0, err
    process, words = out.split(maxsplit=2)[1:]
    assert words == f"org/Model {WORDS[kind]}\n"
    with pytest.raises(ProcessLookupError):  # it went with the chute
        os.kill(int(process), 0)


def test_an_engine_that_ends(serve, tmp_path):
    file = tmp_path / SERVERS["vllm"]
    file.parent.mkdir(parents=True)
    file.write_text("import sys; print('no memory', file=sys.stderr); sys.exit(4)\n")
    code = BUILD.format(kind="vllm", revision="0" * 40, args=None)
    chute = serve(code, ready=False, env={"UPSTREAM": str(conftest.free_port())})
    assert chute.process.wait(20) == 1
    _, out, err = chute.stop()
    assert out == "no memory\n"
    assert "the engine ended with status 4" in err
    assert err.endswith("error: the startup hook 'initialize_vllm' failed\n")
    file.write_text(ENGINE)
    chute = serve(code, env={"UPSTREAM": str(conftest.free_port())})
    chute.request("POST", "/v1/completions", {"die": 1})
    assert chute.process.wait(20) == 1
    assert "error: the engine ended with status 9\n" in chute.stop()[2]


def test_what_is_the_builders_to_set(python, tmp_path):
    for args, reason in (
        ("--revision x", "the revision is an argument of its own: revision="),
        (None, "revision= is missing: the commit of 'org/Model', 40 hex digits"),
    ):
        (tmp_path / "app.py").write_text(BUILD.format(kind="vllm", revision="", args=args))
        env = {"PYTHONPATH": str(conftest.SDK), "UPSTREAM": "1"}
        done = subprocess.run([python, "app.py"], cwd=tmp_path, env=env, capture_output=True,
                              text=True)  # fmt: skip
        assert done.stderr.endswith(f"ValueError: {reason}\n"), done.stderr
