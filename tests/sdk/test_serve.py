# SPDX-License-Identifier: MIT
"""The local SDK serves cords as the platform does."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import time

from harness import wait_for

HEAD = """
import asyncio, sys, threading, time
from fastapi import HTTPException, Response
from pydantic import BaseModel, Field
from chutes.chute import Chute, NodeSelector
from chutes.image import Image

image = Image(username="me", name="demo", tag="1").from_base("x/y:1").run_command("true")
chute = Chute("me", "demo", image, node_selector=NodeSelector(gpu_count=1), concurrency=2)

class Input(BaseModel):
    name: str = Field("you", max_length=5)

class Required(BaseModel):
    name: str
"""

CORDS = (
    HEAD
    + """
@chute.cord(public_api_path="/typed")
async def typed(self, args: Input):
    return {"name": args.name, "chute": self.name}

@chute.cord(public_api_path="/required")
def required(self, args: Required):
    return args

@chute.cord(public_api_path="/explicit", input_schema=Input)
def explicit(self, args):
    return args.name

@chute.cord(public_api_path="/raw")
def raw(self, *args):
    return list(args)

@chute.cord(public_api_path="/get", public_api_method="GET")
async def get(self):
    return "plain"

@chute.cord(public_api_path="/picture", output_content_type="image/png")
async def picture(self):
    return Response(b"PNG", status_code=201, media_type="image/png", headers={"X-A": "b"})

@chute.cord(public_api_path="/teapot")
async def teapot(self):
    raise HTTPException(418, "short and stout")

@chute.cord(public_api_path="/broken")
async def broken(self):
    raise ValueError("the cause of it")

@chute.cord(public_api_path="/leave")
def leave(self):
    sys.exit(3)

@chute.cord(path="/inside")
async def internal(self):
    return "internal"

@chute.cord(public_api_path="/nested")
async def nested(self):
    return await internal(self)

released = threading.Event()

@chute.cord(public_api_path="/block")
async def block(self):
    print("blocked", flush=True)
    released.wait(60)

@chute.cord(public_api_path="/release")
def release(self):
    released.set()
"""
)


def test_inputs(serve):
    chute = serve(CORDS)
    invalid = (400, {"detail": "Invalid input parameters"})
    assert chute.call("/typed", {"name": "Ada"}) == (200, {"name": "Ada", "chute": "demo"})
    assert chute.call("/typed", {"name": "Ada", "unknown": 1})[0] == 200
    for empty in (None, b"", b" ", {}, []):
        assert chute.call("/typed", empty) == (200, {"name": "you", "chute": "demo"})
    for wrong in ({"name": 1}, {"name": "abcdef"}, [1], b"{bad", b"\xff", 5, b"[" * 100000):
        assert chute.call("/typed", wrong) == invalid, wrong
    assert chute.call("/required", {}) == invalid
    assert chute.call("/required", {"name": "x"}) == (200, {"name": "x"})
    assert chute.call("/explicit", {"name": "x"}) == (200, "x")
    assert chute.call("/raw", {"a": [1]}) == (200, [{"a": [1]}])
    assert chute.call("/raw", {}) == (200, [])


def test_results_and_routes(serve):
    chute = serve(CORDS)
    assert chute.request("GET", "/get?x=1") == (200, "application/json", '"plain"')
    assert chute.request("POST", "/picture") == (201, "image/png", "PNG")
    assert chute.call("/teapot") == (418, {"detail": "short and stout"})
    assert chute.request("POST", "/broken")[0] == 500
    assert chute.request("POST", "/leave")[0] == 500
    assert chute.call("/nested") == (200, "internal")
    assert chute.call("/inside") == (404, {"detail": "Not Found"})
    assert chute.call("/get") == (405, {"detail": "Method Not Allowed"})
    assert chute.request("HEAD", "/get")[0] == 405
    assert chute.call("/_ping", {"a": 1}) == (200, {"a": 1})
    status, _, err = chute.stop()
    assert status == 0
    assert "ValueError: the cause of it" in err
    assert 'Traceback (most recent call last):\n  File "app.py"' in err.replace(
        str(chute.directory) + "/", ""
    )
    assert 'in broken\n    raise ValueError("the cause of it")' in err
    assert "in leave\n    sys.exit(3)\nRuntimeError: the function called sys.exit(3)\n" in err
    assert "starlette" not in err


def test_a_line_for_each_request_but_the_probe(serve):
    chute = serve(CORDS)
    assert chute.request("GET", "/_ping?x")[0] == chute.request("POST", "/_ping", {})[0] == 200
    assert re.findall('"(.*)" [0-9]+', chute.stop()[2]) == [
        "GET /_ping?x HTTP/1.1",
        "POST /_ping HTTP/1.1",
    ]


def test_a_blocking_handler_stops_nobody(serve):
    chute = serve(CORDS)
    with chute.calling("/block") as slow:
        assert chute.process.stdout.readline() == "blocked\n"
        assert chute.request("GET", "/_ping")[0] == 200
        assert chute.call("/release")[0] == 200
        assert slow.recv(12) == b"HTTP/1.1 200"


STREAMS = (
    HEAD
    + """
arrived = threading.Semaphore(0)  # what the client has seen

@chute.cord(public_api_path="/arrived")
def tell_arrived(self):
    arrived.release()

@chute.cord(public_api_path="/async", stream=True)
async def a(self, args: Input):
    for i in range(3):
        yield f"data: {i}\\n\\n"
        arrived.acquire(timeout=60)

@chute.cord(public_api_path="/sync", stream=True, output_content_type="application/x-ndjson")
def s(self):
    for i in range(3):
        yield b"%d\\n" % i
        arrived.acquire(timeout=60)

@chute.cord(public_api_path="/empty", stream=True)
async def empty(self):
    return
    yield

@chute.cord(public_api_path="/early", stream=True)
async def early(self):
    raise ValueError("early")
    yield

@chute.cord(public_api_path="/refused", stream=True)
def refused(self):
    raise HTTPException(403, "no")
    yield

def endless():
    try:
        while True:
            yield "x" * 1000
            time.sleep(0.01)
    finally:
        print("sync closed", flush=True)

@chute.cord(public_api_path="/endless_sync", stream=True)
def endless_sync(self):
    yield from endless()

@chute.cord(public_api_path="/endless_async", stream=True)
async def endless_async(self):
    try:
        while True:
            yield "x"
            await asyncio.sleep(0.01)
    finally:
        print("async closed", flush=True)

@chute.cord(public_api_path="/wait")
async def wait(self):
    try:
        print("call begun", flush=True)
        await asyncio.sleep(60)
    finally:
        print("call cancelled", flush=True)
"""
)


def test_streams_arrive_one_by_one(serve):
    """Each item when it is there, before there is a next one."""
    chute = serve(STREAMS)
    for path, content_type, items in (
        ("/async", "text/event-stream; charset=utf-8", [b"data: %d\n\n" % i for i in range(3)]),
        ("/sync", "application/x-ndjson", [b"%d\n" % i for i in range(3)]),
    ):
        connection, reply = chute.open("POST", path)
        with contextlib.closing(connection):
            assert (reply.status, reply.headers["Content-Type"]) == (200, content_type)
            for item in items:
                assert reply.read1() == item
                assert chute.call("/arrived")[0] == 200
            assert reply.read1() == b""


def test_streams_that_fail_at_once(serve):
    chute = serve(STREAMS)
    failed = (500, {"detail": "Error initializing stream"})
    assert chute.call("/empty") == failed
    assert chute.call("/early") == failed
    assert chute.call("/refused") == (403, {"detail": "no"})
    assert chute.call("/async", {"name": 1}) == (400, {"detail": "Invalid input parameters"})
    _, _, err = chute.stop()
    assert "'empty' ended without yielding anything" in err
    assert "ValueError: early" in err


def test_a_client_that_goes_ends_the_work(serve):
    chute = serve(STREAMS)
    for kind in ("sync", "async"):
        connection, reply = chute.open("POST", f"/endless_{kind}")
        assert reply.read1(1)
        reply.close()
        connection.close()
        assert chute.process.stdout.readline() == f"{kind} closed\n"
    with chute.calling("/wait"):
        assert chute.process.stdout.readline() == "call begun\n"
    assert chute.process.stdout.readline() == "call cancelled\n"
    assert chute.stop()[0] == 0


HOOKS = (
    HEAD
    + """
def note(text):
    print(text, flush=True)

@chute.on_startup(priority=90)
async def late(self): note("late " + self.name)
@chute.on_startup()
def middle(self): note("middle")
@chute.on_startup()
def middle2(self): note("middle2")
@chute.on_startup(priority=5)
async def early(self): await asyncio.sleep(0); note("early")
@chute.on_shutdown(priority=20)
async def bye(self): note("bye")
@chute.on_shutdown(priority=10)
def first(self): note("first"); raise ValueError("hook")
"""
)


def test_hooks_run_in_order(serve):
    for number in (signal.SIGTERM, signal.SIGINT):
        chute = serve(HOOKS)
        status, out, err = chute.stop(number)
        assert out.split("\n")[:-1] == ["early", "middle", "middle2", "late demo", "first", "bye"]
        assert status == 1  # a shutdown hook failed
        assert "shutdown hook 'first' failed" in err and "ValueError: hook" in err


def test_failures_have_a_short_traceback(serve):
    for code, sentence in (
        (HEAD + "import no_such_module\n", "error: importing 'app' failed"),
        (HEAD + "def f(:\n", "error: importing 'app' failed"),
        (HEAD + "sys.exit(0)\n", "error: importing 'app' failed"),
        (HEAD + "@chute.on_startup()\ndef f(self): 1/0\n", "error: the startup hook 'f' failed"),
    ):
        chute = serve(code, ready=False)
        assert chute.process.wait(20) == 1
        _, out, err = chute.stop()
        assert err.rstrip().endswith(sentence), err
        assert out == "" and "chutes_run" not in err and "importlib" not in err
    assert "ZeroDivisionError" in err and "app.py" in err


def test_what_is_no_chute(serve):
    for code in ("", "chute = 5\n"):
        chute = serve(code, ready=False)
        assert chute.process.wait(20) == 1
        assert chute.stop()[2] == "error: 'app:chute' is not a Chute\n"


def test_a_file_is_not_what_lies_beside_it(serve, tmp_path):
    """The file that is named counts, whatever the working directory has of that name."""
    (tmp_path / "code").mkdir()
    (tmp_path / "beside.py").write_text("answer = 42\n")
    cord = "@chute.cord(public_api_path='/x')\ndef x(self): return beside.answer\n"
    (tmp_path / "code" / "app.py").write_text(f"import beside\n{HEAD}{cord}")
    chute = serve("chute = None", module=tmp_path / "code" / "app.py")
    assert chute.call("/x") == (200, 42)
    chute = serve("", ready=False, module=tmp_path / "no.py")
    assert chute.process.wait(20) == 1
    assert "No such file or directory" in chute.stop()[2]


def test_a_taken_port_is_told_before_loading(serve, python):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        chute = serve("print('loaded')", ready=False, extra=["--port", str(port)])
        assert chute.process.wait(20) == 6
        _, out, err = chute.stop()
    assert out == ""
    assert err == f"error: listening on 127.0.0.1:{port}: [Errno 98] Address already in use\n"


def test_an_address_that_cannot_be(serve, tmp_path):
    for extra, reason in (
        (["--uds", str(tmp_path / "no" / "socket")], "No such file or directory"),
        (["--port", "70000"], "port must be 0-65535"),
    ):
        chute = serve("print('loaded')", ready=False, extra=extra)
        assert chute.process.wait(20) == 1
        _, out, err = chute.stop()
        assert out == "" and err.startswith("error: listening on ") and reason in err


def test_term_during_startup(serve):
    hook = "async def f(self):\n  print(1, flush=True)\n  await asyncio.sleep(60)\n"
    chute = serve(f"{HEAD}@chute.on_startup()\n{hook}", ready=False)
    assert chute.process.stdout.readline() == "1\n"
    status, out, err = chute.stop()
    assert (status, out, err) == (143, "", "")


def test_the_grace_ends(serve):
    cord = "@chute.cord(public_api_path='/x')\ndef x(self): print(1, flush=True); time.sleep(60)\n"
    chute = serve(HEAD + cord, extra=["--grace", "1"])
    with chute.calling("/x"):
        assert chute.process.stdout.readline() == "1\n"
        start = time.monotonic()
        assert chute.stop()[0] == 0
        assert time.monotonic() - start < 10  # without the option it is that long


def test_unix_socket(serve, tmp_path):
    path = tmp_path / "s"
    chute = serve(CORDS, ready=False, uds=path)

    def is_answered():
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return client.recv(15).endswith(b" 200 OK")

    wait_for(is_answered)
    assert path.stat().st_mode & 0o777 == 0o666
    assert chute.stop()[0] == 0


def test_old_and_missing_packages(serve, tmp_path):
    old = tmp_path / "pydantic-1.10.4.dist-info"
    old.mkdir()
    (old / "METADATA").write_text("Name: pydantic\nVersion: 1.10.4\n")
    chute = serve(HEAD, ready=False)
    assert chute.process.wait(20) == 15
    assert chute.stop()[2] == (
        "error: pydantic 1.10.4 of the image is too old, 2.9 or newer is needed:"
        " add this to 'image.steps' in chute.yaml: '- pip: [\"pydantic>=2.9\"]'\n"
    )


def test_missing_packages(sdk, tmp_path):
    done = subprocess.run(
        [sys.executable, "-S", "-m", "chutes_run", "serve", "app.py:chute", "--port", "0"],
        capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(sdk)},
    )  # fmt: skip
    assert done.returncode == 15
    assert done.stderr == (
        "error: the image has no fastapi, pydantic, uvicorn:"
        " add this to 'image.steps' in chute.yaml:"
        " '- pip: [\"fastapi>=0.100\", \"pydantic>=2.9\", \"uvicorn>=0.22\"]'\n"
    )


def test_a_module_is_described_without_packages(sdk, tmp_path):
    """What reads a module needs neither FastAPI nor pydantic."""
    code = """
from chutes.chute import Chute, NodeSelector
from chutes.chute.job import Port
chute = Chute("me", "demo", "me/demo:1", node_selector=NodeSelector(gpu_count=2, typo=1), title="T")
@chute.cord(public_api_path="/add")
def add(self, n: int) -> dict[str, int]: ...
@chute.job(ports=[Port(name="a", port=8002, proto="tcp")], ssh=True)
async def train(self): ...
cord = chute.cords[0]
print(chute.title, cord.input_schema["properties"], cord.output_content_type)
print([port.model_dump() for port in chute.jobs[0].ports], chute.node_selector.model_dump())
"""
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True, text=True, env={"PYTHONPATH": str(sdk)},
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "T {'n': {'type': 'integer'}} application/json",
        "[{'name': 'a', 'port': 8002, 'proto': 'tcp'}, {'name': 'ssh', 'port': 2202,"
        " 'proto': 'tcp'}] {'gpu_count': 2, 'min_vram_gb_per_gpu': 16,"
        " 'max_hourly_price_per_gpu': None, 'include': None, 'exclude': None}",
    ], done.stderr
