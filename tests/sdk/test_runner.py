# SPDX-License-Identifier: MIT
"""The runner: on an inherited socket, with the platform's SDK where the image has it."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess

import conftest
import pytest

HEAD = """
import asyncio, os, sys
from chutes.chute import Chute, NodeSelector
from fastapi import HTTPException, Response
from pydantic import BaseModel

chute = Chute("me", "demo", "me/demo:1", node_selector=NodeSelector(gpu_count=1), concurrency=2)

class Input(BaseModel):
    name: str = "you"
"""
MODULE = (
    HEAD
    + """
print("a line on standard output", flush=True)

@chute.on_startup(priority=90)
async def late(self): print("late", flush=True)
@chute.on_startup(priority=5)
def early(self): print("early", flush=True)
@chute.on_shutdown()
async def bye(self): print("bye", flush=True)

@chute.cord(public_api_path="/hello")
async def hello(self, args: Input):
    return {"name": args.name, "remote": os.environ["CHUTES_EXECUTION_CONTEXT"]}

@chute.cord(public_api_path="/chat", path="whole")
async def whole(self, body): return {"whole": body["n"]}

@chute.cord(public_api_path="/chat", path="parts", stream=True)
async def parts(self, body):
    for i in range(body["n"]):
        yield f"data: {i}\\n\\n"

@chute.cord(path="/inside")
async def internal(self): return 1
"""
)


@pytest.fixture(params=["ours", "platform"])
def run(request):
    """serve(), once with each SDK."""
    return request.getfixturevalue("serve" if request.param == "ours" else "serve_platform")


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def ask(path, method, target, body=None):
    connection = Unix(path)
    with contextlib.closing(connection):
        connection.request(method, target, json.dumps(body))
        reply = connection.getresponse()
        return reply.status, reply.read().decode()


def test_an_inherited_socket(run, tmp_path):
    path = tmp_path / "door"
    read, write = os.pipe()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        fd = door.fileno()
        extra = ["--fd", str(fd), "--cords-fd", str(write)]
        chute = run(MODULE, ready=False, extra=extra, pass_fds=[fd, write])
        os.close(write)
        with os.fdopen(read) as cords:
            said = json.load(cords)  # ends with the object, before the chute is ready
        assert ask(path, "GET", "/_ping") == (200, '{"ready":true}')
        assert ask(path, "POST", "/_ping", {"a": 1}) == (200, '{"a":1}')
        assert ask(path, "POST", "/hello", {"name": "Ada"}) == (
            200,
            '{"name":"Ada","remote":"REMOTE"}',
        )
        assert ask(path, "POST", "/chat", {"n": 2}) == (200, '{"whole":2}')
        assert ask(path, "POST", "/chat", {"n": 2, "stream": False}) == (200, '{"whole":2}')
        assert ask(path, "POST", "/chat", {"n": 1, "stream": True}) == (200, "data: 0\n\n")
        assert ask(path, "POST", "/inside")[0] == 404
        assert ask(path, "GET", "/chat")[0] == 405
        status, out, err = chute.stop()
        # the socket is its maker's: the next chute takes it up
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.connect(str(path))
    assert (status, out) == (0, "a line on standard output\nearly\nlate\nbye\n"), err
    got = said["cords"]
    assert said["concurrency"] == 2
    assert [cord["function"] for cord in got] == ["hello", "whole", "parts", "internal"]
    assert got[1] == {
        "method": "POST",
        "path": "/whole",
        "public_api_path": "/chat",
        "public_api_method": "POST",
        "stream": False,
        "function": "whole",
        "input_schema": {"type": "object", "properties": {}, "required": [], "definitions": {}},
        "output_schema": None,
        "output_content_type": None,
        "minimal_input_schema": None,
        "passthrough": False,
    }
    assert got[0]["input_schema"]["definitions"]["Input"]["properties"]["name"]["default"] == "you"


def test_both_sdks_record_the_same_cords(serve, serve_platform):
    def cords(run):
        read, write = os.pipe()
        run(MODULE, ready=False, extra=["--cords-fd", str(write)], pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as out:
            return json.load(out)

    assert cords(serve) == cords(serve_platform)


def test_defaults_that_json_does_not_have(run):
    code = HEAD + "class Limits(BaseModel): x: float = float('inf')\n"
    code += "@chute.cord(public_api_path='/f')\nasync def f(self, args: Limits): return 1\n"
    read, write = os.pipe()
    run(code, ready=False, extra=["--cords-fd", str(write)], pass_fds=[write])
    os.close(write)
    with os.fdopen(read) as out:
        text = out.read()
    assert "Infinity" not in text
    (cord,) = json.loads(text)["cords"]
    assert cord["input_schema"]["definitions"]["Limits"]["properties"]["x"]["default"] is None


def test_a_descriptor_that_is_no_listening_socket(run):
    with open(os.devnull) as null, socket.socket() as deaf:
        for fd, reason in (
            (null.fileno(), "Socket operation on non-socket"),
            (deaf.fileno(), "it does not listen"),
        ):
            chute = run(MODULE, ready=False, extra=["--fd", str(fd)], pass_fds=[fd])
            assert chute.process.wait(20) == 1
            err = chute.stop()[2]
            assert err.startswith(f"error: descriptor {fd} is not a listening socket: ")
            assert err.endswith(f"{reason}\n")


def test_hooks_that_fail(run):
    chute = run(HEAD + "@chute.on_startup()\nasync def load(self): 1/0\n", ready=False)
    assert chute.process.wait(30) == 1
    err = chute.stop()[2]
    assert err.endswith(
        "ZeroDivisionError: division by zero\nerror: the startup hook 'load' failed\n"
    )
    assert "chutes_run" not in err
    chute = run(HEAD + "@chute.on_shutdown()\ndef bye(self): 1/0\n")
    status, _, err = chute.stop()
    assert status == 1 and "the shutdown hook 'bye' failed" in err and "ZeroDivisionError" in err


def test_hooks_of_an_older_release(serve_platform):
    """Registered without a priority, they run in the order of their definition."""
    code = MODULE + "chute._startup_hooks = [wrapper for _, wrapper in chute._startup_hooks]\n"
    chute = serve_platform(code)
    assert chute.stop()[1] == "a line on standard output\nlate\nearly\nbye\n"


def test_term_while_starting(run):
    hook = "async def f(self):\n  print(1, flush=True)\n  await asyncio.sleep(60)\n"
    chute = run(f"{HEAD}@chute.on_startup()\n{hook}", ready=False)
    assert chute.process.stdout.readline() == "1\n"
    assert chute.stop()[0] == 143


def test_only_hypercorn(serve_platform, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'uvicorn' else find(name, *a)\n"
    )
    env = {"PYTHONPATH": f"{tmp_path}:{conftest.SDK}"}
    path = tmp_path / "door"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        fd = door.fileno()
        chute = serve_platform(MODULE, ready=False, extra=["--fd", str(fd)], pass_fds=[fd], env=env)
        assert ask(path, "POST", "/hello")[0] == 500  # as deployed
        assert ask(path, "POST", "/chat", {"n": 2, "stream": True}) == (
            200,
            "data: 0\n\ndata: 1\n\n",
        )
        status, out, err = chute.stop()
    assert (status, out.split("\n")[-2]) == (0, "bye"), err


def test_an_old_python(serve, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.version_info = (3, 9, 2)\n")
    chute = serve(MODULE, ready=False, env={"PYTHONPATH": f"{tmp_path}:{conftest.SDK}"})
    assert chute.process.wait(20) == 15
    assert chute.stop()[2] == (
        "error: the image has Python 3.9, and 3.10 or newer is needed: take another base\n"
    )


JOBS = (
    HEAD
    + """
@chute.on_startup()
async def load(self): print("loaded", flush=True)
@chute.on_shutdown()
async def bye(self): print("bye", flush=True)

@chute.job(timeout=30)
async def train(self, output_dir, epochs=1, **rest):
    import tempfile
    open(os.path.join(output_dir, "model.bin"), "w").write("x" * epochs)
    tmp = tempfile.gettempdir() == output_dir
    return {"epochs": epochs, "name": self.name, "rest": rest, "tmp": tmp}
@chute.job()
async def broken(self, **data): raise ValueError("the cause of it")
@chute.job()
async def leave(self, **data): sys.exit(0)
@chute.job()
async def odd(self, **data): return object()
@chute.job()
async def lost(self, **data): return {"loss": float("nan"), "best": [float("-inf")], "NaN": "NaN"}
@chute.job()
async def deep(self, **data):
    result = []
    for _ in range(100000): result = [result]
    return result
@chute.job()
def plain(self, **data): return 1
@chute.job()
async def endless(self, **data):
    try:
        print("waits", flush=True)
        await asyncio.sleep(60)
    finally:
        print("cancelled", flush=True)
"""
)


@pytest.fixture(params=["ours", "platform"])
def job(request, tmp_path):
    """job(name, arguments, code) -> the process that runs it."""
    python = request.getfixturevalue("python" if request.param == "ours" else "real_python")
    (tmp_path / "app.py").write_text(JOBS)

    def start(name, arguments=None, code=JOBS):
        (tmp_path / "app.py").write_text(code)
        (tmp_path / "args.json").write_text(json.dumps(arguments or {}))
        return subprocess.Popen(
            [python, "-m", "chutes_run", "job", "app.py:chute", name, "--args", "args.json",
             "--output", "out", "--result", "result.json"],
            cwd=tmp_path, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(conftest.SDK)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


def test_a_job(job, tmp_path):
    process = job("train", {"epochs": 3, "a": None})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "loaded\nbye\n"), err
    assert json.loads((tmp_path / "result.json").read_text()) == {
        "epochs": 3,
        "name": "demo",
        "rest": {"a": None},
        "tmp": True,
    }
    assert (tmp_path / "out" / "model.bin").read_text() == "xxx"


@pytest.mark.parametrize(
    "name, reason",
    [
        ("broken", "the job 'broken' failed: the cause of it"),
        ("leave", "the job 'leave' failed: 0"),
        (
            "odd",
            "the result of job 'odd' is not JSON: Object of type object is not JSON serializable",
        ),
        ("plain", "the job 'plain' failed: it is not 'async def', and the platform awaits it"),
    ],
)
def test_jobs_that_fail(job, tmp_path, name, reason):
    process = job(name)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (17, "loaded\nbye\n"), err
    assert err.endswith(f"error: {reason}\n")
    assert not (tmp_path / "result.json").exists()


def test_results_that_cannot_be_written(job, tmp_path):
    process = job("deep")
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 17
    assert "error: the result of job 'deep' is not JSON: maximum recursion depth exceeded" in err
    (tmp_path / "result.json").mkdir()
    process = job("train")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "loaded\nbye\n")
    assert err.startswith("error: writing 'result.json': ")


def test_a_result_with_numbers_that_json_does_not_have(job, tmp_path):
    process = job("lost")
    assert process.communicate(timeout=60)[1] == "" and process.returncode == 0
    written = (tmp_path / "result.json").read_text()
    assert written == '{"loss": null, "best": [null], "NaN": "NaN"}'


def test_a_job_that_is_not_there(job):
    process = job("none")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "error: there is no job 'none': there are 'train', 'broken', 'leave'" in err


def test_a_job_is_cancelled(job):
    process = job("endless")
    assert process.stdout.readline() + process.stdout.readline() == "loaded\nwaits\n"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (143, "cancelled\nbye\n"), err


def test_the_time_of_a_job_is_over(job):
    shorter = (
        "\nsetattr(j := chute.jobs[-1], '_timeout' if hasattr(j, '_timeout') else 'timeout', 0.2)"
    )
    process = job("endless", code=JOBS + shorter)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (17, "loaded\nwaits\ncancelled\nbye\n"), err
    assert err.endswith("error: the job 'endless' took more than 0.2 s\n")
