# SPDX-License-Identifier: MIT
"""Generated code that runs other processes: servers with their rules, jobs that are commands. Under
the SDK of this project, and the whole way under the platform's own."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import textwrap

import conftest
import pytest
from harness import wait_for

PROGRAM = pathlib.Path(os.environ.get("CHUTES_BUILD", conftest.ROOT / "build")) / "cli/chutes"
WAIT_S = 20

UPSTREAM = '''\
import http.server, json, os, signal, sys, time

folder = os.environ["FOLDER"]
with open(folder + "/starts", "a") as starts:
    starts.write(f"{os.getpid()} {os.getpgid(0)} {os.getcwd()} {os.environ.get('LEVEL')}\\n")

def left(number, frame):
    open(folder + "/ended", "w").write(str(number))
    os._exit(0)

for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, left)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply({"ready": True})
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        if self.path == "/end":
            os._exit(body["status"])
        if self.path == "/slow":
            time.sleep(10)
        self.reply({"path": self.path, "body": body, "header": self.headers["X-Internal"]})
    def reply(self, value):
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *arguments):
        pass

if "dies" in sys.argv:
    sys.exit(7)
if "mute" in sys.argv:
    signal.pause()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''

SERVER = """\
version: 1
name: server
username: someone
image: someone/else:1.0
node_selector: {{gpu_count: 0}}
server:
  command: [python3, {folder}/upstream.py, "{port}"{more}]
  port: {port}
  workdir: {folder}
  env: {{FOLDER: {folder}, LEVEL: high}}
  headers: {{X-Internal: "1"}}
  ready: {{path: /healthz, timeout: {timeout}, interval: 0.1}}
  stop: {{signal: {signal}, grace: 5}}
  restart: {restart}
cords:
  - {{function: rank, public: POST /rank, forward: POST /Rank.v1, timeout: 30}}
  - {{function: end, public: POST /end, forward: POST /end}}
  - {{function: slow, public: POST /slow, forward: POST /slow, timeout: 1}}
"""


def render(folder, spec):
    """The module of a spec: its path."""
    (folder / "chute.yaml").write_text(spec)
    done = subprocess.run(
        [PROGRAM, "render", "-f", folder / "chute.yaml", "--what", "code", "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)["result"]
    (folder / result["filename"]).write_text(result["code"])
    return result


@pytest.fixture
def server(tmp_path):
    """server(...) writes the module of a server; its upstream's port."""

    def write(restart="never", timeout=10, more="", stop="TERM"):
        (tmp_path / "upstream.py").write_text(UPSTREAM)
        port = conftest.free_port()
        values = dict(folder=tmp_path, port=port, restart=restart, timeout=timeout, signal=stop)
        render(tmp_path, SERVER.format(more=more and f", {more}", **values))
        return port

    return write


@pytest.fixture
def local(python, tmp_path):
    """The module served by the SDK of this project."""
    chutes = []

    def start():
        chutes.append(conftest.Chute(python, tmp_path, module="chute"))
        return chutes[-1]

    yield start
    for chute in chutes:
        if chute.process.poll() is None:
            chute.process.kill()
            chute.process.communicate()


def starts(folder):
    path = folder / "starts"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def is_running(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_server_starts_answers_and_is_ended(server, local, tmp_path, name):
    server(stop=name)
    chute = local().wait_ready()
    want = {"path": "/Rank.v1", "body": {"q": 1}, "header": "1"}
    assert chute.call("/rank", {"q": 1}) == (200, want)
    [[pid, group, folder, level]] = starts(tmp_path)
    assert (group, folder, level) == (pid, str(tmp_path), "high")
    assert is_running(pid)
    status, _, err = chute.stop()
    assert status == 0, err
    number = getattr(signal, f"SIG{name}")
    wait_for(lambda: not is_running(pid))
    assert (tmp_path / "ended").read_text() == str(int(number))


def ask_to_end(chute, status):
    """The upstream hangs up instead of answering."""
    assert chute.request("POST", "/end", {"status": status})[0] == 500


@pytest.mark.parametrize("status", [0, 3])
def test_never_restarted(server, local, status):
    server()
    chute = local().wait_ready()
    ask_to_end(chute, status)
    assert chute.process.wait(WAIT_S) == 1
    assert f"error: the server ended with status {status}\n" in chute.stop()[2]


def test_restarted_three_times(server, local, tmp_path):
    server(restart="on-failure")
    chute = local().wait_ready()
    for i in range(1, 4):
        ask_to_end(chute, 3)
        wait_for(lambda n=i: len(starts(tmp_path)) == n + 1)
        wait_for(lambda: chute.request("POST", "/rank", {})[0] == 200)
    ask_to_end(chute, 3)
    assert chute.process.wait(WAIT_S) == 1
    err = chute.stop()[2]
    assert err.count("the server ended with status 3; restart ") == 3
    assert "error: the server ended with status 3\n" in err
    assert len(starts(tmp_path)) == 4


def test_an_end_without_failure_is_no_failure(server, local, tmp_path):
    server(restart="on-failure")
    chute = local().wait_ready()
    ask_to_end(chute, 0)
    assert chute.process.wait(WAIT_S) == 1
    assert len(starts(tmp_path)) == 1


def test_a_server_that_dies_before_it_answers(server, local, tmp_path):
    server(more="dies")
    chute = local()
    assert chute.process.wait(WAIT_S) == 1
    assert "RuntimeError: the server ended with status 7" in chute.stop()[2]
    assert len(starts(tmp_path)) == 1


def test_a_server_that_never_answers(server, local, tmp_path):
    server(more="mute", timeout=1)
    chute = local()
    wait_for(lambda: starts(tmp_path))
    assert chute.process.wait(WAIT_S) == 1
    assert "TimeoutError: the server was not ready after 1.0 s" in chute.stop()[2]
    wait_for(lambda: not is_running(starts(tmp_path)[0][0]))


def test_a_server_under_the_platforms_sdk(server, real_serve, tmp_path):
    """Forwarding, a path that the SDK refuses as an argument, the header, a limit, the end."""
    server()
    chute = real_serve("chute")
    want = {"path": "/Rank.v1", "body": {"q": 1}, "header": "1"}
    assert chute.call("/rank", {"q": 1}) == (200, want)
    assert chute.request("POST", "/slow", {})[0] == 500, "the cord's own limit of one second"
    pid = starts(tmp_path)[0][0]
    chute.stop()
    wait_for(lambda: not is_running(pid))
    assert (tmp_path / "ended").read_text() == str(int(signal.SIGTERM))


# --- handlers


def test_handlers_under_the_platforms_sdk(real_serve, tmp_path):
    for name in ("app.py", "chute.yaml"):
        shutil.copy(conftest.ROOT / "examples/hello" / name, tmp_path)
    spec = (tmp_path / "chute.yaml").read_text()
    render(tmp_path, spec + "\nusername: someone\n")
    chute = real_serve()
    assert chute.call("/hello", {"name": "Ada"}) == (200, {"message": "hello, Ada"})
    for wrong in ({}, [], {"name": 1}, {"name": "x" * 65}):
        assert chute.call("/hello", wrong) == (400, {"detail": "Invalid input parameters"})
    assert chute.request("POST", "/count", {"n": 2})[2] == "data: 1\n\ndata: 2\n\n"
    assert len(chute.request("POST", "/count", {})[2].split()) == 6, "an empty body is all defaults"
    assert chute.request("POST", "/count", {"n": 0})[0] == 400


# --- jobs, by the class of the platform's SDK that runs them

COMMANDS = """\
version: 1
name: commands
username: someone
image: someone/else:1.0
jobs:
  - function: good
    command: [sh, -c, 'echo "$JOB_ARGS"; echo out > "$OUTPUT_DIR/file"; test "$TMPDIR" = "$OUTPUT_DIR"']
  - {{function: bad, command: [sh, -c, "exit 3"]}}
  - {{function: missing, command: [/no/such/program]}}
  - {{function: long, command: [sh, -c, 'echo $$ > {folder}/pid; sleep 1000']}}
  - {{function: deaf, command: [sh, -c, 'trap "" TERM; echo $$ > {folder}/pid; sleep 1000; sleep 1000']}}
"""

RUN = """
import asyncio, json, pathlib, sys, time
import chute
jobs = {job._name: job for job in chute.chute._jobs}
def wait_for(path):
    while not path.exists() or not path.read_text(): time.sleep(0.05)
"""


@pytest.fixture
def jobs(real_python, tmp_path):
    """jobs(code) runs Python that finds the spec's jobs in `jobs`."""

    def run(code):
        render(tmp_path, COMMANDS.format(folder=tmp_path))
        done = subprocess.run(
            [real_python, "-c", RUN + textwrap.dedent(code)],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": "/", "CHUTES_EXECUTION_CONTEXT": "REMOTE"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_a_command_gets_its_arguments_and_leaves_files(jobs):
    out = jobs("""
        got = asyncio.run(jobs["good"].run(epochs=3, name="x", _ssh_public_key="key"))
        import os
        print(got, os.listdir(os.environ["TMPDIR"]))
    """)
    given, result = out.splitlines()
    assert json.loads(given) == {"epochs": 3, "name": "x"}
    assert result == "{'status': 'complete', 'result': None} ['file']"


@pytest.mark.parametrize(
    ("name", "why"),
    [("bad", "'bad' ended with status 3"), ("missing", "No such file or directory")],
)
def test_a_command_that_fails(jobs, name, why):
    out = jobs(f"print(json.dumps(asyncio.run(jobs['{name}'].run())))")
    got = json.loads(out)
    assert got["status"] == "error" and why in got["detail"]


CANCEL = """
    async def main():
        job = jobs["{name}"]
        run = asyncio.create_task(job.run())
        await asyncio.to_thread(wait_for, pathlib.Path("pid"))
        began = time.monotonic()
        job.cancel_event.set()
        try:
            await run
        except asyncio.CancelledError:
            print("cancelled")
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.05)
        print(time.monotonic() - began)
    asyncio.run(main())
"""


@pytest.mark.parametrize(("name", "least", "most"), [("long", 0, 10), ("deaf", 10, 60)])
def test_a_command_that_is_cancelled(jobs, tmp_path, name, least, most):
    words = jobs(CANCEL.format(name=name)).split()
    assert words[0] == "cancelled" and least <= float(words[1]) < most
    assert not is_running((tmp_path / "pid").read_text().strip())


# --- models

MODELS = """\
version: 1
name: models
username: someone
handlers: {file: app.py, startup: [after]}
image: someone/else:1.0
node_selector: {gpu_count: 0}
models:
  - {repo: a/b, revision: 0123456789abcdef0123456789abcdef01234567, allow: ["*.json"], ignore: [x]}
  - {repo: c/d, revision: 0123456789abcdef0123456789abcdef01234567}
cords: [{function: seen, public: GET /seen}]
"""
HUB = "calls = []\ndef snapshot_download(**options): calls.append(options)\n"
AFTER = """\
import huggingface_hub
fetched = []
def after(self): fetched.extend(huggingface_hub.calls)
def seen(self): return fetched
"""


def test_models_are_fetched_first(python, tmp_path):
    (tmp_path / "app.py").write_text(AFTER)
    (tmp_path / "huggingface_hub.py").write_text(HUB)
    render(tmp_path, MODELS)
    chute = conftest.Chute(python, tmp_path)
    try:
        commit = "0123456789abcdef0123456789abcdef01234567"
        assert json.loads(chute.wait_ready().request("GET", "/seen")[2]) == [
            {
                "repo_id": "a/b",
                "revision": commit,
                "allow_patterns": ["*.json"],
                "ignore_patterns": ["x"],
            },
            {"repo_id": "c/d", "revision": commit},
        ]
    finally:
        chute.stop()
