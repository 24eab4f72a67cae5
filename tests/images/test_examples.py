# SPDX-License-Identifier: MIT
"""The examples, and the first session that README shows: built, served, called."""
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import urllib.error

import pytest
from harness import ROOT
from real import UNREACHABLE, Serving


@pytest.fixture
def example(images):
    """A copy of an example, to be built or served; where packages cannot be had there is no test."""
    def prepare(name, among="examples"):
        shutil.rmtree(images.cwd)
        shutil.copytree(ROOT / among / name, images.cwd)
        done = images.build(check=None)
        if done.code and re.search(UNREACHABLE, done.err):
            pytest.skip(f"{among}/{name}: packages cannot be reached")
        assert done.code == 0, repr(done)
        return images
    return prepare


def events(reply):
    """When each event arrived, and what it says."""
    for line in reply:
        if line.startswith(b"data: "):
            yield time.monotonic(), line[6:].strip().decode()


def check_pace(reply, texts, delay):
    got = list(events(reply))
    assert [text for _, text in got] == texts
    gaps = [later - earlier for (earlier, _), (later, _) in zip(got, got[1:])]
    assert min(gaps) > delay / 3, f"not streamed: {gaps}"


def test_hello(example, port):
    images = example("hello")
    with Serving(images, port, "--port", str(port)) as serving:
        line = serving.wait_ready()
        assert f"http://127.0.0.1:{port}" in line
        assert "POST /hello" in line and "POST /count (stream)" in line
        with serving.post("/hello", {"name": "Ada"}) as reply:
            assert json.load(reply) == {"message": "hello, Ada"}
        with serving.post("/count", {"n": 4, "delay_ms": 300}) as reply:
            assert reply.headers["Content-Type"].startswith("text/event-stream")
            check_pace(reply, ["1", "2", "3", "4"], 0.3)
        with pytest.raises(urllib.error.HTTPError) as wrong:
            serving.post("/hello", {"name": "x" * 65})
        assert wrong.value.code == 400
        serving.process.send_signal(signal.SIGINT)
        assert serving.process.wait(40) == 130
        serving.has_nothing_left()


def test_offline(example, port):
    images = example("offline")
    # its own port may be taken on this machine
    file = images.cwd / "chute.yaml"
    file.write_text(file.read_text().replace("9000", str(port)))
    with Serving(images, port, "--no-build") as serving:
        assert "POST /render" in serving.wait_ready()
        with serving.post("/render", {"text": "# Title"}) as reply:
            assert json.load(reply) == {"html": "<h1>Title</h1>"}
        with serving.post("/blocks", {"text": "a\n\nb\n\nc", "delay_ms": 300}) as reply:
            check_pace(reply, [json.dumps({"html": f"<p>{x}</p>"}) for x in "abc"], 0.3)
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(40) == 143
        serving.has_nothing_left()


EXAMPLES = sorted(spec.parent.name for spec in (ROOT / "examples").glob("*/chute.yaml"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_an_example_expects(example, name):
    """As its README says: `chutes test`."""
    passes(example(name))


def test_template_of_an_engine(example, port):
    """The engine in the image says its input back; a body with `stream` takes the cord that streams."""
    project = example("engine", "tests/images")
    passes(project, "--gpus", "none")
    with Serving(project, port, "--no-build", "--gpus", "none") as serving:
        serving.wait_ready()
        body = {"model": "echo-model", "messages": [{"role": "user", "content": "a b c"}]}
        with serving.post("/v1/chat/completions", body) as reply:
            assert json.load(reply)["choices"][0]["message"]["content"] == "a b c"
        with serving.post("/v1/chat/completions", {**body, "stream": True}) as reply:
            got = list(events(reply))
        words = [json.loads(text)["choices"][0]["delta"]["content"] for _, text in got[:-1]]
        assert words == ["a", "b", "c"] and got[-1][1] == "[DONE]"
        gaps = [later - earlier for (earlier, _), (later, _) in zip(got, got[1:])]
        assert min(gaps) > 0.03, f"not streamed: {gaps}"


def passes(project, *args):
    got = project("test", "--no-build", *args, check=0, timeout=120)
    assert re.search(r"^[1-9]\d* passed, 0 failed\n\Z", got.out, re.M), repr(got)


def session():
    """The commands that README's first session shows."""
    text = (ROOT / "README.md").read_text()
    block = re.search(r"## First session\s+```\n(.*?)```", text, re.S)[1]
    return [shlex.split(line, comments=True) for line in block.splitlines()]


def test_first_session(images, port):
    """Line by line, in a fresh directory."""
    commands = session()
    assert [words[1] for words in commands if words[0] == "chutes"] == [
        "doctor", "init", "validate", "fmt", "lock", "build", "images", "shell", "test", "run",
        "invoke", "ps", "logs", "stop", "render", "id"]
    says = {"shell": r"\d+\.\d+\.\d+\n", "images": "mychute", "test": "5 passed, 0 failed",
            "run": f"http://127.0.0.1:{port}", "invoke": "hello, Ada", "ps": "mychute", "logs": "hello"}
    folder = images.cwd
    try:
        for words in commands:
            if words[0] == "cd":
                folder = folder / words[1]
                continue
            # port 8000 may be taken on this machine
            more = ["-p", port] if words[1] == "run" else []
            done = images(*words[1:], *more, cwd=folder, timeout=500)
            if done.code and re.search(UNREACHABLE, done.err):
                pytest.skip("packages cannot be reached")
            assert done.code == 0, repr(done)
            assert re.search(says.get(words[1], ""), done.out), repr(done)
    finally:
        images("stop", "--all")
    again = images.build(cwd=folder).json["result"]
    assert again["cached"] == again["steps"]


@pytest.fixture
def started(images):
    """started(args) -> a project of `chutes init`, its image built."""
    def start(*args):
        images("init", "--name", "demo", *args, check=0)
        done = images.build(check=None)
        if done.code and re.search(UNREACHABLE, done.err):
            pytest.skip("packages cannot be reached")
        assert done.code == 0, repr(done)
        return images
    return start


def move_port(images, port):
    """The project's own port may be taken on this machine."""
    file = images.cwd / "chute.yaml"
    file.write_text(file.read_text().replace("9000", str(port)))


@pytest.mark.parametrize("template", ["handlers", "server", "job"])
def test_what_a_new_project_expects(started, template):
    """`chutes test` as the author finds it; and what it expects holds for the stub too."""
    project = started("--template", template)
    passes(project)
    project("test", "--stub", check=0, timeout=60)


APPLICATION = """\
from fastapi import FastAPI
from shop.prices import price

app = FastAPI()

@app.get("/price")
def read_price():
    return {"price": price()}

@app.post("/double")
def double(body: dict):
    return {"n": 2 * body["n"]}
"""


def test_application_that_was_there(started, images, port):
    (images.cwd / "main.py").write_text(APPLICATION)
    (images.cwd / "shop").mkdir()
    (images.cwd / "shop/prices.py").write_text("def price():\n    return 3\n")
    started()
    move_port(images, port)
    with Serving(images, port, "--no-build") as serving:
        serving.wait_ready()
        assert json.loads(serving.get("/price")) == {"price": 3}
        with serving.post("/double", {"n": 21}) as reply:
            assert json.load(reply) == {"n": 42}


@pytest.mark.skipif(os.geteuid() != 0, reason="installs packages")
def test_quickstart_says_what_it_installs():
    done = subprocess.run(["sh", ROOT / "examples/quickstart.sh", "--print"], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
