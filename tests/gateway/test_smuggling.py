# SPDX-License-Identifier: MIT
"""Odd requests with another one hidden behind them, straight to the gateway and through nginx: what
is refused brings nothing behind it to the chute, and no answer reaches another request."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys

import pytest
from harness import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from http_shapes import REQUEST, shapes  # noqa: E402

CORDS = """
cords:
  - {function: one, public: POST /raw}
  - {function: two, public: GET /raw}
  - {function: three, public: GET /hidden}
"""
CODE = "\n\n".join(f"async def {name}(self):\n    return {{}}\n" for name in ("one", "two", "three"))
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    log_format short '$request_uri $upstream_status';
    access_log {folder}/access.log short;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream gateway {{ server {address}; keepalive 8; }}
    server {{
        listen unix:{folder}/listen;
        client_body_timeout 2s;
        client_header_timeout 2s;
        keepalive_timeout 1s;
        location / {{
            proxy_pass http://gateway;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_next_upstream off;
        }}
    }}
}}
"""

def disguise(number, message):
    """The message with a path of its own, and another request behind it."""
    hidden = b"GET /hidden?%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % number
    return message.replace(b" / HTTP/", b" /raw?%d HTTP/" % number, 1) + hidden


def talk(client, pieces):
    """All that comes back until the other side ends."""
    client.settimeout(20)
    heard = b""
    with client:
        try:
            for piece in pieces:
                client.sendall(piece)
            while data := client.recv(65536):
                heard += data
        except (ConnectionResetError, BrokenPipeError):
            pass
    return heard


class Paths:
    """A chute that notes and answers the path of each request."""

    def __init__(self, upstream):
        self.seen = []
        upstream.answer = self.answer

    def answer(self, handler):
        self.seen.append(handler.path)
        handler.send(f'{{"path": "{handler.path}"}}')

    def numbers(self, path):
        return [int(seen.partition("?")[2]) for seen in self.seen if seen.startswith(path + "?")]


def answered(heard):
    return [int(n) for n in re.findall(rb'"path": "/(?:raw|hidden)\?(\d+)"', heard)]


@pytest.fixture
def cases():
    """(name, status, bytes) of each request that is complete."""
    found = [(shape.name, shape.want, shape.bytes) for shape in shapes()
             if shape.kind == REQUEST and shape.want != 0]
    assert len(found) > 80
    return found


@pytest.mark.parametrize("step", [None, 1], ids=["whole", "byte by byte"])
def test_straight(gateway, upstream, cases, step):
    chute = gateway(CORDS, "any-host", files={"app.py": CODE}, upstream=upstream.path)
    paths = Paths(upstream)
    n_through = 0
    for number, (name, want, message) in enumerate(cases):
        data = disguise(number, message)
        if step and len(data) > 1000:
            continue
        client = socket.create_connection(("127.0.0.1", chute.port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        heard = talk(client, [data[i:i + step] for i in range(0, len(data), step)] if step else [data])
        assert heard.startswith(b"HTTP/1.1 "), name
        if want != 200:
            assert heard.startswith(b"HTTP/1.1 %d " % want), (name, heard)
            assert heard.count(b"HTTP/1.1 ") == 1, (name, heard)
        assert set(answered(heard)) <= {number}, name
        n_through += want == 200
    refused = {number for number, (_, want, _) in enumerate(cases) if want != 200}
    assert n_through > 20 and paths.numbers("/raw")
    assert not refused & {*paths.numbers("/raw"), *paths.numbers("/hidden")}
    assert chute("GET", "/_ping").status == 200


@pytest.fixture
def nginx(tmp_path):
    """nginx(address) -> the folder with its socket `listen` and its access.log."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not os.path.exists(program):
        pytest.skip("no nginx here")
    started = []

    def start(address):
        folder = tmp_path / "nginx"
        folder.mkdir()
        user = "user root;\n" if os.geteuid() == 0 else ""
        (folder / "conf").write_text(user + NGINX.format(folder=folder, address=address))
        started.append(subprocess.Popen([program, "-c", folder / "conf", "-p", folder],
                                        stderr=subprocess.DEVNULL))
        wait_for((folder / "listen").exists, tell=(folder / "error.log").read_text)
        return folder

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def test_through_nginx(gateway, upstream, cases, nginx):
    chute = gateway(CORDS, "any-host", files={"app.py": CODE}, upstream=upstream.path)
    paths = Paths(upstream)
    folder = nginx(chute.address)
    for number, (name, _, message) in enumerate(cases):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(folder / "listen"))
        heard = talk(client, [disguise(number, message)])
        assert set(answered(heard)) <= {number}, (name, "the answer to another request")

    def sent_on():
        """What nginx passed on, as its log has it a moment after the answer."""
        lines = (folder / "access.log").read_text().splitlines()
        return [line for line in lines if not line.endswith(" -")]

    def n_served():
        return sum(line.count(" ") >= 3 for line in chute.log.splitlines())

    wait_for(lambda: len(sent_on()) == n_served(), tell=lambda: (sent_on(), chute.log))
    hidden = [line for line in sent_on() if line.startswith("/hidden?")]
    assert len(paths.numbers("/hidden")) == len(hidden) > 10
