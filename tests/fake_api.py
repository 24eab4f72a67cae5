# SPDX-License-Identifier: MIT
"""An API server for tests that believes nobody: each signature of both schemes is verified with
schnorrkel's binding, by the rules of the hosted platform and of btauth/1. `api.next(...)` says how
the next requests are answered, once they have passed; `api.seen` is what came."""
import hashlib
import json
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from harness import environment

SERVER_KEY = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
API_KEY = "cpk_" + "a" * 32 + "." + "b" * 32 + "." + "C" * 32
KEPT = 64 * 1024  # bytes of a body that are remembered
PURPOSES = [
    (r"(GET|DELETE) /(images|chutes|api_keys|secrets)(/.*)?", None),
    (r"GET /users/me", "me"),
    (r"GET /instances/[^/]+/logs", "logs"),
]
N_ITEMS = 60
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def public_key(address):
    """The key of an SS58 address of Bittensor's network."""
    number = 0
    for letter in address:
        number = number * 58 + ALPHABET.index(letter)
    raw = number.to_bytes(35, "big")
    check = hashlib.blake2b(b"SS58PRE" + raw[:33], digest_size=64).digest()
    if raw[0] != 42 or raw[33:] != check[:2]:
        raise ValueError("no address")
    return raw[1:33]


class Verifier:
    """schnorrkel in a process of its own."""

    def __init__(self):
        python = environment("sr25519", ["py-sr25519-bindings==0.2.4"])
        script = Path(__file__).with_name("verify_signatures.py")
        self.lock = threading.Lock()
        self.process = subprocess.Popen([python, script], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def holds(self, address, message, signature):
        with self.lock:
            self.process.stdin.write(f"{public_key(address).hex()} {message.encode().hex()} "
                                     f"{signature.hex()}\n")
            self.process.stdin.flush()
            return self.process.stdout.readline() == "1\n"

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@dataclass
class Seen:
    """One request as it came."""
    method: str
    target: str
    headers: list
    length: int = 0
    body: bytes = b""
    body_hash: str = ""
    auth: str = "none"
    refused: str = ""
    reply: str = ""

    def header(self, name):
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) < 2, f"{name} is there twice"
        return found[0] if found else None


@dataclass
class Reply:
    """An answer of the script. `kind`: "plain", or a way to break off: "reset" before anything,
    "reset-body" within the body, "short" (less than Content-Length says), "silent" (nothing more
    comes), "slow" (a byte at a time), "early" (before the body was read)."""
    status: int = 200
    body: bytes = b"{}"
    headers: dict = field(default_factory=dict)
    kind: str = "plain"
    content_type: str = "application/json"


def reply(status=200, body=b"{}", kind="plain", content_type="application/json", **headers):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()},
                 kind, content_type)


class Refused(Exception):
    pass


class Checks:
    """The rules: who may ask."""

    def __init__(self, scheme, verifier):
        self.scheme, self.verifier = scheme, verifier
        self.skew = 0  # seconds that the server's clock is ahead
        self.used = set()
        self.n_verified = 0
        self.keys = {API_KEY}

    def now(self):
        return time.time() + self.skew

    def check(self, seen):
        """"hotkey", "key" or "none"."""
        chutes = [seen.header(f"X-Chutes-{name}") for name in ("Hotkey", "Nonce", "Signature")]
        bittensor = [name for name, _ in seen.headers if name.lower().startswith("x-bittensor-")]
        authorization = seen.header("Authorization")
        if bool(any(chutes)) + bool(bittensor) + bool(authorization) > 1:
            raise Refused("more than one credential")
        if any(chutes):
            if self.scheme != "chutes":
                raise Refused("X-Chutes headers are not taken here")
            self.check_chutes(seen, *chutes)
            return "hotkey"
        if bittensor:
            if self.scheme != "btauth":
                raise Refused("X-Bittensor headers are not taken here")
            self.check_btauth(seen)
            return "hotkey"
        if authorization:
            if authorization.split()[-1] not in self.keys:
                raise Refused("Invalid token or user not found")
            return "key"
        return "none"

    def verify(self, hotkey, message, signature):
        if len(signature) != 64 or not self.verifier.holds(hotkey, message, signature):
            raise Refused(f"Invalid request signature for hotkey {hotkey}. Message: {message}")
        self.n_verified += 1

    def check_chutes(self, seen, hotkey, nonce, signature):
        if not (hotkey and nonce and signature):
            raise Refused("a header is missing")
        if not re.fullmatch("[0-9]+", nonce) or abs(self.now() - int(nonce)) >= 600:
            raise Refused("Invalid nonce!")
        if not re.fullmatch("[0-9a-f]{128}", signature):
            raise Refused("Invalid signature: not of its form")
        purpose = self.purpose(seen)
        if purpose is None and seen.method not in ("POST", "PUT", "PATCH"):
            raise Refused("Either payload_str or purpose must be provided")
        self.verify(hotkey, f"{hotkey}:{nonce}:{purpose or seen.body_hash}",
                    bytes.fromhex(signature))
        if seen.method != "GET" and signature in self.used:
            raise Refused("this signature was used before")
        self.used.add(signature)

    @staticmethod
    def purpose(seen):
        path = seen.target.partition("?")[0]
        for pattern, purpose in PURPOSES:
            if match := re.fullmatch(pattern, f"{seen.method} {path}"):
                return purpose or match[2]
        return None

    def check_btauth(self, seen):
        part = {name: seen.header(f"X-Bittensor-{name}") for name in (
            "Version", "Hotkey", "Receiver", "Nonce", "Crypto", "Signature", "Body-SHA256")}
        if part["Version"] != "1" or part["Crypto"] not in (None, "sr25519"):
            raise Refused("another version")
        if part["Receiver"] != SERVER_KEY:
            raise Refused("signed for somebody else")
        if not re.fullmatch("[0-9]{19}", part["Nonce"] or ""):
            raise Refused("Invalid nonce!")
        age = self.now() - int(part["Nonce"]) / 1e9
        if age > 10 or age < -2:
            raise Refused("Invalid nonce!")
        if part["Body-SHA256"] != seen.body_hash:
            raise Refused("this is not the body that was signed")
        if not re.fullmatch("0x[0-9a-f]{128}", part["Signature"] or ""):
            raise Refused("Invalid signature: not of its form")
        lines = ["btauth/1", "sr25519", seen.method, seen.target, seen.body_hash, part["Nonce"],
                 part["Hotkey"], part["Receiver"]]
        self.verify(part["Hotkey"], "\n".join(lines), bytes.fromhex(part["Signature"][2:]))
        if (part["Hotkey"], part["Nonce"]) in self.used:
            raise Refused("this nonce was used before")
        self.used.add((part["Hotkey"], part["Nonce"]))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return formatdate(self.server.checks.now(), usegmt=True)

    def read_body(self, seen):
        seen.length = int(self.headers.get("Content-Length") or 0)
        digest = hashlib.sha256()
        left = seen.length
        while left:
            piece = self.rfile.read(min(left, 1 << 20))
            if not piece:
                raise ConnectionError
            digest.update(piece)
            seen.body = (seen.body + piece)[:KEPT]
            left -= len(piece)
        seen.body_hash = digest.hexdigest()

    def handle_any(self):
        api = self.server
        seen = Seen(self.command, self.path, self.headers.items())
        answer = api.script.pop(0) if api.script else None
        if answer and answer.kind == "early":
            api.seen.append(seen)
            return self.send(answer)
        try:
            self.read_body(seen)
            seen.auth = api.checks.check(seen)
        except Refused as refused:
            seen.refused = str(refused)
            answer = reply(401, {"detail": seen.refused})
        except (ConnectionError, ssl.SSLError):
            seen.refused = "the body broke off"
            self.close_connection = True
            answer = None
        api.seen.append(seen)
        if seen.refused != "the body broke off":
            self.send(answer or self.route(seen))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def reset(self):
        """Close with RST."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def send(self, answer):
        if answer.kind == "reset":
            return self.reset()
        self.send_response(answer.status)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        extra = 10 if answer.kind in ("reset-body", "short", "silent") else 0
        self.send_header("Content-Length", str(len(answer.body) + extra))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.close_connection = bool(extra) or answer.kind == "early"
        self.end_headers()
        if self.command == "HEAD":
            return None
        if answer.kind == "slow":
            for byte in answer.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.01)
            return None
        self.wfile.write(answer.body)
        if answer.kind == "silent":
            self.server.silence.wait(30)
        if answer.kind == "reset-body":
            time.sleep(0.05)  # what came before an RST may be dropped
            self.reset()
        return None

    def route(self, seen):
        url = urlsplit(seen.target)
        if url.path == "/users/me" and seen.auth == "none":
            return reply(401, {"detail": "Can't find a user with that api key in our db :("})
        if url.path == "/users/me":
            return reply(200, {"user_id": "3f1c0f1e", "username": "alice", "balance": 1.5})
        if url.path == "/chutes/" and seen.method == "GET":
            return self.page(parse_qs(url.query))
        if size := re.fullmatch("/bytes/([0-9]+)", url.path):
            return reply(200, b"x" * int(size[1]), content_type="application/octet-stream")
        if url.path == "/missing":
            return reply(404, {"detail": "no such thing"}, X_Request_ID="r-1")
        return reply(200, {"method": seen.method, "target": seen.target, "auth": seen.auth,
                           "length": seen.length})

    @staticmethod
    def page(query):
        page = int(query.get("page", ["0"])[0])
        limit = int(query.get("limit", ["25"])[0]) or 25
        numbers = range(page * limit, min((page + 1) * limit, N_ITEMS))
        return reply(200, {"total": N_ITEMS, "page": page, "limit": limit,
                           "items": [{"chute_id": f"c{n}"} for n in numbers],
                           "cord_refs": {f"ref{page}": {"n": page}}})


class FakeApi(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, verifier, scheme="chutes", tls=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.checks = Checks(scheme, verifier)
        self.seen, self.script = [], []
        self.silence = threading.Event()
        self.port = self.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # clients that leave are no fault of this server

    def next(self, *answers):
        self.script.extend(answers)

    def close(self):
        self.silence.set()
        self.shutdown()
        self.server_close()


class Proxy(ThreadingHTTPServer):
    """An HTTP proxy to which every name is the same server."""
    daemon_threads = True
    block_on_close = False

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_CONNECT(self):
            self.server.seen.append(("CONNECT", self.path, self.headers.items()))
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.wfile.flush()
            with socket.create_connection(("127.0.0.1", self.server.port_behind)) as behind:
                back = threading.Thread(target=self.copy, args=(behind, self.connection))
                back.start()
                self.copy(self.connection, behind)
                back.join(20)
            self.close_connection = True

        def do_GET(self):
            self.server.seen.append(("GET", self.path, self.headers.items()))
            body = b'{"proxied": true}'
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

        @staticmethod
        def copy(source, to):
            try:
                while piece := source.recv(65536):
                    to.sendall(piece)
                to.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def __init__(self, port_behind):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.port_behind, self.seen = port_behind, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def close(self):
        self.shutdown()
        self.server_close()


def certificate(folder, *names):
    """A private authority and server in one: the files of certificate and key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=chutes test",
                    "-addext", "subjectAltName=" + ",".join(names), "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return cert, key
