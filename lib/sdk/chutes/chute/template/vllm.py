# SPDX-License-Identifier: MIT
"""A language model under vLLM, OpenAI compatible."""

from __future__ import annotations

from chutes.chute.base import Chute, ChutePack
from chutes.chute.node_selector import NodeSelector
from chutes.chute.template.engine import Engine, fetch, gpu_count
from chutes.chute.template.language import add_cords, build, words
from chutes.image import Image
from chutes.image.standard.vllm import VLLM

SERVER = "vllm.entrypoints.openai.api_server"


class VLLMChute(ChutePack):
    """With its cords: chat, completion, chat_stream, completion_stream, models."""


def build_vllm_chute(
    username: str,
    model_name: str,
    node_selector: NodeSelector,
    image: str | Image = VLLM,
    tagline: str = "",
    readme: str = "",
    concurrency: int = 32,
    engine_args: str | None = None,
    revision: str | None = None,
    max_instances: int = 1,
    scaling_threshold: float = 0.75,
    shutdown_after_seconds: int = 300,
    allow_external_egress: bool = False,
    tee: bool = False,
) -> VLLMChute:
    chute = build(
        "vllm",
        model_name,
        revision,
        engine_args,
        username=username,
        node_selector=node_selector,
        image=image,
        tagline=tagline,
        readme=readme,
        concurrency=concurrency,
        max_instances=max_instances,
        scaling_threshold=scaling_threshold,
        shutdown_after_seconds=shutdown_after_seconds,
        allow_external_egress=allow_external_egress,
        tee=tee,
    )

    @chute.on_startup()
    async def initialize_vllm(self: Chute) -> None:
        command = [SERVER, "--model", model_name, "--served-model-name", self.name]
        command += ["--revision", str(revision), *_arguments(self, engine_args)]
        env = {"VLLM_NO_USAGE_STATS": "1", "VLLM_DO_NOT_TRACK": "1", "DO_NOT_TRACK": "1"}
        await Engine(command, {**await fetch(model_name, str(revision)), **env}).start(self)

    return add_cords(chute, "vllm", VLLMChute)


def _arguments(chute: Chute, engine_args: str | None) -> list[str]:
    defaults = {
        "--tensor-parallel-size": [str(gpu_count())],
        "--enable-prompt-tokens-details": [],
        "--disable-custom-all-reduce": [],
        "--no-enable-log-requests": [],
        "--no-enable-log-outputs": [],
        "--no-enable-log-deltas": [],
    }
    given = words(engine_args, {})
    for flag in ("--enable-log-requests", "--enable-log-outputs", "--enable-log-deltas"):
        if flag in given:
            del defaults[f"--no-{flag[2:]}"]
    if "affine" in chute.name.lower():
        defaults["--enable-return-hidden-states"] = []
    return words(engine_args, defaults)
