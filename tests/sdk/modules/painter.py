# SPDX-License-Identifier: MIT
"""Explicit schemas, a minimal one, schemas as dicts, arguments for the client's session."""

from io import BytesIO

from chutes.chute import Chute, NodeSelector
from chutes.image import Image as ChuteImage
from chutes.image.standard.diffusion import DIFFUSION
from fastapi import Response
from pydantic import BaseModel, Field

Image = BytesIO  # as a module that also paints has another thing of that name
NAME = "painter"
image = ChuteImage("me", NAME, "1.0").from_base("parachutes/flux.1-dev:latest").with_maintainer("me")


class Size(BaseModel):
    width: int = Field(1024, ge=128, le=2048, multiple_of=8)
    height: int = 1024


class Generation(BaseModel):
    prompt: str
    size: Size = Size()
    seed: int | None = Field(None, ge=0, lt=2**32)


class Minimal(BaseModel):
    prompt: str = "a mountain"


chute = Chute("me", NAME, image, "paints", node_selector=NodeSelector(), encrypted_fs=True, tee=True,
              standard_template=None, revision=None, lock_modules=True,
              passthrough_headers={"X-A": "b"})
other = Chute("me", "not this one", DIFFUSION)


@chute.cord(
    public_api_path="/generate",
    method="POST",
    input_schema=Generation,
    minimal_input_schema=Minimal,
    output_content_type="image/jpeg",
    pass_chute=True,
)
async def generate(self, params: Generation) -> Response:
    return Response(b"", media_type="image/jpeg")


@chute.cord(public_api_path="/sizes", output_schema=Size, input_schema={"type": "object"})
async def sizes(self, params):
    return None


@chute.cord(
    public_api_path="/forward",
    passthrough=True,
    passthrough_path="/v1/images/",
    passthrough_port=9000,
    stream=True,
    minimal_input_schema={"type": "object", "properties": {}},
    timeout=60,
)
async def forward(data):
    return data
