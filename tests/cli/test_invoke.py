# SPDX-License-Identifier: MIT
"""chutes invoke against a server that answers as a chute may, well or not."""
import base64
import json
import os
import pty
import signal
import subprocess

import pytest
from fake_chute import PNG, FakeChute
from harness import wait_for

SPEC = """\
version: 1
name: fake
handlers: {file: app.py}
image: {name: fake, base: {debian: bookworm}, steps: [{pip: [fastapi, uvicorn, pydantic]}]}
node_selector: {gpu_count: 0}
cords:
  - function: hello
    public: POST /hello
    input: {name: {type: string, required: true}}
    example: {name: Ada}
  - function: typed
    public: POST /echo
    input:
      text: string?
      image: file?
      n: integer?
      x: number?
      on: boolean?
      tags: {type: array, items: {type: string}}
      sizes: {type: array, items: {type: integer}}
      extra: object?
      either: {any_of: [{type: integer}, {type: string}]}
      anything: any
  - {function: model, public: POST /model, input: {model: Request}}
  - {function: free, public: POST /free}
  - {function: asked, public: GET /query, input: {q: string, n: integer}}
  - {function: words, public: POST /words, stream: true}
  - {function: chat, public: POST /chat, stream: true}
  - {function: raw_bytes, public: POST /bytes, stream: true}
  - {function: inner}
"""
CODE = """\
from pydantic import BaseModel
class Request(BaseModel):
    a: int
    b: list[str] = []
async def hello(self, params): ...
async def typed(self, params): ...
async def model(self, params: Request): ...
async def free(self): ...
async def asked(self, params): ...
async def words(self):
    yield ""
async def chat(self):
    yield ""
async def raw_bytes(self):
    yield ""
async def inner(self): ...
"""


@pytest.fixture(scope="module")
def fake():
    server = FakeChute()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def invoke(chutes, fake):
    """invoke(*words): in a project, against the server."""
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    (chutes.cwd / "app.py").write_text(CODE)
    fake.seen.clear()

    def call(*words, **more):
        return chutes("invoke", *words, "--url", fake.url, **more)

    return call


def sent(fake):
    return json.loads(fake.seen[-1][2])


def test_the_answer(invoke, fake):
    got = invoke("hello", "-i", "name=Ada", check=0)
    assert (got.out, got.err) == ('{"message": "hello, Ada", "length": 3}', "")
    method, path, body, headers = fake.seen[-1]
    assert (method, path, body) == ("POST", "/hello", b'{"name":"Ada"}')
    assert headers["Content-Type"] == "application/json"
    assert invoke("/hello", "-d", '{"name":"B"}', check=0).json["message"] == "hello, B"
    assert invoke("POST /hello", "-d", "-", input='{"name":"C"}', check=0).json["length"] == 1


def test_json_result(invoke):
    got = invoke("hello", "-i", "name=Ada", "--json", check=0).json
    assert got["schema"] == "chutes.invoke/v1"
    assert got["result"]["status"] == 200 and got["result"]["json"]["length"] == 3
    assert 0 < got["result"]["first_byte_seconds"] <= got["result"]["seconds"]
    assert invoke("/text", "--json", check=0).json["result"]["text"] == "a\x1b[31mb é\n"
    picture = invoke("/picture", "--json", check=0).json["result"]
    assert base64.b64decode(picture["base64"]) == PNG


@pytest.mark.parametrize("words,expected", [
    (["text=5"], {"text": "5"}),
    (["text=@@x"], {"text": "@x"}),
    (["text=a=b"], {"text": "a=b"}),
    (["text={}"], {"text": "{}"}),
    (["n=5", "x=1.5", "on=true"], {"n": 5, "x": 1.5, "on": True}),
    (["x=2"], {"x": 2}),
    (["n=null"], {"n": None}),
    (["tags=a"], {"tags": ["a"]}),
    (["tags=a", "n=1", "tags=5"], {"tags": ["a", "5"], "n": 1}),
    (['tags=["x","y"]'], {"tags": ["x", "y"]}),
    (["sizes=1", "sizes=2"], {"sizes": [1, 2]}),
    (['extra={"k":[1]}'], {"extra": {"k": [1]}}),
    (["either=5"], {"either": 5}),
    (["either=5x"], {"either": "5x"}),
    (["anything=5"], {"anything": 5}),
    (["anything=five"], {"anything": "five"}),
    (['anything="5"'], {"anything": '"5"'}),
    (["anything=1", "anything=b"], {"anything": [1, "b"]}),
    (["text=@a.txt"], {"text": "line\n"}),
    (["image=@a.png"], {"image": base64.b64encode(PNG).decode()}),
    (["anything=@a.png"], {"anything": base64.b64encode(PNG).decode()}),
    (["anything=@a.txt"], {"anything": "line\n"}),
    (["extra=@a.json"], {"extra": {"j": 1}}),
])
def test_fields(invoke, fake, chutes, words, expected):
    (chutes.cwd / "a.txt").write_text("line\n")
    (chutes.cwd / "a.png").write_bytes(PNG)
    (chutes.cwd / "a.json").write_text('{"j": 1}')
    line = [word for field in words for word in ("-i", field)]
    invoke("typed", *line, check=0)
    assert sent(fake) == expected


@pytest.mark.parametrize("words,message", [
    (["hello"], "field 'name' is missing: it is text"),
    (["hello", "-i", "nome=x"], "cord 'hello' takes no field 'nome'"),
    (["typed", "-i", "n=x"], "field 'n' must be a whole number or null, not 'x'"),
    (["typed", "-i", "n=1.5"], "field 'n' must be a whole number or null, not '1.5'"),
    (["typed", "-i", "on=1"], "field 'on' must be true or false or null, not '1'"),
    (["typed", "-i", "sizes=a"], "field 'sizes' must be a whole number, not 'a'"),
    (["typed", "-i", "text=a", "-i", "text=b"], "field 'text' is given 2 times"),
    (["typed", "-i", "text"], "'text' is no NAME=VALUE"),
    (["typed", "-i", "image=@none"], "field 'image': cannot open 'none': No such file or directory"),
    (["hello", "-d", "{"], "--data is no JSON: line 1, column 1: string or '}' expected near end "
                           "of file"),
    (["hello", "-d", "{}", "-i", "name=a"], "--data and --input exclude each other"),
    (["model"], "field 'a' is missing: it is a whole number"),
    (["model", "-i", "a=x"], "field 'a' must be a whole number, not 'x'"),
    (["hello", "-i", "name=a", "--repeat", "1000001"],
     "--repeat must be 1 to 1000000, not 1000001"),
    (["hello", "-i", "name=a", "--repeat", "0"], "--repeat must be 1 to 1000000, not 0"),
    (["hello", "-i", "name=a", "--concurrency", "0"], "--concurrency must be 1 to 256, not 0"),
    (["hello", "-i", "name=a", "--concurrency", "257"],
     "--concurrency must be 1 to 256, not 257"),
])
def test_mistakes(invoke, fake, words, message):
    got = invoke(*words)
    assert got.err.splitlines()[0] == f"error: {message}"
    assert got.code in (2, 5) and got.out == "" and not fake.seen


def test_hints(invoke):
    assert "did you mean 'name'?" in invoke("hello", "-i", "nome=x").err
    assert "-d '{\"name\":\"Ada\"}'" in invoke("hello").err
    assert "did you mean 'hello'?" in invoke("helo", check=5).err
    assert "there is hello, typed" in invoke("xyz", check=5).err


def test_cords(invoke, fake, chutes):
    invoke("model", "-i", "a=1", "-i", "b=x", "-i", "b=y")
    assert sent(fake) == {"a": 1, "b": ["x", "y"]}
    invoke("free", "-i", "k=1", "-i", "l=x")
    assert sent(fake) == {"k": 1, "l": "x"}
    assert invoke("inner", check=5).err.startswith("error: cord 'inner' has no public route\n")
    got = invoke("hello", "--stream", check=5)
    assert got.err.startswith("error: cord 'hello' does not stream\n")
    assert "streams only" in invoke("words", "--no-stream", check=5).err


def test_queries(invoke, fake):
    invoke("asked", "-i", "q=a b&ü", "-i", "n=2")
    assert fake.seen[-1][:3] == ("GET", "/query?q=a%20b%26%C3%BC&n=2", b"")
    invoke("GET /echo", "-d", '{"l":[1,"x"],"o":{"k":1},"z":null}', check=0)
    assert fake.seen[-1][1] == "/echo?l=1&l=x&o=%7B%22k%22%3A1%7D"
    assert invoke("GET /echo", "-d", "[1]", check=2).err.startswith(
        "error: the input of a GET must be an object, not a list\n")


def test_without_a_spec(chutes, fake):
    got = chutes("invoke", "/echo", "-i", "a=1", "--url", fake.url + "/", check=0)
    assert got.json["input"] == {"a": 1} and got.json["method"] == "POST"
    assert chutes("invoke", "PUT /echo", "--url", fake.url, check=0).json["method"] == "PUT"
    # the chute itself says which cords it has
    assert chutes("invoke", "hello", "-i", "name=5", "--url", fake.url, check=0).json["length"] == 1
    assert "cord 'hello' takes no field 'no'" in \
        chutes("invoke", "hello", "-i", "no=5", "--url", fake.url, check=2).err
    assert chutes("invoke", "words", "--url", fake.url, check=0).out == "a\nb c\n1\n2\n"
    assert "there is hello, words" in chutes("invoke", "nothing", "--url", fake.url, check=5).err
    got = chutes("invoke", "hello", "--url", fake.url + "/hello", check=5)
    assert "does not say which cords it has, and no chute.yaml does" in got.err
    got = chutes("invoke", "/echo", "--url", "ftp://x", check=2)
    assert got.err.startswith("error: 'ftp://x/echo' is no address that can be asked\n")


def test_streams(invoke):
    assert invoke("words", check=0).out == "a\nb c\n1\n2\n"
    assert invoke("words", "--raw", check=0).out.startswith("data: a\n\ndata: b c\n")
    assert invoke("chat", check=0).out == "Hello wörld\n"
    assert invoke("raw_bytes", check=0).out == "é\nend"
    assert "data: [DONE]" in invoke("chat", "--json", check=0).json["result"]["text"]


def test_a_stream_is_shown_as_it_comes(chutes, invoke, fake):
    process = chutes.start("invoke", "words", "--url", fake.url)
    assert process.stdout.readline() == "a\n"
    assert process.wait(20) == 0


def test_files(invoke, chutes):
    got = invoke("/picture", "-o", "out.png", check=0)
    assert (chutes.cwd / "out.png").read_bytes() == PNG and got.out == ""
    assert "saved  out.png (40 B)" in got.err
    invoke("/pictures", "-o", "many.png", check=0)
    assert [(chutes.cwd / name).read_bytes() for name in ("many.png", "many-2.png")] == [PNG] * 2
    invoke("/pictures", "-o", "p%d.png", check=0)
    assert (chutes.cwd / "p1.png").exists() and (chutes.cwd / "p2.png").exists()
    invoke("/pictures", "-o", "whole.json", "--raw", check=0)
    assert json.loads((chutes.cwd / "whole.json").read_text())["n"] == 2
    invoke("hello", "-i", "name=A", "-o", "a.json", check=0)
    assert json.loads((chutes.cwd / "a.json").read_text())["length"] == 1
    got = invoke("/picture", "-o", "no/such/out.png", check=5)
    assert "error: creating 'no/such/out.png': No such file or directory\n" in got.err
    # what is there stays a link
    (chutes.cwd / "link").symlink_to("a.json")
    invoke("/picture", "-o", "link", check=0)
    assert (chutes.cwd / "link").is_symlink() and (chutes.cwd / "a.json").read_bytes() == PNG
    assert invoke("hello", "-i", "name=A", "-o", "/dev/stdout", check=0).out.startswith("{")
    assert os.path.islink("/dev/stdout")
    # nothing is written when the call fails
    invoke("/failing", "-o", "failed", check=16)
    assert not (chutes.cwd / "failed").exists()


@pytest.mark.parametrize("path,code,message", [
    ("/refused", 16, "POST /refused answered 400: Invalid input parameters"),
    ("/none", 16, "POST /none answered 404: Not Found"),
    ("/failing", 16, "POST /failing answered 500: <html>"),
    ("/busy", 16, "POST /busy answered 429: Max concurrency exceeded: 1, try again later."),
    ("/redirect", 16, "POST /redirect answered 302 and points to '/echo'"),
    ("/endless_head", 12, "the answer's head is longer than the limit of 262144 bytes"),
    ("/short", 11, "POST URL/short: the answer broke off"),
    ("/nothing", 11, "POST URL/nothing: the server closed the connection without an answer"),
])
def test_failures(invoke, fake, path, code, message):
    got = invoke(path, check=code)
    assert got.err.splitlines()[0] == "error: " + message.replace("URL", fake.url)
    assert got.out == "" and "\x1b" not in got.err


def test_bad_answers(invoke, fake):
    assert invoke("/not-http", check=11).out == ""
    got = invoke("/broken-chunk", "--raw", check=11)
    assert got.out == "data: a\n\n"
    # bytes are handed on as they are
    done = subprocess.run([invoke.__closure__[0].cell_contents.program, "invoke", "/invalid",
                           "--url", fake.url], capture_output=True, check=True)
    assert done.stdout == b'{"a": "\xff"}'
    assert invoke("/failing", "--raw", check=16).out == "<html>\nboom\x1b[31m"


def test_an_endless_answer(invoke, chutes, fake):
    got = invoke("/endless", "--json", check=12, timeout=120)
    assert got.json["error"]["message"] == \
        "the answer is longer than the limit of 536870912 bytes"
    # into a pipe it goes on as long as somebody reads
    process = chutes.start("invoke", "/endless", "--raw", "--url", fake.url)
    assert process.stdout.read(1 << 20) == "x" * (1 << 20)
    process.stdout.close()
    assert process.wait(20) in (1, 141, -13)


def test_timeout_and_interrupt(invoke, chutes, fake):
    got = invoke("/slow", "--timeout", "300ms", check=9)
    assert got.err.startswith(f"error: {fake.url}/slow took longer than 300 ms\n")
    for number in (signal.SIGINT, signal.SIGTERM):
        n_before = len(fake.seen)
        process = chutes.start("invoke", "/slow", "--url", fake.url)
        wait_for(lambda: len(fake.seen) > n_before)
        process.send_signal(number)
        assert process.wait(20) == 128 + number
        assert process.stderr.read() == "stopped\n"


def test_nobody_there(chutes, port):
    got = chutes("invoke", "/x", "--url", f"http://127.0.0.1:{port}", check=11)
    assert f"POST http://127.0.0.1:{port}/x: " in got.err
    assert "'chutes run' starts it" in got.err


def test_proxies_are_not_for_this_machine(invoke, chutes, port):
    env = {"http_proxy": f"http://127.0.0.1:{port}", "no_proxy": None, "NO_PROXY": None}
    invoke("hello", "-i", "name=A", env=env, check=0)
    got = chutes("invoke", "/x", "--url", "http://example.invalid", env=env, check=11)
    assert f"port {port}" in got.err


def test_trace(invoke, fake):
    got = invoke("hello", "-i", "name=A", "--trace", check=0)
    lines = got.err.splitlines()
    assert lines[0] == f"> POST {fake.url}/hello" and '> 12 bytes: {"name":"A"}' in lines
    assert "< 200" in lines and "< Content-Type: application/json" in lines
    assert lines[-1].startswith("= connected after ")
    assert got.json["length"] == 1


def test_repeat(invoke, fake):
    got = invoke("hello", "-i", "name=A", "--repeat", "20", "--concurrency", "4", check=0)
    lines = got.out.splitlines()
    assert lines[0] == "calls      20 (0 failed), 4 at a time"
    assert "calls/s" in lines[1] and "p95" in lines[2] and len(fake.seen) == 20
    figures = invoke("hello", "-i", "name=A", "--repeat", "10", "--json", check=0).json["result"]
    assert figures["calls"] == 10 and figures["failed"] == 0
    assert 0 < figures["min_ms"] <= figures["median_ms"] <= figures["p95_ms"] <= figures["max_ms"]
    got = invoke("/busy", "--repeat", "3", check=16)
    assert "error: 3 of 3 calls failed: POST /busy answered 429" in got.err


def on_terminal(chutes, words, cwd):
    """What a terminal shows, and the exit status."""
    master, slave = pty.openpty()
    process = subprocess.Popen([chutes.program, "invoke", *words], stdin=subprocess.DEVNULL,
                               stdout=slave, stderr=subprocess.STDOUT, cwd=cwd,
                               env={**chutes.env, "TERM": "dumb"})
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    return shown.decode().replace("\r\n", "\n"), process.wait(20)


def test_on_a_terminal(invoke, chutes, fake):
    where = ["--url", fake.url]
    assert on_terminal(chutes, ["hello", "-i", "name=A", *where], chutes.cwd) == (
        '{\n  "message": "hello, A",\n  "length": 1\n}\n', 0)
    assert on_terminal(chutes, ["/text", *where], chutes.cwd) == ("a\\x1b[31mb é\n", 0)
    shown, code = on_terminal(chutes, ["/picture", *where], chutes.cwd)
    assert code == 2 and "the answer is binary: image/png, and standard output a terminal" in shown
    assert "save it with -o FILE" in shown
    assert on_terminal(chutes, ["/picture", "-o", "t.png", *where], chutes.cwd)[1] == 0
    assert on_terminal(chutes, ["raw_bytes", *where], chutes.cwd) == ("é\nend\n", 0)
    assert on_terminal(chutes, ["chat", *where], chutes.cwd) == ("Hello wörld\n", 0)


def test_libcurl_is_opened_when_it_is_needed(invoke, chutes, fake):
    env = {**chutes.env, "LD_DEBUG": "files"}
    for words, is_mapped in ((["invoke", "--help"], False),
                             (["invoke", "/echo", "--url", fake.url], True)):
        done = subprocess.run([chutes.program, *words], env=env, capture_output=True, text=True,
                              check=True)
        assert ("libcurl" in done.stderr) == is_mapped
