# SPDX-License-Identifier: MIT
"""Modules and clients that misbehave, under both SDKs."""

import contextlib
import http.client
import json
import re
import signal
import socket

import pytest
from harness import wait_for

MODULE = """
import asyncio, os, signal, sys, threading
from typing import Optional
from pydantic import BaseModel
from chutes.chute import Chute, NodeSelector

signal.signal(signal.SIGTERM, signal.SIG_IGN)
chute = Chute("me", "demo", "me/demo:1", node_selector=NodeSelector(gpu_count=1), concurrency=4)
notes = []
gone_on = threading.Semaphore(0)

class Input(BaseModel):
    n: int = 1
    name: str = "you"
    tags: list[str] = []
    ratio: Optional[float] = None

@chute.on_startup()
def load(self): print("x" * 10000, flush=True)
@chute.on_shutdown()
def bye(self): print("bye", flush=True)

@chute.cord(public_api_path="/quick")
def quick(self): return os.getpid()
@chute.cord(public_api_path="/notes")
def read(self): return notes
@chute.cord(public_api_path="/block")
async def block(self):
    notes.append("blocked")
    gone_on.acquire(timeout=60)
@chute.cord(public_api_path="/go_on")
def go_on(self): gone_on.release()
@chute.cord(public_api_path="/talk")
def talk(self):
    print("HTTP/1.1 500 no\\r\\n\\r\\n", flush=True)
    os.write(1, b"raw\\n")
    return 1
@chute.cord(public_api_path="/leave")
def leave(self): sys.exit(3)
@chute.cord(public_api_path="/vanish", stream=True)
async def vanish(self):
    yield "a"
    await asyncio.to_thread(gone_on.acquire, timeout=60)
    os._exit(7)
@chute.cord(public_api_path="/odd", stream=True)
def odd(self): yield {"a": 1}
@chute.cord(public_api_path="/odder", stream=True)
def odder(self):
    yield "a"
    gone_on.acquire(timeout=60)
    yield 5
@chute.cord(public_api_path="/binary", stream=True, output_content_type="application/octet-stream")
def binary(self): yield bytes(range(256)); yield b"\\x00\\xff"
@chute.cord(public_api_path="/length")
async def length(self, body): return len(body["a"])
@chute.cord(public_api_path="/wait")
async def wait(self):
    notes.append("wait begun")
    try:
        await asyncio.sleep(60)
    finally:
        notes.append("wait cancelled")
@chute.cord(public_api_path="/late", stream=True)
async def late(self):
    notes.append("late begun")
    try:
        await asyncio.sleep(60)
        yield "x"
    finally:
        notes.append("late ended")
@chute.cord(public_api_path="/endless", stream=True)
async def endless(self):
    try:
        while True:
            yield "x" * 1000
            await asyncio.sleep(0.01)
    finally:
        notes.append("endless ended")
@chute.cord(public_api_path="/search", public_api_method="GET")
async def search(self, args: Input): return args
@chute.cord(public_api_path="/free", public_api_method="GET")
async def free(self, body=None): return body
"""


@pytest.fixture(params=["ours", "platform"])
def run(request):
    return request.getfixturevalue("serve" if request.param == "ours" else "serve_platform")


def wait_for_note(chute, note):
    wait_for(lambda: note in chute.call("/notes")[1])


def cut_short(chute, path):
    """What of a stream comes before its connection breaks."""
    connection, reply = chute.open("POST", path)
    with contextlib.closing(connection):
        assert reply.status == 200
        with contextlib.suppress(ConnectionError, http.client.HTTPException):  # the chute may end
            chute.call("/go_on")
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)) as broken:
            reply.read()
    return getattr(broken.value, "partial", b"")


def test_output_and_blocking_disturb_nobody(run):
    chute = run(MODULE)
    assert chute.call("/talk") == (200, 1)
    with chute.calling("/block") as slow:
        wait_for_note(chute, "blocked")
        assert chute.request("GET", "/_ping")[0] == 200 and chute.call("/go_on")[0] == 200
        assert slow.recv(12) == b"HTTP/1.1 200"
    status, out, err = chute.stop()  # which the module ignores
    assert (status, out) == (0, "x" * 10000 + "\nHTTP/1.1 500 no\n\n\nraw\nbye\n"), err


def test_streams_that_break(run):
    chute = run(MODULE)
    assert cut_short(chute, "/odder") in (b"a", b"")
    assert chute.call("/quick")[0] == 200
    assert cut_short(chute, "/vanish") in (b"a", b"")
    assert chute.process.wait(20) == 7


def test_bytes(run):
    chute = run(MODULE)
    connection, reply = chute.open("POST", "/binary")
    with contextlib.closing(connection):
        assert reply.read() == bytes(range(256)) + b"\x00\xff"
    assert chute.call("/length", {"a": "x" * 20_000_000}) == (200, 20_000_000)
    assert chute.call("/length", b'{"a": "\xff"}') == (400, {"detail": "Invalid input parameters"})


def test_clients_that_go(run):
    chute = run(MODULE)
    with chute.calling("/wait"):
        wait_for_note(chute, "wait begun")
    wait_for_note(chute, "wait cancelled")


def test_clients_that_leave_a_stream(serve):
    """Under the platform's SDK the generator of a client that has gone runs on, as deployed."""
    chute = serve(MODULE)
    with chute.calling("/late"):
        wait_for_note(chute, "late begun")
    wait_for_note(chute, "late ended")
    connection, reply = chute.open("POST", "/endless")
    assert reply.read1(1)
    reply.close()
    connection.close()
    wait_for_note(chute, "endless ended")


def test_queries(run):
    chute = run(MODULE)

    def get(target):
        status, _, text = chute.request("GET", target)
        return status, json.loads(text)

    everything = "/search?n=3&name=5&tags=a&tags=b&ratio=0.5&other=1"
    assert get(everything) == (200, {"n": 3, "name": "5", "tags": ["a", "b"], "ratio": 0.5})
    assert get("/search?name=%C3%A9+x")[1]["name"] == "é x"
    assert get("/search?tags=[%22a%22]")[1]["tags"] == ['["a"]']
    assert get("/search?n=x") == (400, {"detail": "Invalid input parameters"})
    assert get("/free?a=1&b=&a=2") == (200, {"a": "2", "b": ""})
    assert get("/free") == (200, None)


def test_a_cord_that_leaves(serve, serve_platform):
    chute = serve(MODULE)
    assert chute.request("POST", "/leave")[0] == 500
    assert chute.call("/quick")[0] == 200
    chute = serve_platform(MODULE)
    with contextlib.suppress(ConnectionError, http.client.HTTPException):
        assert chute.request("POST", "/leave")[0] == 500  # if there is time for an answer
    assert chute.process.wait(20) == 1  # as deployed, but said
    assert "error: the chute called sys.exit(3)" in chute.stop()[2]


def test_items_that_are_no_text(serve):
    chute = serve(MODULE)
    assert chute.call("/odd") == (500, {"detail": "Error initializing stream"})
    cut_short(chute, "/odder")
    err = chute.stop()[2]
    assert "'odd' yielded dict: a stream is made of str and bytes" in err
    assert "'odder' yielded int: a stream is made of str and bytes" in err


def test_cords_call_cords(serve):
    """A cord is still the function that it was. (The platform's SDK replaces it.)"""
    code = (
        MODULE
        + """
@chute.cord(public_api_path="/sum")
async def total(self, args: Input): return args.n * 2
@chute.cord(public_api_path="/all")
async def everything(self, args: Input): return [await total(self, args), quick(self) > 0]
@chute.cord(public_api_path="/stream", stream=True)
async def parts(self, args: Input):
    for i in range(args.n): yield str(i)
@chute.cord(public_api_path="/joined")
async def joined(self, args: Input): return [part async for part in parts(self, args)]
"""
    )
    chute = serve(code)
    assert chute.call("/all", {"n": 2}) == (200, [4, True])
    assert chute.call("/joined", {"n": 2}) == (200, ["0", "1"])


def is_listening(chute):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", chute.port)) == 0


def test_a_second_signal_does_not_wait(run):
    chute = run(MODULE, extra=["--grace", "60"])
    with chute.calling("/wait"):
        wait_for_note(chute, "wait begun")
        chute.process.send_signal(signal.SIGTERM)
        wait_for(lambda: not is_listening(chute))
        assert chute.process.poll() is None
        status, out, _ = chute.stop()
        assert status == 0 and out.endswith("bye\n")


def test_a_failed_request_is_told_without_the_way_to_it(run):
    chute = run(
        MODULE + "@chute.cord(public_api_path='/no')\ndef no(self): raise ValueError('why')\n"
    )
    assert chute.request("POST", "/no")[0] == 500
    err = chute.stop()[2]
    assert "ValueError: why" in err
    assert not re.search("chutes_run/(?!local/calls)", err), err
