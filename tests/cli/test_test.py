# SPDX-License-Identifier: MIT
"""chutes test against a server that answers as a chute may, and against the stub."""
import json
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest
from fake_chute import FakeChute
from harness import wait_for

HEAD = """\
version: 1
name: fake
handlers: {file: app.py}
image: {name: fake, base: {debian: bookworm}, steps: [{pip: [fastapi, uvicorn, pydantic]}]}
node_selector: {gpu_count: 0}
"""
CORDS = """\
cords:
  - function: hello
    public: POST /hello
    input: {name: {type: string, required: true}}
    output: {schema: reply.json}
    example: {name: Ada}
  - function: echo
    public: GET /echo
    input: {q: string}
    example: {q: x y}
  - {function: words, public: POST /words, stream: true, example: {}}
  - {function: chat, public: POST /chat, stream: true}
  - {function: text, public: POST /text}
  - {function: slow, public: POST /slow}
  - {function: refused, public: POST /refused}
  - {function: inner, example: {}}
"""
GOOD = """\
tests:
  - {name: greets, cord: hello, input: {name: Bob}, expect: {json: {message: "hello, Bob"}, max_ms: 60000}}
  - {name: refuses, cord: hello, input: {name: 5}, expect: {status: 400, json: {detail: Invalid input parameters}}}
  - {name: typed, cord: text, expect: {content_type: text/plain, contains: é}}
  - {name: fits, cord: hello, input: {name: Bob}, expect: {content_type: application/*, schema: reply.json}}
  - {name: streams, cord: words, expect: {contains: "b c"}}
  - {name: says, cord: chat, expect: {contains: Hello wörld}}
"""
CODE = """\
async def hello(self, params): ...
async def echo(self, params): ...
async def words(self):
    yield ""
async def chat(self):
    yield ""
async def text(self): ...
async def slow(self): ...
async def refused(self): ...
async def inner(self): ...
"""
REPLY = {"type": "object", "required": ["message", "length"],
         "properties": {"message": {"type": "string"}, "length": {"type": "integer", "maximum": 9}}}


@pytest.fixture(scope="module")
def fake():
    server = FakeChute()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def tested(chutes, fake):
    """tested(tests, *words): a project with those tests, against the server."""
    (chutes.cwd / "app.py").write_text(CODE)
    (chutes.cwd / "reply.json").write_text(json.dumps(REPLY))
    fake.seen.clear()

    def call(tests, *words, cords=CORDS, where=True, **more):
        (chutes.cwd / "chute.yaml").write_text(HEAD + cords + tests)
        there = ["--url", fake.url] if where else []
        return chutes("test", *there, *words, **more)

    return call


def test_all_pass(tested, fake):
    got = tested(GOOD, check=0)
    lines = [line.rsplit("  ", 1)[0] for line in got.out.splitlines()]
    assert lines[:10] == [
        "ok 1 hello: example", "ok 2 echo: example", "ok 3 words: example", "skip 4 inner: example",
        "ok 5 hello: greets", "ok 6 hello: refuses", "ok 7 text: typed", "ok 8 hello: fits",
        "ok 9 words: streams", "ok 10 chat: says"]
    assert got.out.splitlines()[-1] == "9 passed, 0 failed, 1 skipped"
    assert ("GET", "/echo?q=x%20y", b"") == fake.seen[1][:3]
    assert tested(GOOD, "--parallel", "8", check=0).out.splitlines()[-1].startswith("9 passed")
    assert tested(GOOD, "--cord", "text", check=0).out.splitlines()[-1] == "1 passed, 0 failed"
    assert "did you mean 'text'?" in tested(GOOD, "--cord", "txt", check=5).err


@pytest.mark.parametrize("test,problem", [
    ("{name: t, cord: hello, input: {name: Bob}, expect: {json: {message: hi, length: 3}}}",
     ["the answer differs from what 'json' expects (-) as shown (+)", "--- json", "+++ json",
      "@@ -1,4 +1,4 @@", " {", '-  "message": "hi",',
      '+  "message": "hello, Bob",', '   "length": 3', " }"]),
    ("{name: t, cord: hello, input: {name: Bob}, expect: {json: {none: null}}}",
     ["the answer differs from what 'json' expects (-) as shown (+)", "--- json", "+++ json",
      "@@ -1,3 +1,1 @@", "-{", '-  "none": null', "-}", "+{}"]),
    ("{name: t, cord: text, expect: {json: {}}}",
     ["the answer is no JSON", "  a\\x1b[31mb é"]),
    ("{name: t, cord: refused}",
     ["status 400, expected 200", '  {"detail": "Invalid input parameters"}']),
    ("{name: t, cord: hello, input: {name: B}, expect: {status: 422}}",
     ["status 200, expected 422", '  {"message": "hello, B", "length": 1}']),
    ("{name: t, cord: text, expect: {content_type: text/html}}",
     ["content type 'text/plain; charset=utf-8', expected 'text/html'"]),
    ("{name: t, cord: text, expect: {contains: zzz}}",
     ["the answer does not contain 'zzz'", "  a\\x1b[31mb é"]),
    ("{name: t, cord: hello, input: {name: abcdefghij}, expect: {schema: reply.json}}",
     ["the answer does not fit schema 'reply.json': /length: 10 is more than 9"]),
    ("{name: t, cord: text, expect: {schema: reply.json}}",
     ["the answer is no JSON, as schema 'reply.json' wants it", "  a\\x1b[31mb é"]),
])
def test_what_is_not_as_expected(tested, test, problem):
    got = tested(f"tests:\n  - {test}\n", "--json", check=16)
    entry = got.json["result"]["tests"][-1]
    assert entry["problem"].splitlines() == problem
    assert entry["verdict"] == "failed" and got.json["result"]["failed"] == 1
    assert got.json["schema"] == "chutes.test/v1" and got.json["ok"] is False
    assert got.json["error"]["exit_code"] == 16


def test_failures_are_told_with_their_place(tested):
    got = tested("tests:\n  - {name: no, cord: refused}\n", check=16)
    lines = got.out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("not ok 5 refused: no  "))
    assert lines[at + 1:at + 3] == ["  --> chute.yaml:23", "    status 400, expected 200"]
    assert lines[-1] == "3 passed, 1 failed, 1 skipped"
    assert got.err == "error: 1 of 5 tests failed\n"


def test_an_example_must_fit_the_output(tested, chutes):
    got = tested("", cords=CORDS.replace("{name: Ada}", "{name: abcdefghij}"), check=16)
    assert "the answer does not fit the cord's output: /length: 10 is more than 9" in got.out


def test_too_slow(tested):
    got = tested("tests:\n  - {name: t, cord: words, expect: {max_ms: 1}}\n", "--cord", "words",
                 check=16)
    assert ", expected at most 1 ms" in got.out


def test_broken_connections_fail_the_test(tested, port):
    got = tested(GOOD, "--url", f"http://127.0.0.1:{port}", "--json", check=16)
    assert got.json["result"]["failed"] == 9
    assert "connect" in got.json["result"]["tests"][0]["problem"]


def test_nothing_to_test(tested, fake):
    got = tested("", cords="cords:\n  - {function: hello, public: POST /hello}\n", check=0)
    assert got.out == "0 passed, 0 failed\n"
    assert "warning: nothing to test: chute.yaml has neither an example nor an entry" in got.err
    got = tested("", "--tap", cords="cords:\n  - {function: hello, public: POST /hello}\n", check=0)
    assert got.out.splitlines()[1] == "1..0 # SKIP nothing to test"
    # and nothing is started for it
    tested("", cords="cords:\n  - {function: hello, public: POST /hello}\n", where=False, check=0)
    assert not fake.seen


def test_tap(tested, tmp_path):
    """As Perl's own harness reads it."""
    tests = GOOD + '  - {name: "a # b", cord: refused}\n'
    got = tested(tests, "--tap", check=16)
    lines = got.out.splitlines()
    assert lines[:2] == ["TAP version 13", "1..11"]
    assert lines[2] == "ok 1 - hello: example" and "not ok 11 - refused: a \\# b" in lines
    assert any(line.startswith("ok 4 - inner: example # SKIP") for line in lines)
    (tmp_path / "good.tap").write_text(tested(GOOD, "--tap", check=0).out)
    (tmp_path / "bad.tap").write_text(got.out)
    prove = shutil.which("prove")
    if not prove:
        pytest.skip("no prove")
    run = [prove, "--exec", "cat"]
    done = subprocess.run([*run, tmp_path / "good.tap"], capture_output=True, text=True)
    assert done.returncode == 0 and "Files=1, Tests=10" in done.stdout
    done = subprocess.run([*run, tmp_path / "bad.tap"], capture_output=True, text=True)
    assert done.returncode == 1 and "Failed test:  11" in done.stdout
    assert "Parse errors" not in done.stdout


def test_junit(tested, chutes):
    tests = GOOD + "  - {name: 'a <b> & \"c\"', cord: refused}\n"
    tested(tests, "--junit", "report.xml", check=16)
    root = ElementTree.parse(chutes.cwd / "report.xml").getroot()
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert root.tag == "testsuites" and len(cases) == 11
    for element in (root, suite):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == \
            ("11", "1", "0")
    assert suite.get("skipped") == "1" == str(len(suite.findall("testcase/skipped")))
    assert suite.get("name") == "fake" and float(suite.get("time")) >= 0
    time.strptime(suite.get("timestamp"), "%Y-%m-%dT%H:%M:%S")
    assert all(case.get("classname") and case.get("name") and float(case.get("time")) >= 0
               for case in cases)
    assert cases[-1].get("name") == 'refused: a <b> & "c"'
    failure = cases[-1].find("failure")
    assert failure.get("message") == "status 400, expected 200" and failure.get("type")
    assert "Invalid input parameters" in failure.text
    got = tested(GOOD, "--junit", "no/such/report.xml", check=5)
    assert "--junit: " in got.err


@pytest.mark.parametrize("words,message", [
    (["--parallel", "0"], "--parallel must be 1 to 64, not 0"),
    (["--parallel", "65"], "--parallel must be 1 to 64, not 65"),
    (["--tap", "--json"], "--tap and --json exclude each other"),
    (["--stub"], "--url and --stub exclude each other"),
])
def test_mistakes(tested, words, message):
    got = tested(GOOD, *words, check=2)
    assert got.err.startswith(f"error: {message}\n")


def test_a_schema_that_makes_no_sense(tested, chutes):
    (chutes.cwd / "odd.json").write_text('{"$ref": "other.json"}')
    got = tested("tests:\n  - {name: t, cord: hello, input: {name: B}, expect: {schema: odd.json}}\n",
                 check=3)
    assert "refers to 'other.json', which is not in it" in got.err


def test_interrupt_and_timeout(tested, chutes, fake):
    slow = "tests:\n  - {name: t, cord: slow}\n"
    got = tested(slow, "--cord", "slow", "--timeout", "500ms")
    assert got.code in (9, 16) and "took longer than" in got.out + got.err
    n_before = len(fake.seen)
    process = chutes.start("test", "--url", fake.url, "--cord", "slow")
    wait_for(lambda: len(fake.seen) > n_before)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130


def test_stub(tested, chutes):
    """Examples that the stub answers with what they say are not tested, and nobody may think so."""
    tests = "tests:\n  - {name: t, cord: hello, input: {name: Bob}, expect: {schema: reply.json}}\n"
    got = tested(tests, "--stub", where=False, check=0)
    lines = got.out.splitlines()
    assert lines[0].startswith("stub 1 hello: example  ")
    assert lines[-1] == \
        "1 passed, 0 failed, 1 skipped, 3 examples not tested (stub run: no code of the chute ran)"
    result = tested(tests, "--stub", "--json", where=False, check=0).json["result"]
    assert result["stub"] is True and result["not_tested"] == 3 and result["passed"] == 1
    tested(tests, "--stub", "--junit", "report.xml", where=False, check=0)
    suite = ElementTree.parse(chutes.cwd / "report.xml").getroot().find("testsuite")
    assert suite.get("skipped") == "4"
    assert suite.find("properties/property").get("value") == "true"
    assert "# SKIP the stub has answered" in tested(tests, "--stub", "--tap", where=False).out
    # nothing is left running
    assert chutes("ps", "--json", check=0).json["result"]["chutes"] == []


def test_a_module_that_registers_its_own_cords(tested, chutes, fake):
    """What they are tells the chute that runs."""
    (chutes.cwd / "module.py").write_text("chute = 1\n")
    spec = HEAD.replace("handlers: {file: app.py}", "python: {file: module.py}") + \
        "cords: {import: true}\n" + \
        "tests:\n  - {name: t, cord: words, expect: {contains: b c}}\n"
    (chutes.cwd / "chute.yaml").write_text(spec)
    got = chutes("test", "--url", fake.url, check=0)
    assert got.out.splitlines()[-1] == "1 passed, 0 failed"
    (chutes.cwd / "chute.yaml").write_text(spec.replace("cord: words", "cord: word"))
    assert "test 't': there is no cord 'word'" in chutes("test", "--url", fake.url, check=3).err


@pytest.mark.parametrize("name", ["audio", "diffusion", "embedding", "handlers", "job", "server",
                                  "sglang", "vllm"])
def test_templates_pass_with_the_stub(chutes, name):
    model = ["--model", "org/model"] if name in ("diffusion", "embedding", "sglang", "vllm") else []
    chutes("init", "--template", name, *model, "new", check=0)
    result = chutes("test", "--stub", "--json", cwd=chutes.cwd / "new", check=0).json["result"]
    # a job is nothing that a stub could do
    assert result["skipped"] == len(result["tests"]) if name == "job" else result["passed"] > 0


def test_jobs_are_not_called(chutes, fake):
    chutes("init", "--template", "job", "new", check=0)
    got = chutes("test", "--url", fake.url, cwd=chutes.cwd / "new", check=0)
    assert "(jobs run without --url only)" in got.out
    got = chutes("test", "--stub", "--cord", "none", cwd=chutes.cwd / "new", check=5)
    assert got.err.startswith("error: there is no job 'none'\n")
