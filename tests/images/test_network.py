# SPDX-License-Identifier: MIT
"""Steps behind a private package index with a certificate authority of its own, and behind a proxy:
they get through, and nothing of it stays. Only loopback addresses."""
import base64
import http.server
import json
import shutil
import ssl
import threading
from pathlib import Path

import pytest
from real import members_of, run, spec
from test_build import wheel

USER, PASSWORD = "reader", "pass-w0rd-4711"


class Index(http.server.BaseHTTPRequestHandler):
    """The simple index of one wheel, for who knows the password. As a proxy it is one for http."""
    folder = None
    seen = []

    def do_GET(self):
        self.seen.append((self.path, self.headers.get("Authorization"),
                          self.headers.get("Proxy-Authorization")))
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.path.startswith("http://"):
            return self.answer(200, b"from far away" if self.headers.get("Proxy-Authorization")
                               == wanted else b"who are you?")
        if self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if self.path == "/simple/chutes-probe/":
            name = "chutes_probe-1.0-py3-none-any.whl"
            return self.answer(200, f'<a href="/files/{name}">{name}</a>'.encode())
        if self.path.startswith("/files/"):
            return self.answer(200, (self.folder / self.path[7:]).read_bytes())
        return self.answer(404, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """Start an Index, with TLS or without: its port."""
    started = []
    Index.folder, Index.seen = tmp_path / "wheels", []

    def start(context=None):
        httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
        if context:
            httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        started.append(httpd)
        return httpd.server_address[1]
    yield start
    for httpd in started:
        httpd.shutdown()
        httpd.server_close()


@pytest.fixture
def authority(tmp_path):
    """A certificate authority of our own, and a server certificate for 127.0.0.1."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl")

    def openssl(*args):
        run("openssl", *args, cwd=tmp_path)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
            "-days", "2", "-subj", "/CN=chutes test authority",
            "-addext", "keyUsage=keyCertSign", "-addext", "basicConstraints=critical,CA:TRUE")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=127.0.0.1")
    (tmp_path / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-out", "server.crt", "-extfile", "ext")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    return context, tmp_path / "ca.crt"


PIP = """\
    - run: ls -R /run > /dev/null; env > /dev/null
    - pip: {{packages: [chutes-probe], args: [--retries, "0", "{0}"]}}
    - run: python3 -c 'import chutes_probe; print(chutes_probe.ANSWER)'
"""


def lent(authority, port):
    """What a machine behind such an index has set."""
    quiet = {name: None for name in ("PIP_CERT", "PIP_FIND_LINKS", "PIP_CONFIG_FILE", "PIP_PROXY",
                                     "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy")}
    return {**quiet, "PIP_INDEX_URL": f"https://{USER}:{PASSWORD}@127.0.0.1:{port}/simple",
            "SSL_CERT_FILE": str(authority)}


def places_of(images, words, name, log):
    """Where any of `words` can be found: the layers, config and manifest of the image, its log, the
    records of the store."""
    found = []
    words = [word.encode() for word in words]
    manifest = images.inspect(name, "--raw")
    blobs = images.store / "oci/blobs/sha256"
    for layer in manifest["layers"]:
        for path, (entry, body) in members_of(blobs / layer["digest"][7:]).items():
            if any(word in (body or b"") or word in path.encode() for word in words):
                found.append(path)
    files = [blobs / manifest["config"]["digest"][7:], log]
    for part in ("steps", "content", "explain"):
        files += [path for path in (images.store / part).rglob("*") if path.is_file()]
    for path in files:
        if any(word in path.read_bytes() for word in words):
            found.append(str(path))
    raw = images.inspect(name, "--raw")
    if any(word in json.dumps(raw).encode() for word in words):
        found.append("manifest")
    return found


def test_private_index(images, tmp_path, server, authority):
    context, ca = authority
    wheel(tmp_path / "wheels")
    port = server(context)
    env = lent(ca, port)
    # a step's own words never come from another run's cache
    text = spec(PIP.format("--no-deps"), name=f"private-{port}")
    alone = images.build(text, "--no-host-network-config", "--no-cache", check=13, env=env)
    assert not any(path.startswith("/files") for path, _, _ in Index.seen)
    assert alone.json["error"]["where"]["line"] > 1
    done = images.build(text, "--no-cache", env=env).json["result"]
    assert any(path.startswith("/files/") for path, _, _ in Index.seen)
    certificate = ca.read_text().splitlines()[5]
    # pip itself says in the log where it looks, without the password
    log = Path(done["log"])
    places = places_of(images, [PASSWORD, certificate, str(ca)], done["name"], log)
    assert places + [place for place in places_of(images, [f"127.0.0.1:{port}"], done["name"], log)
                     if place != str(log)] == []
    # another way to the same packages is no other image
    again = images.build(None, env={**env, "PIP_INDEX_URL": None}).json["result"]
    assert again["cached"] == again["steps"] and again["digest"] == done["digest"]


def test_an_unknown_authority_is_explained(images, tmp_path, server, authority):
    context, _ = authority
    wheel(tmp_path / "wheels")
    port = server(context)
    env = {**lent("", port), "SSL_CERT_FILE": None}
    done = images.build(spec(PIP.format("--no-deps"), name=f"unknown-{port}"), "--no-cache",
                        check=13, env=env)
    assert "SSL_CERT_FILE" in done.json["error"]["hint"], done.json["error"]


def test_proxy(images, tmp_path, server):
    """Both spellings; the address and its password are the machine's own affair."""
    port = server()
    proxy = f"http://{USER}:{PASSWORD}@127.0.0.1:{port}"
    text = spec("""\
    - run: |
        python3 - <<'E'
        import urllib.request
        print(urllib.request.urlopen("http://example.invalid/x").read().decode())
        E
    - run: test "$http_proxy" = "$HTTP_PROXY" && test -n "$http_proxy"
""", name=f"proxy-{port}")
    env = {"http_proxy": proxy, "no_proxy": "", "HTTP_PROXY": None}
    done = images.build(text, "--no-cache", env=env).json["result"]
    log = Path(done["log"])
    assert "from far away" in log.read_text()
    assert Index.seen[-1][0] == "http://example.invalid/x"
    words = [PASSWORD, f"127.0.0.1:{port}"]
    assert places_of(images, words, done["name"], log) == []
    config = json.dumps(images.inspect(done["name"], "--config", "--raw"))
    assert "proxy" not in config.lower().replace(f"proxy-{port}", "").replace("http_proxy", "")
    alone = images.build(text, "--no-cache", "--no-host-network-config", env=env, check=13)
    assert alone.json["error"]["code"] == "build"
