# SPDX-License-Identifier: MIT
"""`chutes init` writes a project, and never over one that is there."""
import json
import os
import re

import pytest

SCHEMA = ".chutes/chute.v1.json"
FILES = ["chute.yaml", "app.py", ".chutesignore", "README.md", SCHEMA]
MODELINE = f"# yaml-language-server: $schema={SCHEMA}\n"


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_default(chutes):
    project = chutes.cwd / "demo"
    project.mkdir()
    got = chutes("init", cwd=project, check=0)
    assert got.out == ("created chute.yaml app.py .chutesignore README.md .chutes/chute.v1.json"
                       "   (template handlers, base debian)\n")
    assert got.err == ""
    assert names(project) == sorted(FILES)
    spec = (project / "chute.yaml").read_text()
    assert spec.count("name: demo\n") == 2 and "base: {debian: bookworm}\n" in spec
    for file in FILES:
        assert not re.search("@[A-Z]+@", (project / file).read_text())
        assert (project / file).stat().st_mode & 0o777 == 0o644
    assert spec.startswith(MODELINE)
    assert json.loads((project / SCHEMA).read_text())["$schema"].endswith("draft-07/schema#")
    compile((project / "app.py").read_text(), "app.py", "exec")


def test_server_in_a_new_folder(chutes):
    chutes("init", "--template", "server", "--base", 'oci:"a"', "--name", "ranker", "a/b", check=0)
    project = chutes.cwd / "a/b"
    assert names(project) == sorted(["chute.yaml", "server.py", *FILES[2:]])
    spec = (project / "chute.yaml").read_text()
    assert 'base: "oci:\\"a\\""\n' in spec and "name: ranker\n" in spec


def test_json(chutes):
    assert chutes("init", "x.y", "--json", check=0).json == {
        "schema": "chutes.init/v1",
        "ok": True,
        "result": {
            "directory": str(chutes.cwd / "x.y"),
            "name": "x.y",
            "template": "handlers",
            "base": "debian",
            "model": None,
            "requirements": False,
            "found": [],
            "files": FILES,
            "kept": [],
        },
        "warnings": [],
    }


@pytest.mark.parametrize("folder, name", [
    ("My Project!", "my-project"), ("--x", "x-chute"), ("ab", "ab-chute"), ("abc", "abc"),
    ("null", "null-chute"), ("ключ", "chute"), ("...a..b", "a..b"), ("x" * 70, "x" * 65),
    ("x" * 65, "x" * 65),
])
def test_name_of_the_folder(chutes, folder, name):
    got = chutes("init", "--json", "--", folder, check=0)
    assert got.json["result"]["name"] == name


@pytest.mark.parametrize("name", ["ab", "x" * 66, "Abc", ".abc", "a b", "null", "a/b", ""])
def test_wrong_name(chutes, name):
    got = chutes("init", "--name", name, "new", check=2)
    assert f"error: '{name}' cannot be the name of a chute\n" in got.err
    assert "use 3 to 65 of a-z, 0-9, '.', '_' and '-', a letter or digit first" in got.err
    assert names(chutes.cwd) == []


def test_never_overwrites(chutes):
    (chutes.cwd / "README.md").write_text("mine")
    (chutes.cwd / "app.py").symlink_to("nowhere")
    got = chutes("init", check=6)
    assert got.out == ""
    assert got.err == ("error: 'app.py', 'README.md' exist already\n"
                       "  = help: choose another directory, or replace with --force\n")
    assert sorted(os.listdir(chutes.cwd)) == ["README.md", "app.py"]
    assert (chutes.cwd / "README.md").read_text() == "mine"
    (chutes.cwd / "app.py").unlink()
    assert "error: 'README.md' exists already\n" in chutes("init", check=6).err


def test_force(chutes):
    chutes("init", "--name", "first", check=0)
    chutes("init", "--name", "second", "--force", check=0)
    assert "name: second\n" in (chutes.cwd / "chute.yaml").read_text()
    assert names(chutes.cwd) == sorted(FILES)


def test_requirements(chutes):
    (chutes.cwd / "requirements.txt").write_text("numpy\n")
    got = chutes("init", check=0)
    assert "requirements.txt" in got.err
    assert "pip: {requirements: requirements.txt, packages: [" in \
        (chutes.cwd / "chute.yaml").read_text()


def test_dependencies_of_a_project(chutes):
    (chutes.cwd / "pyproject.toml").write_text("[project]\ndependencies=['numpy>=1']\n")
    got = chutes("init", "-t", "job", check=0)
    assert "pyproject.toml: the pip step installs its 1 dependency\n" in got.err
    assert '"pydantic>=2.9,<3", "numpy>=1"]\n' in (chutes.cwd / "chute.yaml").read_text()


def test_folder_that_cannot_be(chutes):
    (chutes.cwd / "file").write_text("")
    got = chutes("init", "file", check=None)
    assert got.code != 0 and "'file' exists and is no directory" in got.err


def test_missing_templates(chutes, tmp_path):
    got = chutes("init", env={"CHUTES_SHARE": str(tmp_path)}, check=5)
    assert "templates/handlers/chute.yaml" in got.err
    assert names(chutes.cwd) == []


TEMPLATES = ["handlers", "server", "job", "audio", "vllm", "sglang", "embedding", "diffusion"]
LANGUAGE = ["vllm", "sglang", "embedding"]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("ci", ["github", "gitlab", None])
def test_every_template_is_valid(chutes, template, ci):
    more = ["--ci", ci] if ci else []
    project = chutes.cwd / "demo"
    got = chutes("init", "--template", template, *more, "demo", "--json", check=0).json["result"]
    assert names(project) == sorted(got["files"]) and got["kept"] == []
    for file in set(got["files"]) - {SCHEMA}:
        assert not re.search("@[A-Z_]+@", (project / file).read_text()), file
    assert (project / "chute.yaml").read_text().startswith(MODELINE)
    found = chutes("validate", "--json", cwd=project, check=0).json["warnings"]
    codes = {warning["code"] for warning in found if isinstance(warning, dict)}
    assert codes <= {"W305", "W311"}
    chutes("fmt", "--check", cwd=project, check=0)
    is_built = got["base"] is not None
    assert is_built == (template not in [*LANGUAGE, "diffusion"])
    workflow = {"github": ".github/workflows/chute.yml", "gitlab": ".gitlab-ci.yml"}.get(ci)
    assert (workflow in got["files"]) == bool(ci)
    if ci:
        text = (project / workflow).read_text()
        assert "chutes validate" in text and ("chutes build" in text) == is_built


@pytest.mark.parametrize("template", [*LANGUAGE, "diffusion"])
def test_model(chutes, template):
    got = chutes("init", "-t", template, "--model", "Org/Some-Model.5", "demo", "--json", check=0)
    spec = (chutes.cwd / "demo/chute.yaml").read_text()
    assert f"  kind: {template}\n  model: Org/Some-Model.5\n" in spec
    assert got.json["result"]["model"] == "Org/Some-Model.5"
    name = "Org/Some-Model.5" if template in LANGUAGE else "demo"
    assert f"\nname: {name}\n" in spec and got.json["result"]["name"] == name


def test_model_and_a_name(chutes):
    chutes("init", "-t", "vllm", "--name", "Ada/Chat", check=0)
    assert "\nname: Ada/Chat\n" in (chutes.cwd / "chute.yaml").read_text()
    for wrong in ("ab", "a b", "/a/b", "null", "x" * 128):
        got = chutes("init", "-t", "vllm", "--name", wrong, "new", check=2)
        assert "use 3 to 127 letters, digits, '.', '_', '-' and '/'" in got.err


def test_address_of_a_model(chutes):
    address = "https://civitai.com/models/133005"
    chutes("init", "-t", "diffusion", "--model", address, check=0)
    chutes("validate", check=0)
    assert f"  model: {address}\n" in (chutes.cwd / "chute.yaml").read_text()
    got = chutes("init", "-t", "vllm", "--model", address, "new", check=2)
    assert f"error: '{address}' is no model\n" in got.err


def test_model_for_audio_is_whisper(chutes):
    chutes("init", "-t", "audio", "--model", "org/ears", check=0)
    chutes("fmt", "--check", check=0)
    assert "engine: whisper, model: org/ears}" in (chutes.cwd / "chute.yaml").read_text()
    chutes("validate", check=0)


@pytest.mark.parametrize("args, message", [
    (["--model", "a/b"], "--model is for templates that run models"),
    (["-t", "job", "--model", "a/b"], "--model is for templates that run models"),
    (["-t", "vllm", "--model", "a b"], "'a b' is no model"),
    (["-t", "vllm", "--model", "a"], "'a' is no model"),
    (["-t", "vllm", "--base", "scratch"], "--base: the image is the template's own"),
    (["-t", "wrong"], "wrong"),
    (["--ci", "wrong"], "wrong"),
])
def test_options_that_do_not_fit(chutes, args, message):
    got = chutes("init", *args, "new", check=2)
    assert message in got.err
    assert names(chutes.cwd) == []


def test_workflow_is_never_overwritten(chutes):
    file = chutes.cwd / ".gitlab-ci.yml"
    file.write_text("mine")
    got = chutes("init", "--ci", "gitlab", check=0)
    assert re.search(r"kept +\.gitlab-ci\.yml", got.err)
    got = chutes("init", "--ci", "gitlab", "--force", "--json", check=0)
    assert got.json["result"]["kept"] == [".gitlab-ci.yml"]
    assert file.read_text() == "mine"


def test_schema_stays_unless_forced(chutes):
    schema = chutes.cwd / SCHEMA
    schema.parent.mkdir()
    schema.write_text("mine")
    assert "kept" in chutes("init", check=0).err
    assert schema.read_text() == "mine"
    chutes("init", "--force", check=0)
    assert json.loads(schema.read_text())


# --- what is there already

APP = """\
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
import helpers
from tools.deep import thing

application = FastAPI()
raise SystemExit("never run")

@application.get("/")
def root(): return {}

@application.get("/health")
def health(): return {}

@application.get("/items")
async def items(): return {}

@application.get("/items/{number}")
async def item(number: int): return {}

@application.post("/say")
async def say(body: dict) -> StreamingResponse: ...

@application.put("/say")
async def put(body: dict): ...
"""


def test_application(chutes):
    (chutes.cwd / "web.py").write_text(APP)
    (chutes.cwd / "README.md").write_text("mine")
    (chutes.cwd / "tools").mkdir()
    got = chutes("init", "--name", "web", check=0)
    assert got.out == ("created chute.yaml .chutesignore .chutes/chute.v1.json"
                       "   (template server, base debian)\n")
    assert "web.py: a FastAPI application, 2 of its routes as cords" in got.err
    assert "web.py: no cords can be made of GET /, GET /items/{number}, PUT /say" in got.err
    spec = (chutes.cwd / "chute.yaml").read_text()
    assert ('  command: [python, -m, uvicorn, "web:application", --host, 127.0.0.1, '
            '--port, "9000"]\n  port: 9000\n  ready: {path: /health, timeout: 60}\n') in spec
    assert ('    - add: {source: "*.py", dest: /app/}\n'
            "    - add: {source: tools/, dest: /app/tools}\n") in spec
    chutes("fmt", "--check", check=0)
    assert spec.endswith("  - function: items\n    public: GET /items\n    forward: GET /items\n\n"
                         "  - function: say\n    public: POST /say\n    forward: POST /say\n"
                         "    stream: true\n")
    chutes("validate", check=0)
    assert (chutes.cwd / "README.md").read_text() == "mine"


def test_application_in_a_package(chutes):
    (chutes.cwd / "src").mkdir()
    code = "import fastapi\napi = fastapi.FastAPI(openapi_url='/spec.json')\n"
    (chutes.cwd / "src/main.py").write_text(code)
    (chutes.cwd / "pyproject.toml").write_text("""\
[build-system]
dependencies = ["wrong"]
[project]
dependencies = [ # "no"
  "httpx>=0.27",
  'numpy; python_version<"3.13"',
]
[project.optional-dependencies]
dependencies = ["wrong"]
""")
    got = chutes("init", "--json", check=0).json["result"]
    assert got["found"] == ["pyproject.toml: the pip step installs its 2 dependencies",
                            "src/main.py: a FastAPI application, 0 of its routes as cords"]
    spec = (chutes.cwd / "chute.yaml").read_text()
    assert '"src.main:api"' in spec and "ready: {path: /spec.json, " in spec
    assert '- pip: ["uvicorn>=0.29", "httpx>=0.27", "numpy; python_version<\\"3.13\\""]\n' in spec
    assert "    - add: {source: src/, dest: /app/src}\n" in spec
    assert "  - function: home\n    public: GET /home\n    forward: GET /\n" in spec
    chutes("validate", check=0)


DOCKERFILE = """\
FROM python:3.12 AS build
CMD ["wrong"]
FROM python:3.12
EXPOSE {port}
{start}
"""


@pytest.mark.parametrize("port, start, command, want", [
    ("7000/tcp", 'ENTRYPOINT ["python"]\nCMD ["-m", "a b"]', '["python", "-m", "a b"]', 7000),
    ("8000", "CMD python app.py", '[/bin/sh, -c, "python app.py"]', 9000),
    ("80", "", '[python, -m, http.server, "9000", --bind, 127.0.0.1]', 9000),
])
def test_dockerfile(chutes, port, start, command, want):
    (chutes.cwd / "Dockerfile").write_text(DOCKERFILE.format(port=port, start=start))
    got = chutes("init", check=0)
    assert got.out == "created chute.yaml .chutesignore .chutes/chute.v1.json   (template server)\n"
    assert "Dockerfile: it makes the image" in got.err
    spec = (chutes.cwd / "chute.yaml").read_text()
    assert f"  command: {command}" in spec and f"  port: {want}\n" in spec
    assert "  dockerfile: Dockerfile\n" in spec and "steps:" not in spec
    if want == 9000:
        assert f"port {port} cannot be used; the server must listen on 9000" in got.err
    chutes("validate", check=0)
    got = chutes("init", "--base", "scratch", "--force", check=2)
    assert "--base: the image is the Dockerfile's" in got.err


def test_application_beside_a_dockerfile(chutes):
    (chutes.cwd / "Dockerfile").write_text(DOCKERFILE.format(port=7000, start="CMD x"))
    (chutes.cwd / "web.py").write_text(APP)
    chutes("init", check=0)
    spec = (chutes.cwd / "chute.yaml").read_text()
    assert '"web:application"' in spec and "port: 9000" in spec and "dockerfile: Dockerfile" in spec


def test_a_template_that_is_named_is_taken(chutes):
    (chutes.cwd / "Dockerfile").write_text("FROM x\n")
    (chutes.cwd / "web.py").write_text(APP)
    got = chutes("init", "--template", "handlers", "--json", check=0).json["result"]
    assert got["files"] == FILES and got["found"] == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b"app = FastAPI(", b"(" * 100000, b""])
def test_what_cannot_be_read_is_not_there(chutes, content):
    (chutes.cwd / "web.py").write_bytes(content)
    (chutes.cwd / "pyproject.toml").write_bytes(b"[project]\ndependencies = [\"" + content)
    (chutes.cwd / "main.py").mkdir()
    got = chutes("init", "--json", check=0).json["result"]
    assert got["template"] == "handlers"
