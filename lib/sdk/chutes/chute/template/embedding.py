# SPDX-License-Identifier: MIT
"""A model of embeddings under vLLM, OpenAI compatible."""

from __future__ import annotations

import json
import shlex
from typing import Any

from chutes.chute.base import Chute, ChutePack
from chutes.chute.node_selector import NodeSelector
from chutes.chute.template.engine import Engine, fetch, gpu_count
from chutes.chute.template.language import add_cords, build, missing
from chutes.chute.template.vllm import SERVER
from chutes.image import Image
from chutes.image.standard.vllm import VLLM

# how families of models pool, by what their names contain; the others take the mean
POOLING = (("e5-", "MEAN"), ("bge-", "CLS"), ("gte-", "LAST"), ("sentence-t5", "MEAN"),
           ("st5", "MEAN"), ("jina-embeddings", "MEAN"))  # fmt: skip


class EmbeddingChutePack(ChutePack):
    """With its cord embed."""


def build_embedding_chute(
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
    pooling_type: str = "auto",
    max_embed_len: int = 3072000,
    enable_chunked_processing: bool = True,
    allow_external_egress: bool = False,
    tee: bool = False,
) -> EmbeddingChutePack:
    chute = build(
        "embedding",
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
    pooling = _pooling(model_name) if pooling_type == "auto" else pooling_type
    pooler: dict[str, Any] = {"pooling_type": pooling}
    if enable_chunked_processing:
        pooler |= {"enable_chunked_processing": True, "max_embed_len": max_embed_len}

    @chute.on_startup()
    async def initialize_vllm_embedding(self: Chute) -> None:
        given = engine_args or ""
        added = missing(given, {"--tensor-parallel-size": [str(gpu_count())]})
        command = [SERVER, "--model", model_name, "--served-model-name", self.name]
        command += ["--revision", str(revision), "--pooler-config", json.dumps(pooler)]
        env = {"VLLM_ENABLE_CHUNKED_PROCESSING": "true"} if enable_chunked_processing else {}
        env.update(await fetch(model_name, str(revision)))
        await Engine([*command, *shlex.split(given), *added], env).start(self)

    return add_cords(chute, "embedding", EmbeddingChutePack)


def _pooling(model_name: str) -> str:
    name = model_name.lower()
    for part, pooling in POOLING:
        if part in name:
            return pooling
    return "LAST" if "qwen" in name and "embedding" in name else "MEAN"
