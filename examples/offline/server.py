"""Markdown over HTTP with Python's own server: `python3 server.py PORT`.

POST /render {"text"} answers {"html"}; POST /blocks {"text", "delay_ms"} streams the HTML of each
block as an event; GET /healthz says that the server is there.
"""

import http.server
import json
import sys
import time

import markdown

MAX_BODY = 1024 * 1024


class BadRequest(Exception):
    """What the client sent is not what the route takes."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, {"ok": True})
        else:
            self.answer(404, {"detail": "Not Found"})

    def do_POST(self):
        routes = {"/render": self.render, "/blocks": self.blocks}
        try:
            body = self.read_body()
            if self.path in routes:
                routes[self.path](body)
            else:
                self.answer(404, {"detail": "Not Found"})
        except BadRequest as error:
            self.answer(400, {"detail": str(error)})

    def render(self, body):
        self.answer(200, {"html": markdown.markdown(body["text"])})

    def blocks(self, body):
        delay_ms = body.get("delay_ms", 0)
        if not isinstance(delay_ms, int) or not 0 <= delay_ms <= 1000:
            raise BadRequest("'delay_ms' must be 0..1000")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, block in enumerate(filter(str.strip, body["text"].split("\n\n"))):
            if number > 0:
                time.sleep(delay_ms / 1000)
            event = json.dumps({"html": markdown.markdown(block)})
            self.send_chunk(f"data: {event}\n\n".encode())
        self.send_chunk(b"")

    def read_body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True  # what was not read cannot be the next request
            raise BadRequest(f"the body needs a Content-Length of at most {MAX_BODY}")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise BadRequest("the body is not JSON") from None
        if not isinstance(body, dict) or not isinstance(body.get("text"), str):
            raise BadRequest("'text' must be a string")
        return body

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def send_chunk(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        server.serve_forever()
