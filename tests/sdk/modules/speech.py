# SPDX-License-Identifier: MIT
"""An async generator whose items have a model, enums, a file beside the module."""

from __future__ import annotations

from enum import Enum, IntEnum

from chutes.chute import Chute, NodeSelector
from chutes.image import Image
from fastapi import HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

image = Image(username="me", name="speech", tag="0.1").add("note.txt", "/app/note.txt")
image = image.set_user("root").run_command("""apt-get update && \\
    apt-get -y install espeak-ng""").set_user("chutes")


class Voice(str, Enum):
    anna = "anna"
    bob = "bob"


class Speed(IntEnum):
    slow = 1
    fast = 2


class Mixed(Enum):
    a = 1
    b = "b"


class Nested(BaseModel):
    voice: Voice = Voice.anna
    others: list[Voice] = []


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid", title="What is said")
    text: str = Field(..., min_length=1, max_length=2000, examples=["hi"])
    nested: Nested = Field(default_factory=Nested)
    speed: Speed = Speed.slow

    @field_validator("text")
    @classmethod
    def strip(cls, text: str) -> str:
        return text.strip()


class Chunk(BaseModel):
    audio: str
    index: int = 0


chute = Chute(
    username="me",
    name="speech/one.TTS",
    image=image,
    node_selector=NodeSelector(gpu_count=2, min_vram_gb_per_gpu=24, include=["l40", "a6000"]),
    shutdown_after_seconds=60,
    max_instances=3,
    scaling_threshold=0.5,
    allow_external_egress=True,
    title="Speech",
)


@chute.on_startup(priority=90)
def last(self): ...


@chute.on_startup(priority=0)
async def first(self): ...


@chute.on_startup()
async def middle(self): ...


@chute.on_startup()
def middle_too(self): ...


@chute.on_shutdown(priority=1)
async def close(self): ...


@chute.cord(public_api_path="/speak/", public_api_method="POST", stream=True)
async def speak(self, args: Input) -> Chunk:
    if not args.text:
        raise HTTPException(400, "nothing")
    yield Chunk(audio="")


@chute.cord(path="/inner/path", public_api_path="voices", public_api_method="GET",
            output_content_type="application/json")
def voices(self) -> list[Voice]:
    return list(Voice)


@chute.cord(public_api_path="/wav", output_content_type="audio/wav", provision_timeout=30)
async def wav(self, voice: Voice, speed: Speed = Speed.slow, mixed: Mixed = Mixed.a) -> StreamingResponse:
    return StreamingResponse(iter([]))
