# SPDX-License-Identifier: MIT
"""The platform's templates: what the program knows of them is what the SDK registers."""

import json
import os
import pathlib
import subprocess
import sys

import conftest
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDER = ROOT / "tests" / "sdk" / "record_templates.py"
VECTOR = ROOT / "tests" / "vectors" / "templates_0.6.9.json"
GENERATOR = (
    pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")).resolve() / "tests/sdk/module"
)
CARRIED = ROOT / "lib/sdk/chutes/chute/template"


def record(real_python, *args):
    done = subprocess.run(
        [real_python, RECORDER, *args],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_record_is_what_the_sdk_registers(real_python, tmp_path):
    assert record(real_python) == VECTOR.read_text()
    record(real_python, tmp_path)
    files = sorted(path.name for path in CARRIED.glob("*.json"))
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    for name in files:
        assert (tmp_path / name).read_text() == (CARRIED / name).read_text(), name


def test_cords_carried_are_those_recorded():
    vector = json.loads(VECTOR.read_text())
    for kind, template in vector["templates"].items():
        text = (CARRIED / f"{kind}.json").read_text().replace("@NAME@", vector["model"])
        carried = json.loads(text)
        assert [list(cord) for cord in carried] == [list(cord)[:11] for cord in template["cords"]]
        for cord, recorded in zip(carried, template["cords"], strict=True):
            assert cord == {key: recorded[key] for key in cord}, kind


@pytest.mark.parametrize("kind", ["vllm", "sglang", "embedding", "diffusion"])
def test_our_sdk_registers_what_was_recorded(python, tmp_path, kind):
    vector = json.loads(VECTOR.read_text())
    template = vector["templates"][kind]
    names = {"model_name": vector["model"]}
    if kind == "diffusion":
        names = {"name": "example-diffusion", "model_name_or_url": vector["model"]}
    arguments = {"username": "someone", "revision": vector["revision"], **names}
    file = tmp_path / "app.py"
    file.write_text(
        "import inspect, json\n"
        "from chutes.chute import NodeSelector\n"
        f"from chutes.chute.template.{kind} import build_{kind}_chute as build\n"
        f"chute = build(node_selector=NodeSelector(), **{arguments!r})\n"
        "found = inspect.signature(build).parameters.items()\n"
        "empty = inspect.Parameter.empty\n"
        "found = {k: '(required)' if p.default is empty else p.default for k, p in found}\n"
        "chute.chute.readme = json.dumps(found)\n"
    )
    got = conftest.load_local(python, file)
    parameters = json.loads(got["settings"].pop("readme"))
    template["settings"].pop("readme")
    if kind == "diffusion":  # a default that nobody can change by accident
        assert parameters.pop("pipeline_args") is None
        template["parameters"].pop("pipeline_args")
    assert list(parameters.items()) == list(template["parameters"].items())
    assert got["settings"] == template["settings"]
    assert got["startup"] == template["startup"] and got["shutdown"] == template["shutdown"]
    assert got["image"] == {"reference": template["image"]}
    assert got["cords"] == template["cords"]


def generate(*args):
    share = {**os.environ, "CHUTES_SHARE": str(ROOT)}
    done = subprocess.run(
        [GENERATOR, *args], capture_output=True, text=True, timeout=60, env=share
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def register(real_python, tmp_path):
    """register(spec) -> what the generated module registers, and the cords of the request."""

    def run(spec):
        file = tmp_path / "chute.yaml"
        file.write_text(spec)
        module = tmp_path / "chute.py"
        module.write_text(generate(file))
        return conftest.load_real(real_python, module), json.loads(generate(file, "cords"))

    return run


def same_cords(registered, sent):
    """The program says what the SDK would."""
    assert [list(cord) for cord in sent] == [list(cord)[:11] for cord in registered]
    for one, other in zip(sent, registered, strict=True):
        assert one == {key: other[key] for key in one}


MINIMAL = """\
version: 1
name: {name}
template: {{kind: {kind}, model: {model}, revision: {revision}}}
"""


@pytest.mark.parametrize("kind", ["vllm", "sglang", "embedding", "diffusion"])
def test_a_spec_of_two_keys_is_what_was_recorded(register, kind):
    vector = json.loads(VECTOR.read_text())
    template = vector["templates"][kind]
    names = {key: vector[key] for key in ("model", "revision")}
    got, sent = register(MINIMAL.format(kind=kind, name=template["settings"]["name"], **names))
    assert got["cords"] == template["cords"]
    assert got["startup"] == [
        {"priority": hook["priority"], "call": hook["call"]} for hook in template["startup"]
    ]
    assert got["image"] == {"reference": template["image"]}
    # ours: another user, and what the platform sets for templates anyway
    settings = {**template["settings"], "uid": got["settings"]["uid"], "lock_modules": True}
    assert got["settings"] == settings
    same_cords(got["cords"], sent)


REST = """
tagline: 'a "line"'
readme: "# Title\\n\\nmore\\\\"
env: {LOG_LEVEL: info}
models: [{repo: org/adapter, revision: 89abcdef0123456789abcdef0123456789abcdef}]
node_selector: {gpu_count: 4, min_vram_gb_per_gpu: 40, exclude: [b200],
                max_hourly_price_per_gpu: 2.25}
scaling: {concurrency: 7, max_instances: 9, scaling_threshold: 0.3, shutdown_after_seconds: 1h}
security: {allow_external_egress: true, encrypted_fs: true, tee: true}
image: me/own:1.0
"""
SETTINGS = {
    "tagline": 'a "line"',
    "readme": "# Title\n\nmore\\",
    "concurrency": 7,
    "max_instances": 9,
    "scaling_threshold": 0.3,
    "shutdown_after_seconds": 3600,
    "allow_external_egress": True,
    "encrypted_fs": True,
    "tee": True,
    "lock_modules": True,
}
KEYS = {
    "vllm": """, engine_args: [--max-model-len, "32768", --limit, '{"image":4}']""",
    "sglang": ", engine_args: --context-length 4096",
    "embedding": """, pooling_type: CLS, max_embed_len: 9, enable_chunked_processing: false,
            engine_args: [--override, '{"a": "b c"}']""",
    "diffusion": ", pipeline_args: {variant: fp16, safety_checker: null, n: [1, 0.5, true]}",
}


@pytest.mark.parametrize("kind", list(KEYS))
def test_every_key(register, kind):
    """Under a name of its own."""
    revision = "0123456789abcdef0123456789abcdef01234567"
    got, sent = register(
        f"version: 1\nname: my/chute-TEE\n"
        f"template: {{kind: {kind}, model: org/Model, revision: {revision}{KEYS[kind]}}}" + REST
    )
    assert {key: got["settings"][key] for key in SETTINGS} == SETTINGS
    assert got["settings"]["name"] == "my/chute-TEE"
    assert got["image"] == {"reference": "me/own:1.0"}
    assert got["node_selector"] == {
        "gpu_count": 4,
        "min_vram_gb_per_gpu": 40,
        "max_hourly_price_per_gpu": 2.25,
        "include": None,
        "exclude": ["b200"],
    }
    assert [hook["call"] for hook in got["startup"]][0] == "fetch_models"
    assert len(got["startup"]) == 2
    same_cords(got["cords"], sent)
    text = json.dumps(sent)
    assert "org/Model" not in text and ("my/chute-TEE" in text) == (kind in ("vllm", "sglang"))


def test_the_id_of_a_chute_with_a_name_of_its_own(register):
    import uuid

    revision = "0123456789abcdef0123456789abcdef01234567"
    for model in ("org/chute", "org/Model"):
        got, _ = register(
            MINIMAL.format(kind="vllm", name="org/chute", model=model, revision=revision)
        )
        assert got["settings"]["uid"] == str(uuid.uuid5(uuid.NAMESPACE_OID, "me::chute::org/chute"))
        assert got["username"] == "me"


def closure(real_python, module):
    """What the builder keeps for its hook: the arguments of the engine or the pipeline."""
    code = (
        "import inspect, json, sys; sys.path.insert(0, sys.argv[1]); import chute as m;"
        "hook = [h for _, h in m.chute._startup_hooks][0];"
        "kept = inspect.getclosurevars(inspect.getclosurevars(hook).nonlocals['func']).nonlocals;"
        "print(json.dumps({k: v for k, v in kept.items() if k in"
        " ('engine_args', 'pipeline_args', 'pooling_type', 'max_embed_len', 'model_name',"
        " 'enable_chunked_processing')}))"
    )
    done = subprocess.run(
        [real_python, "-c", code, module.parent],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_arguments_arrive(register, real_python, tmp_path):
    import shlex

    revision = "0123456789abcdef0123456789abcdef01234567"

    def kept(kind):
        register(
            f"version: 1\nname: org/Model\n"
            f"template: {{kind: {kind}, model: org/Model, revision: {revision}{KEYS[kind]}}}\n"
        )
        return closure(real_python, tmp_path / "chute.py")

    assert kept("vllm")["engine_args"].split() == [
        "--max-model-len", "32768", "--limit", '{"image":4}',
    ]  # fmt: skip
    assert kept("sglang")["engine_args"].split() == ["--context-length", "4096"]
    got = kept("embedding")
    assert shlex.split(got["engine_args"]) == ["--override", '{"a": "b c"}']
    assert (got["pooling_type"], got["max_embed_len"]) == ("CLS", 9)
    assert got["enable_chunked_processing"] is False
    want = {"variant": "fp16", "safety_checker": None, "n": [1, 0.5, True]}
    assert kept("diffusion")["pipeline_args"] == want


PROGRAM = pathlib.Path(os.environ.get("CHUTES_PROGRAM", ROOT / "build/cli/chutes")).resolve()
REVISION = "0123456789abcdef0123456789abcdef01234567"


def start_project(folder, template):
    subprocess.run(
        [PROGRAM, "init", "--template", template, "--name", "demo", folder],
        check=True,
        capture_output=True,
        timeout=60,
    )
    spec = folder / "chute.yaml"
    # what a language model's project asks its author for
    spec.write_text(spec.read_text().replace("# revision: ", f"revision: {REVISION} # "))
    return spec


def load_project(python, real_python, spec, tmp_path):
    """What the project registers, under both SDKs, where its packages are not installed."""
    code = tmp_path / "code"
    code.mkdir()
    for name in ("pocketsphinx.py", "numpy.py"):
        (code / name).write_text("Decoder = Segmenter = None\n")
    (code / "project.py").write_text(generate(spec))
    real = conftest.load_real(real_python, code / "project.py")
    conftest.same_in_both(real, conftest.load_local(python, code / "project.py"))
    return real


ROUTES = {
    "handlers": ["POST /hello", "POST /count"],
    "server": ["POST /hello", "POST /count"],
    "job": [],
    "audio": ["POST /speak"],
    "vllm": ["POST /v1/chat/completions", "POST /v1/completions", "GET /v1/models"],
    "sglang": ["POST /v1/chat/completions", "GET /v1/models"],
    "embedding": ["POST /v1/embeddings", "GET /v1/models"],
    "diffusion": ["POST /generate"],
}


@pytest.mark.parametrize("template", list(ROUTES))
def test_projects_load_under_the_sdk(python, real_python, tmp_path, template):
    spec = start_project(tmp_path / "demo", template)
    got = load_project(python, real_python, spec, tmp_path)
    assert got["settings"]["name"] == "demo"
    routes = [f"{cord['public_api_method']} {cord['public_api_path']}" for cord in got["cords"]]
    assert set(ROUTES[template]) <= set(routes)
    jobs = [job["name"] for job in got["jobs"]]
    assert jobs == (["count_words"] if template == "job" else [])
    if jobs:
        assert got["jobs"][0]["is_async"] and got["jobs"][0]["timeout"] == 3600


@pytest.mark.parametrize("engine", ["pocketsphinx", f"whisper, revision: {REVISION}"])
def test_engines_of_transcribe_load_under_the_sdk(python, real_python, tmp_path, engine):
    spec = tmp_path / "chute.yaml"
    template = f"{{kind: audio, task: transcribe, engine: {engine}}}"
    spec.write_text(f"version: 1\nname: ears\ntemplate: {template}\n")
    got = load_project(python, real_python, spec, tmp_path)
    assert [cord["public_api_path"] for cord in got["cords"]] == ["/transcribe"]
    hooks = ["load"] if engine == "pocketsphinx" else ["fetch_models", "load"]
    assert [hook["call"] for hook in got["startup"]] == hooks


def test_job_leaves_its_file(tmp_path):
    """As a runner calls it: with the arguments of the order and a directory."""
    start_project(tmp_path / "demo", "job")
    code = (
        "import asyncio, job, sys;"
        "print(asyncio.run(job.count_words(None, text='b a B', output_dir=sys.argv[1], top=1)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        cwd=tmp_path / "demo",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "{'words': 3, 'file': 'words.json'}\n", done.stderr
    assert json.loads((tmp_path / "words.json").read_text()) == {"b": 2}


# an LLM by template, every part of it
WHOLE = """\
# yaml-language-server: $schema=.chutes/chute.v1.json
version: 1
name: unsloth/Llama-3.2-1B-Instruct
tagline: Llama 3.2 1B, OpenAI compatible
readme: {file: README.md}
public: false
template:
  kind: vllm
  model: unsloth/Llama-3.2-1B-Instruct
  revision: 0123456789abcdef0123456789abcdef01234567
  engine_args:
    - --max-model-len
    - "32768"
    - --enable-prefix-caching
image: chutes/vllm:nightly-2025111700
node_selector:
  gpu_count: 1
  min_vram_gb_per_gpu: 16
  max_hourly_price_per_gpu: 1.50
  # include: [h100, h200]
  exclude: [b200]
scaling:
  concurrency: 32
  max_instances: 1
  scaling_threshold: 0.75
  shutdown_after_seconds: 300
security:
  allow_external_egress: false
  tee: false
  encrypted_fs: false
secrets:
  - name: HF_TOKEN
    required: true
environments:
  staging:
    name: unsloth/Llama-3.2-1B-Instruct-staging
    scaling: {shutdown_after_seconds: 60}
"""


def test_whole_example(register, tmp_path):
    (tmp_path / "README.md").write_text("# Llama\n")
    got, sent = register(WHOLE)
    assert got["settings"]["name"] == "unsloth/Llama-3.2-1B-Instruct"
    assert got["settings"]["readme"] == "# Llama\n"
    assert got["settings"]["revision"] == REVISION
    assert got["image"] == {"reference": "chutes/vllm:nightly-2025111700"}
    assert got["node_selector"]["max_hourly_price_per_gpu"] == 1.5
    assert len(sent) == 7
    same_cords(got["cords"], sent)


@pytest.mark.parametrize("kind", ["vllm", "sglang", "embedding", "diffusion"])
def test_request(real_python, tmp_path, kind):
    """What `render` would send is what the SDK's client would send of the same module."""
    (tmp_path / "chute.yaml").write_text(
        MINIMAL.format(kind=kind, name="org/chute", model="org/Model", revision=REVISION) + REST
    )
    done = subprocess.run(
        [PROGRAM, "render", "--what", "payload", "--username", "ada"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    request = json.loads(done.stdout)
    (tmp_path / request["filename"]).write_text(request["code"])
    assert request["ref_str"] == request["filename"].removesuffix(".py") + ":chute"
    got = conftest.load_real(real_python, tmp_path / request["filename"])
    assert got["username"] == "ada"
    for key in set(request) & set(got["settings"]):
        assert request[key] == got["settings"][key], key
    assert request["image"] == "me/own:1.0" and request["jobs"] == []
    assert request["node_selector"] == got["node_selector"]
    same_cords(got["cords"], request["cords"])
