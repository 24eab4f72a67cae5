# SPDX-License-Identifier: MIT
"""Chutes that together use every key that reaches the module or the request."""

COMMIT = "0123456789abcdef0123456789abcdef01234567"

APP = '''\
"""Docs."""
from __future__ import annotations

from typing import Optional

from pydantic import BaseModel


class Inner(BaseModel):
    size: int = 3


class Request(BaseModel):
    """What is asked."""

    text: str
    inner: Optional[Inner] = None


class Reply(BaseModel):
    text: str
    inner: Inner


def load(self): pass
async def warm(self): pass
def close(self): pass
def configure(app): app.state.configured = True
def plain(self, params): return 1
async def typed(self, request: Request) -> Reply: return None
def numbers(self, body: dict) -> int: return 1
async def words(self, params):
    yield "x"
def raw(self, body): return body
def modelled(self, params): return None
def forwarded(self): pass
async def train(self, **job_data): return job_data
def slow(self, **job_data): return "slow"
'''

HANDLERS = f"""\
version: 1
name: every/Key.1
username: someone
tagline: "all \\"of\\" it \\u00e9"
readme: "a\\nb"
tool_description: what tools are told
env: {{A_B: "1", C: "x y"}}
secrets: [HF_TOKEN]
passthrough_headers: {{X-A: "1"}}
standard_template: vllm
revision: {COMMIT}
handlers:
  file: app.py
  startup: [{{call: warm, priority: 60}}, load]
  shutdown: [{{call: close, priority: 7}}]
  configure: configure
  app: {{title: A title, version: "2"}}
image: {{name: every-key, tag: "1.0", base: "parachutes/python:3.12"}}
node_selector:
  gpu_count: 2
  min_vram_gb_per_gpu: 24
  max_hourly_price_per_gpu: 1.25
  include: [h100, h200, l40]
scaling: {{concurrency: 7, max_instances: 3, scaling_threshold: 0.6, shutdown_after_seconds: 2m}}
security: {{allow_external_egress: true, encrypted_fs: true, tee: false, lock_modules: false}}
models:
  - {{repo: a/b, revision: {COMMIT}, allow: ["*.json"], ignore: ["*.bin", "x"]}}
  - {{repo: c/d, revision: {COMMIT}}}
cords:
  - function: plain
    path: /internal
    public: POST /v1/plain
    provision_timeout: 5m
    input:
      text: {{type: string, required: true, max_length: 9, description: "what\\n"}}
      n: {{type: integer, default: 3, ge: 1}}
      tags: {{type: array, items: string, default: [a]}}
      deep: {{type: object, properties: {{x: {{type: number, required: true}}}}, default: {{x: 1.5}}}}
    minimal_input: {{text: {{type: string, default: hello}}}}
    output: {{content_type: image/png}}
  - {{function: typed, public: GET /typed}}
  - {{function: numbers}}
  - {{function: words, public: POST /words, stream: true,
     output: {{content_type: text/event-stream}}}}
  - {{function: raw, public: POST /raw, input: {{schema: in.json}}, output: {{schema: out.json}}}}
  - {{function: modelled, public: POST /modelled, input: {{model: Request}},
     minimal_input: {{model: Inner}}, output: {{model: Reply}}}}
  - {{function: elsewhere, public: POST /elsewhere, forward: POST /elsewhere, port: 9002}}
  - function: forwarded
    public: GET /forwarded
    forward: GET /v1.0/Other/
    port: 9001
    abort_on_disconnect: true
    session: {{raise_for_status: true}}
"""

SERVER = f"""\
version: 1
name: any-server
username: someone
server:
  command: [python3, -c, "print('\\u00e9\\n')"]
  port: 9000
  workdir: /opt
  env: {{LEVEL: info}}
  ready: {{path: /healthz, status: 204, timeout: 2m, interval: 0.5}}
  stop: {{signal: INT, grace: 3}}
  restart: on-failure
  headers: {{X-Internal: "1"}}
env: {{A: b}}
image: someone/else:1.0
models: [{{repo: a/b, revision: {COMMIT}}}]
security: {{lock_modules: true}}
cords:
  - function: rank
    public: POST /v1/rank
    forward: POST /api/rank
    timeout: 90
    input: {{schema: in.json}}
  - {{function: stream_it, public: POST /v1/stream, forward: POST /api/v2.0/s, stream: true,
     output: {{content_type: text/event-stream}}}}
  - {{function: models, public: GET /v1/models, forward: GET /api/models, port: 9100,
     input: {{page: {{type: integer, default: 1}}}}}}
"""

JOBS = """\
version: 1
name: trainer
username: someone
handlers: {file: app.py, startup: [load]}
image: {name: trainer, tag: "1.0"}
node_selector: {gpu_count: 8, min_vram_gb_per_gpu: 80, exclude: [b200]}
jobs:
  - function: train
    timeout: 12h
    ssh: true
    disk_gb: 200
    ports:
      - {name: board, port: 8265, proto: http}
      - {name: data1, port: 65535, proto: udp}
    args: {epochs: {type: integer, default: 3}}
  - {function: slow, timeout: 30, upload: false}
  - {function: shell, command: [sleep, infinity], upload: false, ports: [{name: a, port: 8002}]}
"""

COMMANDS = """\
version: 1
name: only-commands
username: someone
image: {name: commands, tag: "1.0"}
public: true
env: {A: b}
jobs:
  - {function: shell, command: [sh, -c, "echo \\"$A\\""], timeout: none, ssh: true}
"""

TEMPLATES = {
    "vllm": f"""\
version: 1
name: unsloth/Llama-3.2-1B-Instruct
username: someone
tagline: Llama
template:
  kind: vllm
  model: unsloth/Llama-3.2-1B-Instruct
  revision: {COMMIT}
  engine_args: [--max-model-len, "32768", --enable-prefix-caching]
image: chutes/vllm:nightly-2025111700
node_selector: {{gpu_count: 1, min_vram_gb_per_gpu: 16, max_hourly_price_per_gpu: 1.5,
  exclude: [b200]}}
scaling: {{concurrency: 32, max_instances: 1, scaling_threshold: 0.75,
  shutdown_after_seconds: 300}}
secrets: [{{name: HF_TOKEN, required: true}}]
models: [{{repo: a/draft, revision: {COMMIT}}}]
""",
    "sglang": f"""\
version: 1
name: a/model
username: someone
readme: read me
template: {{kind: sglang, revision: {COMMIT}, engine_args: "--mem-fraction-static 0.8"}}
image: someone/sglang:1.0
security: {{allow_external_egress: true, tee: true}}
env: {{A: b}}
""",
    "embedding": f"""\
version: 1
name: a/other-name
username: someone
template:
  kind: embedding
  model: a/model
  revision: {COMMIT}
  pooling_type: CLS
  max_embed_len: 8192
  enable_chunked_processing: false
scaling: {{concurrency: 5, max_instances: 2, scaling_threshold: 0.5, shutdown_after_seconds: 60}}
""",
    "diffusion": """\
version: 1
name: painter
username: someone
template: {kind: diffusion, model: "https://example.com/painter.safetensors",
  version: flux, pipeline_args: {x: [1, null, 1.5]}}
security: {encrypted_fs: true, allow_external_egress: true}
""",
}

SCHEMA_IN = '{"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}'
SCHEMA_OUT = '{"type": "array", "items": {"type": "number", "minimum": 0.5}}'


def write(folder, spec, files=None):
    """A project around a spec; the spec's path."""
    folder.mkdir(parents=True, exist_ok=True)
    all_files = {"app.py": APP, "in.json": SCHEMA_IN, "out.json": SCHEMA_OUT, **(files or {})}
    for name, text in all_files.items():
        (folder / name).write_text(text)
    (folder / "chute.yaml").write_text(spec)
    return folder / "chute.yaml"
