# SPDX-License-Identifier: MIT
"""`chutes run`: ready, stopped, dead. The chutes are servers of a few lines on the Debian base."""
import json
import signal
import subprocess
import time
import urllib.request

import pytest
from real import Serving

SPEC = """\
version: 1
name: probe
server:
  command: [python3, /app/server.py, "{port}", {mode}]
  port: {port}
  ready: {{path: /healthz, timeout: {timeout}}}
  stop: {{grace: 2}}
image:
  name: probe
  base: {{debian: bookworm}}
  steps:
    - add: {{source: server.py, dest: /app/server.py}}
node_selector: {{gpu_count: 0}}
env: {{FROM_SPEC: spec, OVER: spec}}
secrets: [{{name: PROBE_SECRET, required: true}}]
cords:
  - {{function: report, public: GET /report, forward: GET /report}}
  - {{function: die, public: GET /die, forward: GET /die}}
"""

SERVER = '''\
import http.server, json, os, signal, sys, time
port, mode = int(sys.argv[1]), sys.argv[2]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(5)
        body = json.dumps({"env": dict(os.environ), "uid": os.getuid(), "cwd": os.getcwd(),
                           "caps": open("/proc/self/status").read()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
if mode == "dies":
    print("no luck today", flush=True)
    sys.exit(3)
if mode == "sleeps":
    time.sleep(1000)
if mode == "mumbles":
    Handler.do_GET = lambda self: self.wfile.write(b"ready\\r\\n")
if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''


@pytest.fixture
def probe(images, port):
    (images.cwd / "server.py").write_text(SERVER)

    def start(*args, mode="serves", timeout=30, **more):
        images.write(SPEC.format(port=port, mode=mode, timeout=timeout))
        return Serving(images, port, *args, **more)
    start.images = images
    start.port = port
    return start


def report(serving):
    return json.loads(serving.get("/report"))


def test_ready_line_and_environment(probe):
    with probe("-e", "OVER=given", env={"PROBE_SECRET": "secret-word"}) as serving:
        line = serving.wait_ready()
        assert f"http://127.0.0.1:{probe.port}" in line and "GET /report" in line
        got = report(serving)
        assert got["env"]["FROM_SPEC"] == "spec" and got["env"]["OVER"] == "given"
        assert got["env"]["PROBE_SECRET"] == "secret-word"
        assert got["uid"] == 1000 and got["cwd"] == "/app"
        assert "CapEff:\t0000000000000000" in got["caps"] and "NoNewPrivs:\t1" in got["caps"]
        assert "CHUTES_STORE" not in got["env"]
        # asking whether it is ready was no disturbance
        assert "Traceback" not in serving.text() and "reset" not in serving.text()


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped(probe, number, code):
    with probe() as serving:
        serving.wait_ready()
        serving.process.send_signal(number)
        assert serving.process.wait(20) == code
        serving.has_nothing_left()


def test_a_process_that_ignores_term(probe):
    with probe(mode="stubborn") as serving:
        serving.wait_ready()
        begin = time.monotonic()
        serving.process.send_signal(signal.SIGINT)
        assert serving.process.wait(20) == 130
        assert time.monotonic() - begin > 1.5
        serving.has_nothing_left()


def test_killed(probe):
    with probe() as serving:
        serving.wait_ready()
        serving.process.kill()
        serving.process.wait()
        serving.has_nothing_left()
    with probe() as serving:
        serving.wait_ready()


def test_dies_before_it_is_ready(probe):
    with probe(mode="dies") as serving:
        assert serving.process.wait(60) == 14
        text = serving.text()
        assert "no luck today" in text
        assert "the chute ended with status 3 before it was ready" in text


def test_dies_later(probe):
    with probe() as serving:
        serving.wait_ready()
        with pytest.raises(OSError):
            serving.get("/die")
        assert serving.process.wait(20) == 14
        assert "the chute ended with status 5\n" in serving.text()


def test_never_ready(probe):
    with probe(mode="sleeps", timeout=2) as serving:
        assert serving.process.wait(60) == 14
        text = serving.text()
        assert f"the chute did not get ready in 2 s: GET /healthz at port {probe.port}" in text
        assert "server.ready" in text
        serving.has_nothing_left()


def test_it_does_not_speak_http(probe):
    with probe(mode="mumbles", timeout=2) as serving:
        assert serving.process.wait(60) == 14
        assert ("its answer is no HTTP/1.1: a status line that is not 'HTTP/1.1 STATUS REASON'"
                in serving.text())


def test_time_is_over(probe):
    with probe("--timeout", "5s") as serving:
        serving.wait_ready()
        assert serving.process.wait(30) == 9


def test_json_document(probe):
    with probe("--json", stdout=subprocess.PIPE) as serving:
        serving.wait_ready()
        serving.process.send_signal(signal.SIGINT)
        out = serving.process.stdout.read()
        assert serving.process.wait(20) == 130
        assert json.loads(out)["error"]["code"] == "interrupted" and out.count("\n") == 1


def test_no_build(probe):
    images = probe.images
    (images.cwd / "server.py").write_text(SERVER + "# never built\n")
    images.write(SPEC.format(port=probe.port, mode="serves", timeout=5))
    done = images("run", "--no-build", check=5)
    assert "run 'chutes build'" in done.err


def test_a_secret_that_is_missing(probe):
    with probe() as serving:
        serving.wait_ready()
        assert "secret 'PROBE_SECRET' is not set" in serving.text()
        assert "PROBE_SECRET" not in report(serving)["env"]


def test_a_command_that_is_missing(images, port):
    images.write(SPEC.format(port=port, mode="x", timeout=5).replace(
        "[python3, /app/server.py", "[no-such-program").replace("add: {source: server.py, dest: "
                                                                "/app/server.py}", "run: 'true'"))
    done = images("run", "-p", "0", timeout=120)
    assert done.code == 14
    assert "'no-such-program' is not in the image" in done.err
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
