# SPDX-License-Identifier: MIT
"""Why a chute ended, or never got ready: each way of it is told apart, and says what helps."""
import contextlib
import os
import signal
from pathlib import Path

import pytest
from harness import wait_for
from real import Serving

SPEC = """\
version: 1
name: probe
server:
  command: [python3, /app/server.py, {mode}, "{port}"]
  port: {port}
  ready: {{path: /healthz, timeout: {timeout}, interval: 0.2}}
  stop: {{signal: {signal}, grace: {grace}}}
  restart: {restart}
image:
  name: probe
  base: {{debian: bookworm}}
  steps:
    - add: {{source: server.py, dest: /app/server.py}}
node_selector: {{gpu_count: 0}}
cords: [{{function: report, public: GET /report, forward: GET /report}}]
"""
SERVER = '''\
import ctypes, http.server, os, signal, subprocess, sys, time
mode, port = sys.argv[1], int(sys.argv[2])
print("begin", flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if mode == "busy" else 200)
        self.end_headers()
def leave(number, frame):
    print("asked with", number, flush=True)
    sys.exit(0)
if mode == "dies":
    sys.exit(3)
if mode == "crashes":
    ctypes.string_at(0)
if mode == "swells":
    held = []
    while True:
        held.append(bytearray(b"x") * (1 << 20))
if mode == "polite":
    signal.signal(signal.SIGINT, leave)
if mode == "parent":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    subprocess.Popen([sys.executable, __file__, "child", "0"])
if mode == "child":
    signal.signal(signal.SIGTERM, leave)
    time.sleep(100)
http.server.ThreadingHTTPServer(
    ("127.0.0.1", port + 1 if mode == "elsewhere" else port), Handler).serve_forever()
'''
HANDLERS = """\
version: 1
name: plain
handlers: {{file: app.py}}
image:
  name: plain
  base: {base}
  steps:
    - env: {{A: "1"}}
node_selector: {{gpu_count: 0}}
cords: [{{function: hello, public: POST /hello}}]
"""


@pytest.fixture
def probe(images, port):
    (images.cwd / "server.py").write_text(SERVER)

    def start(mode, *args, timeout=30, restart="never", number="TERM", grace=5, **more):
        images.write(SPEC.format(port=port, mode=mode, timeout=timeout, restart=restart,
                                 signal=number, grace=grace))
        return Serving(images, port, "--port", port, *args, **more)
    start.port = port
    start.images = images
    return start


def end(serving, seconds=60):
    """Its exit status and what it said."""
    with serving:
        return serving.process.wait(seconds), serving.text()


def test_another_port(probe):
    code, text = end(probe("elsewhere", timeout=8))
    said = f"the server listens on port {probe.port + 1}, not on 'server.port' {probe.port}"
    assert code == 14 and f"warning: {said}\n" in text
    assert f"the chute did not get ready in 8 s: {said}\n" in text
    assert "hint" not in text or "same port" in text


def test_another_status(probe):
    code, text = end(probe("busy", timeout=2))
    assert code == 14 and f"GET /healthz at port {probe.port}\n" in text
    assert "it answers 503, and 'server.ready.status' is 200" in text


def test_a_crash(probe):
    code, text = end(probe("crashes"))
    assert code == 14
    assert "the chute died of signal 11 (Segmentation fault) before it was ready\n" in text


def test_restarted_three_times(probe):
    code, text = end(probe("dies", restart="on-failure"))
    assert code == 14 and text.count("begin\n") == 4
    assert [f"restart {n}\n" in text for n in (1, 2, 3, 4)] == [True] * 3 + [False]
    assert "the chute ended with status 3 before it was ready\n" in text
    assert "it was restarted 3 times" in text


def test_the_signal_of_the_spec(probe):
    with probe("polite", number="INT") as serving:
        serving.wait_ready()
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(20) == 143
        assert f"asked with {int(signal.SIGINT)}\n" in serving.text()


def test_a_signal_that_process_one_does_not_catch(probe):
    """Elsewhere it would end the process, and so it does here, long before it is killed; its
    children are asked, too."""
    with probe("plain", grace=25) as serving:
        serving.wait_ready()
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(20) == 143
    with probe("parent") as serving:
        serving.wait_ready()
        wait_for(lambda: serving.text().count("begin\n") == 2)
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(20) == 143
        assert f"asked with {int(signal.SIGTERM)}\n" in serving.text()


@contextlib.contextmanager
def memory_group(limit):
    """A control group with a limit; how its processes get there."""
    one = Path("/sys/fs/cgroup/memory")
    group = (one if one.is_dir() else Path("/sys/fs/cgroup")) / f"chutes-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if one.is_dir() else "memory.max")).write_text(limit)
        (group / ("memory.swappiness" if one.is_dir() else "memory.swap.max")).write_text("0")
    except OSError as error:
        with contextlib.suppress(OSError):
            group.rmdir()
        pytest.skip(f"no control group of memory: {error}")
    yield group
    wait_for(lambda: not (group / "cgroup.procs").read_text().split())
    group.rmdir()


def test_memory_runs_out(probe):
    images = probe.images
    images.write(SPEC.format(port=probe.port, mode="swells", timeout=60, restart="never",
                             signal="TERM", grace=5))
    images.build()
    with memory_group("256M") as group:
        script = images.cwd / "limited.sh"
        script.write_text(f"#!/bin/sh\necho $$ > {group}/cgroup.procs && "
                          f"exec {images.program} \"$@\"\n")
        script.chmod(0o755)
        images.program = script
        code, text = end(probe("swells"))
    assert code == 14
    assert "memory ran out, and the kernel killed the chute before it was ready\n" in text


def run_handlers(images, base, code="def hello(self):\n    return 1\n"):
    (images.cwd / "app.py").write_text(code)
    images.write(HANDLERS.format(base=base))
    return images("run", "--port", 0, timeout=120)


def test_an_image_without_python(own, tiny):
    done = run_handlers(own, tiny)
    assert done.code == 14
    assert "error: 'python3' is not in the image\n" in done.err
    assert "- apt: [python3, python3-pip]" in done.err


def test_an_image_without_fastapi(images):
    done = run_handlers(images, "{debian: bookworm}")
    assert done.code == 14, done.err
    error, hint = done.err.splitlines()[-2:]
    assert error.startswith("error: the image has no fastapi")
    assert "add this to 'image.steps' in chute.yaml: '- pip: [" in hint
