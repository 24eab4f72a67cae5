# SPDX-License-Identifier: MIT
"""A language model under SGLang, OpenAI compatible."""

from __future__ import annotations

from chutes.chute.base import Chute, ChutePack
from chutes.chute.node_selector import NodeSelector
from chutes.chute.template.engine import Engine, fetch, gpu_count
from chutes.chute.template.language import add_cords, build, words
from chutes.image import Image
from chutes.image.standard.sglang import SGLANG

SERVER = "sglang.launch_server"


class SGLangChute(ChutePack):
    """With its cords: chat, completion, chat_stream, completion_stream, models."""


def build_sglang_chute(
    username: str,
    model_name: str,
    node_selector: NodeSelector,
    image: str | Image = SGLANG,
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
) -> SGLangChute:
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
    async def initialize_sglang(self: Chute) -> None:
        defaults = {
            "--enable-cache-report": [],
            "--enable-return-hidden-states": [],
            "--disable-custom-all-reduce": [],
            "--gc-threshold": ["50000", "100", "100"],
            "--log-requests-level": ["0"],
        }
        if "--tp" not in words(engine_args, {}) and "--tp=" not in (engine_args or ""):
            defaults["--tp"] = [str(gpu_count())]
        command = [SERVER, "--model-path", model_name, *words(engine_args, defaults)]
        env = {"SGL_MODEL_NAME": self.name, "SGL_REVISION": str(revision)}
        env["SGLANG_DISABLE_REQUEST_LOGGING"] = "True"
        env.update(await fetch(model_name, str(revision)))
        await Engine([*command, "--revision", str(revision)], env).start(self)

    return add_cords(chute, "sglang", SGLangChute, sglang_passthrough=True)
