# SPDX-License-Identifier: MIT
"""Images from text under diffusers: Stable Diffusion and its XL form."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import urllib.parse
import urllib.request
import uuid
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field

from chutes.chute.base import Chute, ChutePack
from chutes.chute.node_selector import NodeSelector
from chutes.image import Image
from chutes.image.standard.diffusion import DIFFUSION

CIVITAI = "https://civitai.com/"
JPEG_QUALITY = 85


class GenerationInput(BaseModel):
    prompt: str
    negative_prompt: str = ""
    height: int = Field(1024, ge=128, le=2048)
    width: int = Field(1024, ge=128, le=2048)
    num_inference_steps: int = Field(25, ge=1, le=50)
    guidance_scale: float = Field(7.5, ge=1.0, le=20.0)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)


class MinifiedGenerationInput(BaseModel):
    prompt: str = "a beautiful mountain landscape"


class DiffusionChute(ChutePack):
    """With its cord generate."""


def build_diffusion_chute(
    username: str,
    name: str,
    model_name_or_url: str,
    node_selector: NodeSelector,
    tagline: str = "",
    readme: str = "",
    concurrency: int = 3,
    version: str | None = None,
    revision: str | None = None,
    image: str | Image = DIFFUSION,
    pipeline_args: dict[str, Any] | None = None,
    max_instances: int = 1,
    scaling_threshold: float = 0.75,
    shutdown_after_seconds: int = 300,
    tee: bool = False,
) -> DiffusionChute:
    chute = Chute(
        username=username,
        name=name,
        tagline=tagline,
        readme=readme,
        image=image,
        node_selector=node_selector,
        standard_template="diffusion",
        concurrency=concurrency,
        max_instances=max_instances,
        scaling_threshold=scaling_threshold,
        shutdown_after_seconds=shutdown_after_seconds,
        tee=tee,
    )

    @chute.on_startup()
    async def initialize_pipeline(self: Any) -> None:
        if model_name_or_url.lower().startswith(CIVITAI):
            file = await asyncio.to_thread(_download, model_name_or_url, version)
            self.pipeline = await asyncio.to_thread(_from_file, file)
        else:
            options = {**(pipeline_args or {}), **({"revision": revision} if revision else {})}
            self.pipeline = await asyncio.to_thread(_from_hub, model_name_or_url, options)

    @chute.cord(
        public_api_path="/generate",
        input_schema=GenerationInput,
        minimal_input_schema=MinifiedGenerationInput,
        output_content_type="image/jpeg",
        pass_chute=True,
    )
    async def generate(self: Any, params: GenerationInput) -> Response:
        picture = _paint(self.pipeline, params)
        buffer = io.BytesIO()
        picture.save(buffer, format="JPEG", quality=JPEG_QUALITY)
        disposition = f'attachment; filename="{uuid.uuid4()}.jpg"'
        return Response(
            buffer.getvalue(),
            media_type="image/jpeg",
            headers={"Content-Disposition": disposition},
        )

    return DiffusionChute(chute=chute, generate=generate)


def _paint(pipeline: Any, params: GenerationInput) -> Any:
    import torch

    options = params.model_dump(exclude={"seed"})
    if params.seed is not None:
        options["generator"] = torch.Generator(device="cuda").manual_seed(params.seed)
    with torch.inference_mode():
        return pipeline(**options).images[0]


def _from_hub(model: str, options: dict[str, Any]) -> Any:
    import torch
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

    try:
        kind = StableDiffusionXLPipeline
        pipeline = kind.from_pretrained(model, torch_dtype=torch.float16, **options)
    except Exception:  # it is not of the XL form
        kind = StableDiffusionPipeline
        pipeline = kind.from_pretrained(model, torch_dtype=torch.float16, **options)
    return pipeline.to("cuda")


def _from_file(file: str) -> Any:
    import torch
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline

    try:
        kind = StableDiffusionXLPipeline
        pipeline = kind.from_single_file(file, torch_dtype=torch.float16, use_safetensors=True)
    except Exception:  # it is not of the XL form
        kind = StableDiffusionPipeline
        pipeline = kind.from_single_file(file, torch_dtype=torch.float16, use_safetensors=True)
    return pipeline.to("cuda")


def _download(url: str, version: str | None) -> str:
    """A model of civitai.com, kept in CIVITAI_HOME; its file."""
    path = urllib.parse.urlsplit(url).path
    found = re.search(r"^(.*)/models/([0-9]+)", path)
    if not found:
        raise ValueError(f"'{url}' names no model: {CIVITAI}models/NUMBER")
    model = found[2]
    folder = os.getenv("CIVITAI_HOME", os.path.expanduser("~/.cache/civitai"))
    os.makedirs(folder, exist_ok=True)
    file = os.path.join(folder, f"{model}.safetensors")
    if not os.path.exists(file):
        is_download = found[1].lower().endswith("download")
        version = version or (model if is_download else _newest(model))
        source = f"{CIVITAI}api/download/models/{version}?type=Model&format=SafeTensor"
        urllib.request.urlretrieve(source, f"{file}.part")
        os.rename(f"{file}.part", file)
    return file


def _newest(model: str) -> str:
    with urllib.request.urlopen(f"{CIVITAI}api/v1/models/{model}") as reply:
        return str(json.load(reply)["modelVersions"][0]["id"])
