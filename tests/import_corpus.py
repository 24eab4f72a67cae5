# SPDX-License-Identifier: MIT
"""Modules as authors write them for the platform's SDK, one for each thing that an import has to
get right. `LOADS` are those that the real SDK loads, too."""

REVISION = "0123456789abcdef0123456789abcdef01234567"

VLLM_OLD_REVISION = f'''
from chutes.chute import NodeSelector
from chutes.chute.template.vllm import build_vllm_chute

chute = build_vllm_chute(
    username="tester",
    readme="# Llama",
    model_name="unsloth/Llama-3.2-1B-Instruct",
    image="chutes/vllm:0.6.4",
    node_selector=NodeSelector(gpu_count=1, include=["l40s"]),
    concurrency=32,
    engine_args="--max-model-len 8192 --revision {REVISION} --dtype 'float16'",
)
'''

VLLM = f'''
from chutes.chute import NodeSelector
from chutes.chute.template.vllm import build_vllm_chute
from chutes.image.standard.vllm import VLLM

SELECTOR = NodeSelector(
    gpu_count=8,
    min_vram_gb_per_gpu=80,
    exclude=["b200", "h200"],
)
chute = build_vllm_chute(
    "tester",
    "org/Big-Model",
    SELECTOR,
    VLLM,
    revision="{REVISION}",
    engine_args="--trust-remote-code " + "--enforce-eager",
    max_instances=4,
    shutdown_after_seconds=600,
    allow_external_egress=True,
)
'''

REMOTE_ONLY = f'''
import os
from chutes.chute import NodeSelector
from chutes.chute.template.sglang import build_sglang_chute

if os.getenv("CHUTES_EXECUTION_CONTEXT") == "REMOTE":
    import urllib.request
    urllib.request.urlretrieve("https://example.com/chat.jinja", "/app/chat.jinja")

chute = build_sglang_chute(
    username="tester",
    model_name="deepseek-ai/DeepSeek-V3",
    node_selector=NodeSelector(gpu_count=8, min_vram_gb_per_gpu=140),
    revision="{REVISION}",
    engine_args="--chat-template /app/chat.jinja",
)
'''

HF_HOME = f'''
import os
from chutes.chute import NodeSelector
from chutes.chute.template.sglang import build_sglang_chute
from chutes.image import Image

os.environ["NO_PROXY"] = "localhost,127.0.0.1"
CACHE = os.getenv("HF_HOME", "/cache")

image = (
    Image(username="tester", name="sglang-zero", tag="1.0", readme="sglang")
    .from_base("parachutes/python:3.12")
    .run_command("pip install sglang==0.4")
    .with_env("SGL_X", "1")
)

chute = build_sglang_chute(
    username="tester",
    model_name="org/R1-Zero",
    image=image,
    node_selector=NodeSelector(gpu_count=8),
    revision="{REVISION}",
    engine_args=f"--cache {{CACHE}}/hub --context-length {{8 * 1024}}",
)
'''

DICT_ARGS = f'''
from chutes.chute import NodeSelector
from chutes.chute.template.vllm import build_vllm_chute
from chutes.image import Image

image = Image(username="tester", name="gemma", tag="1.2").from_base("parachutes/python:3.12")
image.add("gemma.jinja", "/app/gemma.jinja").run_command("pip install vllm")

chute = build_vllm_chute(
    username="tester",
    model_name="google/gemma-3-1b-it",
    image=image,
    node_selector=NodeSelector(gpu_count=1),
    revision="{REVISION}",
    engine_args={{"chat_template": "/app/gemma.jinja", "max_model_len": 4096,
                 "enforce_eager": True, "disable_log_stats": False}},
)
'''

TEI = '''
from chutes.chute import NodeSelector
from chutes.chute.template.tei import build_tei_chute

chute = build_tei_chute(
    username="tester",
    model_name="BAAI/bge-large-en-v1.5",
    revision="refs/pr/5",
    image="chutes/tei:1.5",
    node_selector=NodeSelector(num_gpus=1, min_vram_gb_per_gpu=16),
)
'''

DIFFUSION = '''
from chutes.chute import NodeSelector
from chutes.chute.template.diffusion import build_diffusion_chute

chute = build_diffusion_chute(
    "tester",
    "playground-v2.5",
    "playgroundai/playground-v2.5-1024px-aesthetic",
    NodeSelector(gpu_count=1, min_vram_gb_per_gpu=24),
    image="chutes/diffusion:0.31.0",
    pipeline_args={"variant": "fp16"},
)
'''

FLUX = '''
import os
from io import BytesIO

from fastapi import Response
from pydantic import BaseModel, Field
from chutes.chute import Chute, NodeSelector
from chutes.image import Image

VERSION = "0.1"
NAME = "flux"
PACKAGES = " ".join(["diffusers==0.31", "transformers"])

image = (
    Image(username="tester", name=NAME, tag=f"{VERSION}.2", readme=f"## {NAME}")
    .from_base("parachutes/flux.1-dev:latest")
    .set_user("root")
    .apt_install(["git", "curl"])
    .set_user("chutes")
    .run_command("pip install " + PACKAGES)
)

chute = Chute(
    username="tester",
    name="FLUX.1-schnell",
    tagline="text to image",
    readme="""
# Flux
It paints.
""",
    image=image,
    node_selector=NodeSelector(gpu_count=1, min_vram_gb_per_gpu=80),
    concurrency=1,
    title="My flux",
)


class MinifiedArgs(BaseModel):
    prompt: str = "a beautiful mountain"


class Args(MinifiedArgs):
    width: int = Field(1024, ge=128, le=2048)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)


@chute.on_startup()
async def initialize(self):
    """Load it."""
    self.ready = True


@chute.on_startup(priority=90)
def warm(self):
    self.warm = True


@chute.on_shutdown(priority=10)
async def close(self):
    pass


@chute.cord(
    public_api_path="/generate",
    method="POST",
    input_schema=Args,
    minimal_input_schema=MinifiedArgs,
    output_content_type="image/jpeg",
)
async def generate(self, params: Args) -> Response:
    # the comment stays
    return Response(content=b"jpeg", media_type="image/jpeg")
'''

SLASH = '''
import pybase64
from pydantic import BaseModel
from chutes.chute import Chute, NodeSelector

chute = Chute(
    username="tester",
    name="Shitao/OmniGen-v1",
    image="tester/omnigen:1.0",
    node_selector=NodeSelector(gpu_count=1),
)


class Args(BaseModel):
    prompt: str


@chute.cord(public_api_path="/generate", public_api_method="POST", path="/make_it")
async def generate(self, args: Args) -> str:
    return pybase64.b64encode(args.prompt.encode()).decode()
'''

TWO_CORDS = '''
from pydantic import BaseModel
from chutes.chute import Chute, NodeSelector

selector = NodeSelector(gpu_count=1, max_hourly_price_per_gpu=1.5)
chute = Chute("tester", "nsfw-classifier", "tester/nsfw:1.0", node_selector=selector,
              tee=True, scaling_threshold=0.5)


class TextArgs(BaseModel):
    text: str


class ImageArgs(BaseModel):
    image_b64: str


class Verdict(BaseModel):
    label: str


@chute.on_startup()
async def load(self):
    from pathlib import Path
    self.cache = Path("/cache")


@chute.cord(public_api_path="/text", output_content_type="application/json")
async def classify_text(self, args: TextArgs) -> Verdict:
    return Verdict(label="sfw")


@chute.cord(public_api_path="/image", output_schema={"type": "object", "title": "Verdict"})
async def classify_image(self, args: ImageArgs):
    return {"label": "sfw"}


@chute.cord(public_api_path="/health", public_api_method="GET")
async def health(self):
    return {"ok": True}
'''

TYPO = '''
from pydantic import BaseModel, Field
from chutes.chute import Chute, NodeSelector
from chutes.image import Image

image = Image(username="tester", name="kokoro", tag="0.1").from_base("parachutes/python:3.12")
chute = Chute(username="tester", name="kokoro-82m", image=image,
              node_selector=NodeSelector(gpu_count=1, min_vram_gpu_per_gpu=24))


class Args(BaseModel):
    text: str
    speed: float = Field(1.0, gte=0.1, lte=3.0)


@chute.cord(public_api_path="/speak", output_content_type="audio/wav", input_schema=Args)
async def speak(self, args: Args):
    return b""
'''

MISSING_FILE = '''
from chutes.chute import Chute, NodeSelector
from chutes.image import Image

image = (
    Image(username="tester", name="orpheus", tag="0.1")
    .from_base("parachutes/python:3.12")
    .add("cortana.wav", "/app/cortana.wav", chmod="644")
)
chute = Chute(username="tester", name="orpheus-tts", image=image,
              node_selector=NodeSelector(gpu_count=1))


@chute.cord(public_api_path="/speak")
async def speak(self, args):
    return {}
'''

STREAM = '''
from pydantic import BaseModel
from chutes.chute import Chute, NodeSelector


class Args(BaseModel):
    text: str


class Chunk(BaseModel):
    sequence: int
    audio: str


chute = Chute(username="tester", name="tts-example", image="tester/tts:1.0",
              node_selector=NodeSelector(gpu_count=1))


@chute.cord(public_api_path="/speak", stream=True, output_content_type="text/event-stream")
async def speak(self, args: Args) -> Chunk:
    for i in range(3):
        yield f"data: {i}\\n\\n"
'''

LOCAL_FILE = '''
from chutes.chute import Chute, NodeSelector
from chutes.image import Image

image = Image(username="tester", name="whisper-stt", tag="1.0")
image.from_base("parachutes/python:3.12")
image.add(source="warmup.wav", dest="/app/warmup.wav")
chute = Chute(username="tester", name="whisper-stt", readme=open("NOTES.md").read(), image=image,
              node_selector=NodeSelector(gpu_count=1))


@chute.cord(public_api_path="/transcribe", output_content_type="text/plain")
async def transcribe(self, args: dict) -> str:
    return "text"
'''

SHADOWED = '''
from chutes.chute import Chute, NodeSelector
from chutes.image import Image

base = Image(username="tester", name="infinite-you", tag="1.0").from_base("parachutes/python:3.12")
chute = Chute(username="tester", name="infinite-you", image=base,
              node_selector=NodeSelector(gpu_count=1))

from PIL import Image


@chute.cord(public_api_path="/face")
async def face(self, args):
    return Image.new("RGB", (1, 1))
'''

PROCESSES = '''
import torch.multiprocessing as mp
from chutes.chute import Chute, NodeSelector

chute = Chute(username="tester", name="wan21", image="tester/wan:2.1",
              node_selector=NodeSelector(gpu_count=8))


def worker(rank):
    pass


@chute.on_startup()
async def start(self):
    mp.spawn(worker, nprocs=8)


@chute.cord(public_api_path="/video")
async def video(self, args):
    return await image(self, args)


@chute.cord(public_api_path="/image")
async def image(self, args):
    return {}
'''

MANY_STEPS = '''
from chutes.chute import Chute, NodeSelector
from chutes.image import Image

image = (
    Image(username="tester", name="chroma", tag="1.0")
    .from_base("parachutes/python:3.12")
    .with_maintainer("a@example.com")
    .set_user("root")
    .run_command("apt update && apt install -y git")
    .apt_remove(["vim", "nano"])
    .set_workdir("/opt")
    .run_command("git clone https://github.com/comfyanonymous/ComfyUI")
    .set_workdir("/opt/ComfyUI")
    .run_command("pip install -r requirements.txt")
    .set_user("chutes")
    .set_workdir("/app")
    .run_command("mkdir -p /app/a && echo 'two words'")
    .with_env("PORT", "8188")
    .with_entrypoint("/bin/sh")
)
chute = Chute(username="tester", name="chroma", image=image, lock_modules=False,
              node_selector=NodeSelector(gpu_count=1), encrypted_fs=True,
              passthrough_headers={"X-Internal": "1"})


@chute.on_startup()
async def comfy(self):
    import subprocess
    self.process = subprocess.Popen(["python", "/opt/ComfyUI/main.py"])


@chute.cord(public_api_path="/prompt", passthrough=True, passthrough_path="/prompt",
            passthrough_port=8188, timeout=600)
async def prompt(data):
    return data
'''

JOB = '''
from chutes.chute import Chute, NodeSelector
from chutes.chute.job import Port

chute = Chute(username="tester", name="trainer", image="tester/trainer:1.0",
              node_selector=NodeSelector(gpu_count=2))


@chute.job(ports=[Port(name="board", port=8265, proto="http")], timeout=3600, upload=False)
async def train(self, **job_data):
    return {"loss": 0.1}
'''

GUARDED_MAIN = '''
import asyncio
from chutes.chute import Chute, NodeSelector

chute = Chute(username="tester", name="with-main", image="tester/main:1.0",
              node_selector=NodeSelector(gpu_count=1))


@chute.cord(public_api_path="/x")
async def answer(self):
    return 1


if __name__ == "__main__":
    asyncio.run(answer("y"))
'''

LOOP = '''
from chutes.chute import Chute, NodeSelector

chute = Chute(username="tester", name="loop-made", image="tester/loop:1.0",
              node_selector=NodeSelector(gpu_count=1))

for word in ("one", "two"):
    @chute.cord(public_api_path=f"/{word}", path=f"/{word}")
    async def answer(self):
        return {}
'''

MIDDLEWARE = '''
from chutes.chute import Chute, NodeSelector

chute = Chute(username="tester", name="middle-ware", image="tester/mw:1.0",
              node_selector=NodeSelector(gpu_count=1))
chute.add_api_route("/extra", lambda: {})


@chute.cord(public_api_path="/x")
async def answer(self):
    return {}
'''

COMPUTED = '''
from chutes.chute import Chute, NodeSelector


def tag():
    return ".".join(str(n) for n in (1, 2, 3))


chute = Chute(username="tester", name="computed", image="tester/image:" + tag(),
              node_selector=NodeSelector(gpu_count=1))


@chute.cord(public_api_path="/x")
async def answer(self):
    return {}
'''

NEEDS_VARIABLE = '''
import os
from chutes.chute import Chute, NodeSelector

chute = Chute(username=os.environ["ME"], name="variable", image="tester/image:1.0",
              node_selector=NodeSelector(gpu_count=1))


@chute.cord(public_api_path="/x")
async def answer(self):
    return {}
'''

TWO_CHUTES = '''
from chutes.chute import Chute, NodeSelector

first = Chute(username="tester", name="first", image="tester/a:1.0",
              node_selector=NodeSelector(gpu_count=1))
second = Chute(username="tester", name="second", image="tester/b:1.0",
               node_selector=NodeSelector(gpu_count=1))


@first.cord(public_api_path="/x")
async def one(self):
    return {}


@second.cord(public_api_path="/y")
async def two(self):
    return {}
'''

NOT_A_CHUTE = '''
import whisper

model = whisper.load_model("large")
print(model.transcribe("a.wav"))
'''

NOT_PYTHON = '''
from chutes.chute import Chute
chute = Chute(
'''

# mode that each becomes without running it; None: it has to be run
LOADS = {
    "VLLM": (VLLM, "template"),
    "REMOTE_ONLY": (REMOTE_ONLY, "python"),
    "HF_HOME": (HF_HOME, "template"),
    "DIFFUSION": (DIFFUSION, "template"),
    "FLUX": (FLUX, "handlers"),
    "TWO_CORDS": (TWO_CORDS, "handlers"),
    "TYPO": (TYPO, "handlers"),
    "STREAM": (STREAM, "handlers"),
    "LOCAL_FILE": (LOCAL_FILE, "handlers"),
    "MANY_STEPS": (MANY_STEPS, "handlers"),
    "JOB": (JOB, "handlers"),
    "GUARDED_MAIN": (GUARDED_MAIN, "handlers"),
    "LOOP": (LOOP, "python"),
    "MIDDLEWARE": (MIDDLEWARE, "python"),
}
OTHERS = {
    "VLLM_OLD_REVISION": (VLLM_OLD_REVISION, "template"),
    "DICT_ARGS": (DICT_ARGS, "template"),
    "TEI": (TEI, "template"),
    "SLASH": (SLASH, "handlers"),
    "MISSING_FILE": (MISSING_FILE, "handlers"),
    "SHADOWED": (SHADOWED, "handlers"),
    "PROCESSES": (PROCESSES, "python"),
    "COMPUTED": (COMPUTED, None),
}
# what stands beside a module
FILES = {"gemma.jinja": "{{ messages }}", "warmup.wav": "RIFF", "NOTES.md": "# Whisper\n"}


def write(folder, source, name="module.py"):
    """The module as a file, with all that may lie beside it."""
    for file, text in FILES.items():
        (folder / file).write_text(text)
    path = folder / name
    path.write_text(source.lstrip("\n"))
    return path
