# SPDX-License-Identifier: MIT
"""`chutes test` and `chutes invoke` with a chute that really runs: a server of a few lines on the
Debian base. However the command ends, nothing is left running."""
import signal
import subprocess

import pytest
from harness import wait_for

SPEC = """\
version: 1
name: tested
server:
  command: [python3, /app/server.py]
  port: 9123
  ready: {path: /healthz, timeout: 30}
  stop: {grace: 2}
image:
  name: tested
  base: {debian: bookworm}
  steps:
    - add: {source: server.py, dest: /app/server.py}
node_selector: {gpu_count: 0}
cords:
  - {function: double, public: POST /double, forward: POST /double, example: {n: 2}}
  - {function: wait, public: POST /wait, forward: POST /wait}
tests:
  - {name: doubles, cord: double, input: {n: 21}, expect: {json: {twice: 42}}}
"""
SERVER = '''\
import http.server, json, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({})
    def do_POST(self):
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
        if self.path == "/wait":
            print("now it waits", flush=True)
            time.sleep(60)
        self.answer({"twice": 2 * given["n"]})
    def answer(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", 9123), Handler).serve_forever()
'''
WAITING = "  - {name: waits, cord: wait}\n"


@pytest.fixture
def tested(images):
    """A project that is built."""
    (images.cwd / "server.py").write_text(SERVER)
    images.build(SPEC)
    return images


def has_none_running(images):
    """Neither a running chute nor what is left of one."""
    return images("ps", "--json", check=0).json["result"]["chutes"] == [] and \
        not list((images.cwd.parent / "run").glob("chutes/run/test*"))


def test_the_chute_itself(tested):
    got = tested("test", check=0, timeout=120)
    lines = [line.rsplit("  ", 1)[0] for line in got.out.splitlines()]
    assert lines == ["ok 1 double: example", "ok 2 double: doubles", "2 passed, 0 failed"]
    assert has_none_running(tested)
    tested.write(SPEC.replace("twice: 42", "twice: 43"))
    got = tested("test", check=16, timeout=120)
    assert '-  "twice": 43' in got.out and '+  "twice": 42' in got.out
    assert has_none_running(tested)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left(tested, number):
    tested.write(SPEC + WAITING)
    process = tested.start("test", stdout=subprocess.DEVNULL)
    wait_for(lambda: "now it waits" in tested("logs", f"test.{process.pid}.tested").out)
    process.send_signal(number)
    assert process.wait(30) == (-number if number == signal.SIGKILL else 128 + number)
    wait_for(lambda: has_none_running(tested))


def test_invoke_finds_the_running_chute(tested):
    tested("run", "-d", "--publish", "0", check=0, timeout=120)
    try:
        assert tested("invoke", "double", "-i", "n=4", check=0).json == {"twice": 8}
        assert tested("test", "--url", tested("ps", "--json").json["result"]["chutes"][0]["address"],
                      check=0).out.endswith("2 passed, 0 failed\n")
    finally:
        tested("stop", "tested")
    assert has_none_running(tested)


JOB = """\
version: 1
name: counting
image:
  name: tested
  base: {debian: bookworm}
node_selector: {gpu_count: 0}
jobs:
  - {function: counted, command: [python3, -c, "import sys; sys.exit(3)"]}
tests:
  - {name: counts, cord: counted}
"""


def test_a_job_that_fails(images):
    images.write(JOB)
    got = images("test", check=16, timeout=300)
    assert "not ok 1 counted: counts" in got.out and got.out.endswith("0 passed, 1 failed\n")
