# SPDX-License-Identifier: MIT
"""Two cords whose schemas come from hints only; models are cached in a hook."""

from typing import Dict, List, Literal, Optional, Set, Tuple, Union

from chutes.chute import Chute, NodeSelector
from chutes.image import Image
from pydantic import BaseModel, Field

image = (
    Image(username="me", name="Classifier", tag="0.0.2", readme="Is it fine?")
    .from_base("parachutes/base-python:3.12.9")
    .apt_install("libgl1")
    .apt_install(["ffmpeg", "git"])
    .apt_remove("nano")
    .run_command("pip install --no-cache 'transformers==4.48.2' safetensors")
    .with_env("HF_HUB_ENABLE_HF_TRANSFER", "1")
)
chute = Chute(
    username="me",
    name="classifier",
    readme="# Classifier",
    tagline="fine or not",
    image=image,
    node_selector=NodeSelector(gpu_count=1, min_vram_gpu_per_gpu=24, exclude=["t4"]),
    concurrency=8,
)


class Picture(BaseModel):
    image_b64: str = Field(description="base64")
    threshold: float = Field(0.5, gte=0, le=1)


class Verdict(BaseModel):
    label: Literal["safe", "unsafe"]
    score: float
    more: Optional[Dict[str, float]] = None


@chute.on_startup()
async def initialize(self):
    self.model = None


@chute.cord(public_api_path="/image", method="POST")
async def image_cord(self, picture: Picture) -> Verdict:
    return Verdict(label="safe", score=1)


@chute.cord(public_api_path="/text", method="POST")
async def text_cord(self, texts: List[str]) -> Dict[str, List[float]]:
    return {}


@chute.cord()
def mixed(
    self,
    a: Union[int, str],
    b: Tuple[int, str],
    c: Set[float],
    d: Optional[Verdict] = None,
    e: int | None = None,
    f: list[Picture] = [],
    g: dict = {},
    *,
    h: "Literal['x', 2]" = "x",
) -> bool:
    return True
