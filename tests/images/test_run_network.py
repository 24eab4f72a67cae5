# SPDX-License-Identifier: MIT
"""The network of a chute: the outside while it starts, loopback afterwards, whatever was asked."""
import json
import os
import random
import shutil
import socket
import threading

import pytest
from harness import wait_for
from real import Serving

SPEC = """\
version: 1
name: probe
server:
  command: [python3, /app/server.py, "{port}"]
  port: {port}
  ready: {{path: /, timeout: 30, interval: 0.1}}
  stop: {{grace: 2}}
image:
  name: probe
  base: {{debian: bookworm}}
  steps:
    - add: {{source: server.py, dest: /app/server.py}}
node_selector: {{gpu_count: 0}}
security: {{allow_external_egress: {egress}}}
cords: [{{function: report, public: GET /report, forward: GET /report}}]
"""
SERVER = '''\
import http.server, json, os, socket, sys

def interfaces():
    return [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]

def look_up(name):
    try:
        return socket.getaddrinfo(name, 80, socket.AF_INET)[0][4][0]
    except OSError as error:
        return str(error)

def through(proxy):
    try:
        host, port = proxy.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), 5) as connection:
            return connection.recv(100).decode()
    except (OSError, ValueError, IndexError) as error:
        return str(error)

def report():
    return {"interfaces": interfaces(), "name": look_up("chute-test.example"),
            "proxy": through(os.environ.get("http_proxy", "")), "environ": dict(os.environ)}

first = report()

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"" if self.path == "/" else json.dumps([first, report()]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
PROGRAMS = ("pasta", "slirp4netns")


def behind(script, program, mounts):
    """The program where it sees these mounts."""
    inner = " && ".join(f"mount --bind {what} {where}" for what, where in mounts)
    script.write_text(f"#!/bin/sh\nexec unshare -m --propagation private sh -c "
                      f"'{inner} && exec \"$0\" \"$@\"' {program} \"$@\"\n")
    script.chmod(0o755)
    return script


@pytest.fixture
def serving(images, port):
    (images.cwd / "server.py").write_text(SERVER)
    started = []

    def start(*args, egress="false", hidden=(), mounts=(), at=None, **more):
        images.write(SPEC.format(port=at or port, egress=egress))
        images.build()
        before = images.program
        if hidden or mounts:
            images.program = behind(images.cwd / "start.sh", before,
                                    [("/dev/null", shutil.which(name)) for name in hidden] + list(mounts))
        got = Serving(images, port, "--port", port, *args, **more)
        images.program = before
        started.append(got)
        got.__enter__()
        got.wait_ready()
        return got
    yield start
    for got in started:
        got.__exit__(None, None, None)


def report(serving):
    return json.loads(serving.get("/report"))


NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@NEEDS_ROOT
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_outside_until_it_is_ready(serving, program):
    got = serving(hidden=[name for name in PROGRAMS if name != program])
    first, later = report(got)
    assert len(first["interfaces"]) == 2 and "lo" in first["interfaces"], got.text()
    assert later["interfaces"] == ["lo"]
    assert "egress" not in got.text()


@pytest.mark.parametrize("args, egress", [(["--allow-egress"], "false"), ([], "true")])
def test_the_outside_for_ever(serving, args, egress):
    first, later = report(serving(*args, egress=egress))
    assert first["interfaces"] == later["interfaces"] and len(later["interfaces"]) == 2


@NEEDS_ROOT
def test_no_program_makes_a_way(serving):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        other = free.getsockname()[1]
    got = serving(hidden=PROGRAMS, at=other)
    assert "warning: egress not locked: program 'pasta' not found; " in got.text()
    first, later = report(got)
    assert first["interfaces"] == later["interfaces"]
    assert set(later["interfaces"]) == set(os.listdir("/sys/class/net"))


class Resolver(threading.Thread):
    """Answers every question for an IPv4 address with 192.0.2.7."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.start()

    def run(self):
        while True:
            question, peer = self.socket.recvfrom(512)
            end = question.index(b"\0", 12) + 5
            answer = (question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question[12:end] +
                      b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\xc0\0\2\7")
            self.socket.sendto(answer, peer)


@NEEDS_ROOT
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_resolver_and_a_proxy_of_the_hosts_loopback(serving, program, images):
    address = f"127.{random.randrange(1, 255)}.{random.randrange(1, 255)}.53"
    try:
        Resolver(address)
    except OSError as error:
        pytest.skip(f"no resolver here: {error}")
    (images.cwd / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:1 attempts:2\n")
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        def serve():
            while True:
                try:
                    connection = proxy.accept()[0]
                except OSError:
                    return
                connection.sendall(b"here is the proxy")
                connection.close()
        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        got = serving(hidden=[name for name in PROGRAMS if name != program],
                      mounts=[(images.cwd / "resolv.conf", "/etc/resolv.conf")],
                      env={"http_proxy": url})
        first, later = report(got)
    assert first["name"] == "192.0.2.7", first
    assert first["proxy"] == "here is the proxy", first
    assert later["name"] != "192.0.2.7" and later["proxy"] != "here is the proxy", later
    assert "127.0.0.1" in first["environ"]["no_proxy"]
    note = ("warning: for its proxy the chute reaches all ports of this machine's 127.0.0.1 until it "
            "is ready: slirp4netns cannot open just one (install passt for that)")
    assert (note in got.text()) == (program == "slirp4netns"), got.text()


def test_killed_with_its_way_out(serving):
    """The program that leads outside lives in the sandbox, and goes with it."""
    got = serving(egress="true")
    mine = [pid for pid in os.listdir("/proc") if pid.isdigit()
            and name_of(pid).startswith(("pasta", "passt")) and str(got.process.pid) in above(pid)]
    assert len(mine) == 1
    got.process.kill()
    got.process.wait()
    wait_for(lambda: not os.path.exists(f"/proc/{mine[0]}"))
    got.has_nothing_left()


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as name:
            return name.read()
    except OSError:
        return ""


def above(pid):
    """The processes that it descends from."""
    while pid != "0":
        try:
            with open(f"/proc/{pid}/stat") as stat:
                pid = stat.read().rsplit(")", 1)[1].split()[1]
        except OSError:
            return
        yield pid
