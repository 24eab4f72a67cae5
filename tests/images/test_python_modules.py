# SPDX-License-Identifier: MIT
"""Modules written for the platform's SDK, served in an image that has none: by ours."""

import json
import re
import signal
import urllib.error

import pytest
from real import UNREACHABLE, Serving

SPEC = """\
version: 1
name: mine
username: someone
python: {{file: mine.py}}
image:
  name: mine
  base: {{debian: bookworm}}
  steps:
    - pip: {packages}
node_selector: {{gpu_count: 0}}
"""
PACKAGES = '["fastapi>=0.110,<1", "uvicorn>=0.29,<1", "pydantic>=2.9,<3"]'
MODULE = """\
from chutes.chute import Chute
from chutes.util.context import is_remote
from pydantic import BaseModel

chute = Chute("someone", "mine", "someone/mine:1", concurrency=3)
assert is_remote()

class Input(BaseModel):
    n: int = 2

@chute.on_startup()
async def load(self): self.loaded = True
@chute.on_shutdown()
async def bye(self): print("bye", flush=True)
@chute.cord(public_api_path="/double")
async def double(self, args: Input): return {"n": args.n * 2, "loaded": self.loaded}
@chute.cord(public_api_path="/search", public_api_method="GET")
def search(self, args: Input): return args.n
@chute.cord(public_api_path="/chat", path="whole")
async def whole(self, body: dict): return "whole"
@chute.cord(public_api_path="/chat", path="parts", stream=True)
async def parts(self, body: dict):
    for i in range(2): yield f"data: {i}\\n\\n"
"""


@pytest.fixture
def module(images):
    """module(packages) -> chutes beside a module whose image is built."""

    def prepare(packages):
        (images.cwd / "chute.yaml").write_text(SPEC.format(packages=packages))
        (images.cwd / "mine.py").write_text(MODULE)
        done = images.build(check=None)
        if done.code and re.search(UNREACHABLE, done.err):
            pytest.skip("packages cannot be reached")
        assert done.code == 0, repr(done)
        return images

    return prepare


def test_cords_that_only_python_knows(module, port):
    with Serving(module(PACKAGES), port, "--port", str(port)) as serving:
        line = serving.wait_ready()
        assert f"http://127.0.0.1:{port}" in line
        with serving.post("/double", {"n": 4}) as reply:
            assert json.load(reply) == {"n": 8, "loaded": True}
        with serving.post("/chat", {"stream": False}) as reply:
            assert json.load(reply) == "whole"
        with serving.post("/chat", {"stream": True}) as reply:
            assert reply.read() == b"data: 0\n\ndata: 1\n\n"
        with pytest.raises(urllib.error.HTTPError) as wrong:
            serving.post("/double", {"n": "x"})
        assert wrong.value.code == 400
        assert json.loads(serving.get("/_conn_stats"))["concurrency"] == 3
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(40) == 143
        serving.has_nothing_left()


def test_the_step_that_brings_what_is_missing(module, port):
    with Serving(module('["h11"]'), port, "--port", str(port)) as serving:
        status = serving.process.wait(60)
        said = serving.text()
        assert status == 14, said
        assert "error: the image has no fastapi, pydantic, uvicorn\n" in said
        assert '- pip: ["fastapi>=0.100", "pydantic>=2.9", "uvicorn>=0.22"]' in said
