# SPDX-License-Identifier: MIT
"""A template's pack, changed a little."""

import os

from chutes.chute import NodeSelector
from chutes.chute.template.vllm import build_vllm_chute
from chutes.image import Image

os.environ["NO_PROXY"] = "localhost,127.0.0.1"
if os.getenv("CHUTES_EXECUTION_CONTEXT") == "REMOTE":
    raise RuntimeError("downloads something here")

pack = build_vllm_chute(
    username="me",
    readme="Llama",
    model_name="unsloth/Llama-3.2-1B-Instruct",
    image=Image("me", "vllm", "1").from_base("parachutes/python:3.12").run_command("pip install vllm"),
    node_selector=NodeSelector(gpu_count=1),
    concurrency=4,
    engine_args="--max-model-len 4096 \\\n --trust-remote-code",
    revision="0123456789abcdef0123456789abcdef01234567",
)
chute = pack.chute
chute.tagline_of = callable(pack.chat) and callable(pack.models)


@chute.on_startup(priority=1)
async def before(self): ...


@chute.cord(public_api_path="/extra")
async def extra(self, body: dict) -> str:
    return ""
