# SPDX-License-Identifier: MIT
"""Chutes that run here, for real: in the background, watched, killed at random instants, and jobs."""
import json
import os
import random
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from harness import wait_for
from real import processes

ROUNDS = int(os.environ.get("CHUTES_TEST_ROUNDS", "5"))
SEED = 20261122
SPEC = """\
version: 1
name: probe
server:
  command: [python3, /app/server.py]
  port: 9000
  ready: {path: /healthz, timeout: 60}
  stop: {grace: 2}
image:
  name: probe
  base: {debian: bookworm}
  steps:
    - add: {source: server.py, dest: /app/server.py}
node_selector: {gpu_count: 0}
cords: [{function: report, public: GET /report, forward: GET /report}]
"""
SERVER = '''\
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"word": "one"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
print("serving", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", 9000), Handler).serve_forever()
'''
JOB = """\
version: 1
name: worker
image: {name: worker, base: {debian: bookworm}}
node_selector: {gpu_count: 0}
jobs:
  - function: copy
    command: [/bin/sh, -c, "exit 3"]
    timeout: 30
    args:
      top: {type: integer, required: true, ge: 1}
"""


@pytest.fixture
def local(images):
    (images.cwd / "server.py").write_text(SERVER)
    images.write(SPEC)
    yield images
    images("stop", "--all", check=0)
    check_gone(images)


def check_gone(local, pids=()):
    """Nothing runs, is mounted or listed."""
    wait_for(lambda: not local.holders())
    mounts = Path("/proc/self/mountinfo").read_text()
    for pid in pids:
        mine = f"{local.store}/tmp/{pid}."
        wait_for(lambda: not processes(mine))
        assert mine not in mounts
    assert listed(local) == []


def listed(local):
    return local("ps", "--json", check=0).json["result"]["chutes"]


def word(address):
    with urllib.request.urlopen(f"http://{address}/report", timeout=20) as reply:
        return json.loads(reply.read())["word"]


def start(local, *args):
    return local("run", "-d", "-p", "0", "--json", *args, check=0,
                 timeout=120).json["result"]["address"]


def test_detached(local):
    address = start(local)
    assert word(address) == "one"
    assert listed(local)[0]["image"].startswith("probe:")
    log = local("logs", check=0).out
    assert "serving\n" in log and '"GET /report" 200' in log
    pids = local.holders()
    assert local("stop", check=0).out == "probe\n"
    check_gone(local, pids)


def test_one_that_never_stops_writing(local):
    """Neither requests nor the end wait for its output."""
    spam = "import os, threading\ndef spam():\n    while True: os.write(1, b'y\\n' * 32768)\n"
    (local.cwd / "server.py").write_text(SERVER.replace(
        "print(", f"{spam}threading.Thread(target=spam, daemon=True).start()\nprint("))
    address = start(local)
    assert word(address) == "one"
    pids = local.holders()
    assert local("stop", check=0, timeout=60).out == "probe\n"
    check_gone(local, pids)


def test_watched(local):
    address = start(local, "--watch")
    server = local.cwd / "server.py"
    changed = local.cwd / "new.py"
    changed.write_text(SERVER.replace("one", "two"))
    changed.rename(server)
    # requests wait for the restart: every one is answered, in the end by the new one
    wait_for(lambda: word(address) == "two")
    assert "restarted in " in local("logs", check=0).out
    # one that dies is told, and comes back with the next change
    server.write_text("print('no luck today')\nraise SystemExit(3)\n")
    wait_for(lambda: listed(local)[0]["state"] == "down")
    with pytest.raises(urllib.error.HTTPError) as failed:
        word(address)
    assert failed.value.code == 502
    server.write_text(SERVER.replace("one", "three"))
    wait_for(lambda: listed(local)[0]["state"] == "ready")
    assert word(address) == "three"
    # a change of the image's recipe
    local.write(SPEC.replace("  steps:\n", "  steps:\n    - run: 'true'\n"))
    wait_for(lambda: "rebuilt in " in local("logs", check=0).out)
    assert word(address) == "three"


def test_changed_while_it_ends(local):
    """What is wrong then does not take away the one that has its turn."""
    stubborn = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    server = local.cwd / "server.py"
    server.write_text(stubborn + SERVER)
    address = start(local, "--watch")
    server.write_text(SERVER.replace("one", "two"))
    wait_for(lambda: listed(local)[0]["state"] == "restarting")
    local.write("version: 1\n")
    wait_for(lambda: "error: " in local("logs", check=0).out)
    assert word(address) == "two"


@pytest.mark.parametrize("name, content", [("server.py", SERVER), ("chute.yaml", "version: 1\n")])
def test_changed_before_it_is_ready(local, name, content):
    """Whether the change is taken up or wrong: who waits is told as soon as something is ready."""
    slow = "import time\nprint('begun', flush=True)\ntime.sleep(2)\n"
    (local.cwd / "server.py").write_text(slow + SERVER)
    process = local.start("run", "-d", "-p", "0", "--watch")
    wait_for(lambda: "begun" in local("logs", "probe").out)
    (local.cwd / name).write_text(content)
    assert process.wait(60) == 0
    assert listed(local)[0]["state"] == "ready"
    assert "restarted" not in local("logs", check=0).out


def test_why_it_does_not_start(local):
    (local.cwd / "server.py").write_text("print('no luck today')\nraise SystemExit(3)\n")
    done = local("run", "-d", "-p", "0", check=14, timeout=120)
    assert "no luck today" in done.err and "status 3" in done.err
    assert listed(local) == []


def test_killed_at_random_instants(local):
    """Any of its processes, at any time."""
    print(f"seed {SEED}, {ROUNDS} rounds")
    random.seed(SEED)
    begin = time.monotonic()
    start(local)
    takes = time.monotonic() - begin
    local("stop", check=0)
    for _ in range(ROUNDS):
        process = local.start("run", "-p", "0")
        time.sleep(random.uniform(0, 1.5 * takes))
        pids = [*local.holders(), process.pid]
        victim = random.choice(pids)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(30)
        check_gone(local, pids)


def runtimes(pid):
    """The OCI runtimes among the descendants of a process."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if Path(f"/proc/{child}/comm").read_text() == "crun\n":
            found.append(int(child))
        found += runtimes(child)
    return found


def test_a_runtime_that_is_killed(local):
    """The container does not go on without it."""
    process = local.start("run", "-p", "0")
    wait_for(lambda: [c for c in listed(local) if c["state"] == "ready"], 60)
    pids = [*local.holders(), process.pid]
    (runtime,) = runtimes(process.pid)
    os.kill(runtime, signal.SIGKILL)
    assert process.wait(30) != 0
    assert "was killed by signal 9" in process.stderr.read()
    check_gone(local, pids)


def test_a_job_that_fails(images):
    images.write(JOB)
    done = images("run", "--job", "copy", check=2)
    assert "arguments of job 'copy': 'top' " in done.err
    done = images("run", "--job", "cop", check=5)
    assert "did you mean 'copy'?" in done.err
    done = images("run", "--job", "copy", "--args", '{"topp": 1, "top": 1}', check=2)
    assert "did you mean 'top' instead of 'topp'?" in done.err
    done = images("run", "--job", "copy", "--args", '{"top": 1}', check=17, timeout=120)
    assert "3" in done.err
