# SPDX-License-Identifier: MIT
"""A small HTTP server that answers as a chute may, well or not: one route for each kind."""
import base64
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(32))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, body, content_type="application/json", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def chunks(self, pieces, content_type=None, end=b"0\r\n\r\n", pause=0.0):
        self.send_response(200)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(pause)
        self.wfile.write(end)
        self.close_connection = True

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        self.server.seen.append((self.command, self.path, body, dict(self.headers)))
        route = getattr(self, "do_" + path.strip("/").replace("/", "_").replace("-", "_").replace(".", "_"), None)
        if route:
            route(body)
        else:
            self.reply(404, {"detail": "Not Found"})

    do_GET = do_POST = do_PUT = handle_any

    def do_echo(self, body):
        self.reply(200, {"method": self.command, "path": self.path,
                         "input": json.loads(body) if body else None})

    def do_openapi_json(self, body):
        field = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
        hello = {"operationId": "hello", "summary": "hello", "x-chutes": {"stream": False},
                 "requestBody": {"content": {"application/json": {
                     "schema": {"$ref": "#/components/schemas/Hello"}}}}}
        words = {"operationId": "words", "summary": "words", "x-chutes": {"stream": True}}
        self.reply(200, {"openapi": "3.1.0", "components": {"schemas": {"Hello": field}},
                         "paths": {"/hello": {"post": hello}, "/words": {"post": words}}})

    def do_hello(self, body):
        name = json.loads(body).get("name")
        if not isinstance(name, str):
            self.reply(400, {"detail": "Invalid input parameters"})
        else:
            self.reply(200, {"message": f"hello, {name}", "length": len(name)})

    def do_text(self, body):
        self.reply(200, "a\x1b[31mb é\n".encode(), "text/plain; charset=utf-8")

    def do_picture(self, body):
        self.reply(200, PNG, "image/png")

    def do_pictures(self, body):
        one = base64.b64encode(PNG).decode()
        self.reply(200, {"images": [one, f"data:image/png;base64,{one}"], "n": 2, "text": "abcd"})

    def do_words(self, body):  # as the platform's streams: no content type
        self.chunks([b"data: a\n\n", b"data: b", b" c\r\n", b"\r\n", b": x\ndata: 1\ndata: 2\n\n"],
                    pause=0.02)

    def do_chat(self, body):
        pieces = [b'data: {"choices":[{"delta":{"content":%s}}]}\n\n' % json.dumps(word).encode()
                  for word in ("He", "llo", " wörld")]
        self.chunks([*pieces, b"data: [DONE]\n\n"], "text/event-stream")

    def do_bytes(self, body):
        self.chunks(["é".encode()[:1], "é".encode()[1:], b"\nend"])

    def do_slow(self, body):
        time.sleep(30)

    def do_endless(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def do_endless_head(self, body):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b"X-Header: " + b"y" * 1000 + b"\r\n")
        except OSError:
            pass

    def do_broken_chunk(self, body):
        self.chunks([b"data: a\n\n"], end=b"zz\r\n")

    def do_short(self, body):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{")
        self.close_connection = True

    def do_nothing(self, body):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_redirect(self, body):
        self.reply(302, b"", None, Location="/echo")

    def do_invalid(self, body):
        self.reply(200, b'{"a": "\xff"}')

    def do_not_http(self, body):
        self.wfile.write(b"\x00\x01hello\r\n\r\n")
        self.close_connection = True

    def do_failing(self, body):
        self.reply(500, b"<html>\nboom\x1b[31m", "text/html")

    def do_refused(self, body):
        self.reply(400, {"detail": "Invalid input parameters"})

    def do_busy(self, body):
        self.reply(429, {"error": "RateLimitExceeded",
                         "detail": "Max concurrency exceeded: 1, try again later."})


class FakeChute(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that goes away is part of the tests
