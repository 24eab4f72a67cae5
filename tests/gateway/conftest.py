# SPDX-License-Identifier: MIT
"""A gateway alone, and in the place of a chute a small web server of Python's own."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import socketserver
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build"))
DRIVER = BUILD / "tests/gateway/gateway"
HELLO = """
version: 1
name: hello
handlers: {file: app.py}
image: {name: hello, base: {debian: bookworm}}
node_selector: {gpu_count: 0}
"""
CORD = """
cords:
  - function: hello
    public: POST /hello
    input: {name: {type: string, required: true}, times: {type: integer, default: 1, le: 3}}
    example: {name: Ada}
"""

CODE = """
async def hello(self, params):
    return {}
async def ask(self, params):
    return {}
async def sing(self):
    yield "la"
"""


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def said(self):
        """Status and JSON, for one comparison."""
        return self.status, self.json

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:500]!r}"


class Gateway:
    def __init__(self, folder, spec, *options, files=None, upstream=None):
        for name, text in {"app.py": CODE, **(files or {})}.items():
            (folder / name).write_text(text)
        (folder / "chute.yaml").write_text(spec)
        words = [f"upstream={upstream}"] if upstream else []
        self.log_path = folder / "log"
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen([DRIVER, folder / "chute.yaml", *words, *options],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address, self.log
        self.host, _, port = self.address.rpartition(":")
        self.port = int(port)

    @property
    def log(self):
        return self.log_path.read_text()

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def open(self, method, path, body=None, headers=None, timeout=20):
        """A connection whose answer has begun, and that answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        data = body if isinstance(body, (bytes, str, type(None))) else json.dumps(body)
        connection.request(method, path, data, headers or {})
        return connection, connection.getresponse()

    def __call__(self, method, path, body=None, headers=None):
        connection, response = self.open(method, path, body, headers)
        with contextlib.closing(connection):
            return Reply(response)

    def stop(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            code = self.process.wait(20)
        finally:
            self.process.kill()
            self.process.stdout.close()
        assert code == 0, self.log


@pytest.fixture
def gateway(tmp_path):
    """gateway(spec, *options) -> Gateway; `spec` is added to a small one where it has no version."""
    started = []

    def start(spec=CORD, *options, **more):
        text = spec if "version:" in spec else HELLO + spec
        folder = tmp_path / f"gateway{len(started)}"
        folder.mkdir()
        started.append(Gateway(folder, text, *options, **more))
        return started[-1]

    yield start
    for one in started:
        one.stop()


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("unix", 0)


class Chute(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked, unless `answer` does it."""

    protocol_version = "HTTP/1.1"
    answer = None

    def handle_any(self):
        length = self.headers.get("Content-Length")
        is_chunked = self.headers.get("Transfer-Encoding") == "chunked"
        self.body = self.chunks() if is_chunked else self.rfile.read(int(length or 0))
        self.server.seen.append(self)
        if self.server.answer:
            self.server.answer(self)
            return
        self.send(json.dumps({"method": self.command, "path": self.path,
                              "body": self.body.decode(),
                              "headers": {k.lower(): v for k, v in self.headers.items()}}))

    def chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

    def send(self, text, status=200, content_type="application/json"):
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def upstream(tmp_path):
    """The path of a socket behind which a chute answers. `upstream.answer` may be set to a function
    that gets the handler; `upstream.seen` has all of them."""
    path = tmp_path / "chute.sock"
    server = UnixServer(str(path), Chute)
    server.answer = None
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    server.path = path
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
