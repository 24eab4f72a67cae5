# SPDX-License-Identifier: MIT
"""`chutes import`: modules for the platform's SDK become specs, by reading and by running."""
import json

import import_corpus as corpus
import pytest

ALL = corpus.LOADS | corpus.OTHERS
PACKAGE = """\
from chutes.chute import Chute, NodeSelector
from chutes.image import Image
image = Image(username="me", name="x", tag="1").from_base("parachutes/python:3.12").apt_install(5)
chute = Chute(username="me", name="x", image=image, node_selector=NodeSelector(gpu_count=1))
@chute.cord(public_api_path="/hi")
async def hi(self) -> str:
    return "x"
"""


@pytest.fixture
def take(chutes):
    """Import one source; the result, and the spec's text."""

    def run(source, *options, name="module.py", code=0, **keywords):
        path = corpus.write(chutes.cwd, source, name)
        result = chutes("import", path.name, *options, check=code, **keywords)
        spec = chutes.cwd / "chute.yaml"
        return result, spec.read_text() if spec.exists() else ""

    return run


@pytest.mark.parametrize("name", [name for name, (_, mode) in ALL.items() if mode])
def test_reading_is_enough(chutes, take, name):
    source, mode = ALL[name]
    is_incomplete = name == "MISSING_FILE"
    result, spec = take(source, code=3 if is_incomplete else 0)
    if not is_incomplete:
        assert f"({mode})" in result.out
        chutes("validate", check=0)
    assert f"{mode}:" in spec
    assert source.lstrip("\n") == (chutes.cwd / "module.py").read_text()


def test_a_revision_among_the_arguments(take):
    result, spec = take(corpus.VLLM_OLD_REVISION)
    assert f'revision: "{corpus.REVISION}"' in spec
    assert "--revision" not in spec.split("template:")[1].replace("# ", "").split("engine_args:\n")[1]
    assert "- --dtype\n    - float16" in spec
    assert "warning[W317]: --revision stood in engine_args" in result.err


def test_what_only_the_platform_runs(take):
    result, spec = take(corpus.REMOTE_ONLY)
    assert "runs only on the platform (line 5)" in spec
    assert "warning[W318]: this part runs only on the platform" in result.err
    assert "image: chutes/sglang:" in spec


def test_values_that_depend_on_the_machine(take):
    _, spec = take(corpus.HF_HOME)
    assert "depends on the variable HF_HOME; '/cache' was taken" in spec
    assert "- /cache/hub\n" in spec and '- "8192"' in spec
    assert "env:\n  NO_PROXY: " in spec
    assert "- run: pip install sglang==0.4" in spec


def test_arguments_as_a_dict(take):
    _, spec = take(corpus.DICT_ARGS)
    assert "- --chat-template\n    - /app/gemma.jinja" in spec
    assert "- --enforce-eager\n" in spec and "disable-log-stats" not in spec
    assert "- add: {source: gemma.jinja, dest: /app/gemma.jinja}" in spec


def test_a_template_that_is_gone(take):
    _, spec = take(corpus.TEI)
    assert "kind: embedding" in spec and "'embedding' took its place" in spec
    assert "'refs/pr/5' is no commit" in spec
    assert "has no 'num_gpus': the SDK ignored it; if 'gpu_count: 1' was meant" in spec
    assert "min_vram_gb_per_gpu: 16" in spec


def test_positional_arguments(take):
    _, spec = take(corpus.DIFFUSION)
    assert "name: playground-v2.5\n" in spec
    assert "model: playgroundai/playground-v2.5-1024px-aesthetic" in spec
    assert "pipeline_args: {variant: fp16}" in spec
    assert "image: chutes/diffusion:0.31.0" in spec


def test_handlers_without_their_wiring(chutes, take):
    _, spec = take(corpus.FLUX)
    code = (chutes.cwd / "app.py").read_text()
    assert "chutes" not in code and "Chute(" not in code and "@chute" not in code
    assert "    # the comment stays\n" in code and "class MinifiedArgs(BaseModel):" in code
    assert 'tag: "0.1.2"' in spec and "- apt: [git, curl]" in spec
    assert "- run: pip install diffusers==0.31 transformers" in spec
    assert "- {call: warm, priority: 90}" in spec and "shutdown:\n    - {call: close, priority: 10}" in spec
    assert "minimal_input: {model: MinifiedArgs}" in spec
    assert "app:\n    title: My flux" in spec
    assert "'method=POST' of 'generate' had no effect" in spec


def test_an_author_file_called_app(chutes, take):
    take(corpus.TYPO, name="app.py")
    assert (chutes.cwd / "app.py").read_text() == corpus.TYPO.lstrip("\n")
    assert "@chute" not in (chutes.cwd / "handlers.py").read_text()


def test_two_cords_and_a_schema(chutes, take):
    _, spec = take(corpus.TWO_CORDS)
    assert "max_hourly_price_per_gpu: 1.5" in spec and "public: GET /health" in spec
    assert "scaling_threshold: 0.5" in spec and "tee: true" in spec
    schema = chutes.cwd / "schemas/classify_image_output.json"
    assert schema.read_text() == '{"title":"Verdict","type":"object"}\n'


def test_keys_that_the_sdk_ignored(take):
    result, spec = take(corpus.TYPO)
    assert "if 'min_vram_gb_per_gpu: 24' was meant" in spec
    assert "min_vram_gb_per_gpu: 24\n" not in spec
    assert "warning[W318]: Field has no 'gte'" in result.err


def test_a_source_that_is_not_there(take):
    result, spec = take(corpus.MISSING_FILE, code=3)
    assert "there is no 'cortana.wav' beside the file" in spec
    assert "error[E220]: 'cortana.wav' does not exist" in result.err
    assert "'chute.yaml' was written" in result.err


def test_text_from_a_file(take):
    _, spec = take(corpus.LOCAL_FILE)
    assert "readme: {file: NOTES.md}" in spec


def test_names_are_bound_by_their_module(chutes, take):
    _, spec = take(corpus.SHADOWED)
    assert "name: infinite-you" in spec
    assert "from PIL import Image" in (chutes.cwd / "app.py").read_text()


def test_processes_that_import_the_module_again(take):
    result, spec = take(corpus.PROCESSES)
    assert "its processes (torch.multiprocessing, line 1) import it again" in result.err
    assert "cords: {import: true}" in spec


def test_steps_keep_their_order(take):
    _, spec = take(corpus.MANY_STEPS)
    steps = [line.split(":")[0].strip() for line in spec.splitlines() if line.startswith("    - ")]
    assert [step for step in steps if step in
            ("- user", "- run", "- apt_remove", "- workdir", "- env")] == [
        "- user", "- run", "- apt_remove", "- workdir", "- run", "- workdir", "- run", "- user",
        "- workdir", "- run", "- env"]
    assert "maintainer: a@example.com" in spec and "forward: POST /prompt\n    port: 8188" in spec
    assert "lock_modules: false" in spec and "passthrough_headers: {X-Internal: " in spec


def test_a_package_that_is_a_number(take):
    result, spec = take(PACKAGE, code=3)
    assert "- apt: 5\n" in spec and "'packages' must be a list, not '5'" in result.err


def test_a_job(take):
    _, spec = take(corpus.JOB)
    assert "jobs:\n  - function: train\n    timeout: 3600\n    upload: false" in spec
    assert "{name: board, port: 8265, proto: http}" in spec


@pytest.mark.parametrize("name, why", [
    ("LOOP", "a loop or block that uses 'chute' (line 7)"),
    ("MIDDLEWARE", "'chute.add_api_route' is called (line 5)"),
])
def test_what_stays_python(take, name, why):
    result, spec = take(ALL[name][0])
    assert f"the module is kept as it is: {why}" in result.err
    assert "python:\n  file: module.py\n  object: chute" in spec


def test_modules_beside(chutes, take):
    (chutes.cwd / "helper.py").write_text("X = 1\n")
    _, spec = take("import helper\n" + corpus.TYPO)
    assert "- add: {source: helper.py, dest: /app/helper.py}" in spec


# --- running

def test_nobody_is_there_to_ask(take):
    result, spec = take(corpus.COMPUTED, code=2)
    assert "unknown image is \"tester/image:\" + tag()" in result.err
    assert "say so with --yes" in result.err and spec == ""


def test_never_run(take):
    result, spec = take(corpus.COMPUTED, "--no-exec", code=3)
    assert "reading 'module.py' is not enough: image is" in result.err and spec == ""


def test_with_consent(take):
    _, spec = take(corpus.COMPUTED, "--yes")
    assert "image: tester/image:1.2.3" in spec and "handlers:" in spec


def test_a_variable_that_is_missing(take):
    result, spec = take(corpus.NEEDS_VARIABLE, "--yes", code=3)
    assert "'module.py', line 4: KeyError: 'ME'" in result.err
    assert "--env ME=VALUE" in result.err and spec == ""
    _, spec = take(corpus.NEEDS_VARIABLE, "--yes", "--env", "ME=somebody")
    assert "username: somebody" in spec


HARMFUL = """
import os
import ctypes
import socket
from chutes.chute import Chute

results = []
libc = ctypes.CDLL(None)
for attempt in (
    lambda: open({path!r}, "w"),
    lambda: socket.create_connection(("127.0.0.1", {port})),
    lambda: os.system("touch " + {path!r}),
    lambda: os.fork(),
):
    try:
        attempt()
        results.append("done")
    except PermissionError as refused:
        results.append("refused")
results.append(libc.open({path!r}.encode(), 0o101, 0o644))
results.append(libc.socket(1, 1, 0))
results.append(libc.mount(b"none", b"/mnt", b"tmpfs", 0, 0))
results.append(libc.open(b"/dev/kmsg", 0))
chute = Chute(username="tester", name="harmful", tagline=str(results), image="tester/image:1.0")
"""


def test_a_module_that_means_harm(chutes, take, port):
    path = chutes.cwd / "written"
    source = HARMFUL.format(path=str(path), port=port)
    _, spec = take(source, "--yes", "--mode", "python")
    assert "'refused', 'refused', 'refused', 'refused', -1, -1, -1, -1" in spec
    assert not path.exists()


HEAD = """\
from chutes.chute import Chute
from chutes.image import Image
"""
TAIL = """
chute = Chute(username="tester", name="large", image="tester/image:1.0", tagline=text)
"""


LARGE = {
    "f-string": "text = f\"{'x':>1000000000}\"",
    "percent": "text = '%1000000000d' % 1",
    "format": "text = '{:>1000000000}'.format(1)",
    "doubled": "text = 'x' * 1000\n" + "text = text + text\n" * 40,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_values_that_are_too_large(take, text):
    """Not computed: what they are, only running the module tells."""
    result, spec = take(HEAD + text + TAIL, "--no-exec", code=None)
    assert result.code in (0, 2, 3) and "limit of 16777216 bytes" not in result.err
    assert len(spec) < 10000


def test_reading_has_an_end(take):
    """A list that holds the one before it twice, and so on, is small until it is written."""
    text = "text = []\n" + "text = [text, text]\n" * 40
    result, spec = take(HEAD + text + TAIL, "--no-exec", code=3)
    assert "reading it takes more than 10 s" in result.err or "too large" in result.err
    assert spec == ""


def test_a_module_that_never_ends(take):
    result, spec = take("from chutes.chute import Chute\nwhile True:\n    pass\n", "--yes",
                        "--timeout", "2", code=9)
    assert "belongs into a startup hook" in result.err and spec == ""


@pytest.mark.parametrize("ending", ["raise SystemExit(3)", "1 / 0", "import os; os.abort()",
                                    "import os; os._exit(0)", "print('x' * 10**7); import sys; sys.exit()"])
def test_a_module_that_fails(take, ending):
    source = "from chutes.chute import Chute\nname = input\n" + ending + "\n"
    result, spec = take(source, "--yes", code=None)
    assert result.code in (1, 3) and spec == ""
    assert "Traceback" not in result.out


def test_packages_that_are_not_installed(take):
    source = corpus.COMPUTED.replace("def tag", "import no_such_package.inner as n\n"
                                     "from no_such_other import decorate\n\n"
                                     "class X(n.Base):\n    pass\n\n@decorate\ndef tag")
    _, spec = take(source, "--yes")
    assert "image: tester/image:1.2.3" in spec


# --- refused

def test_several_chutes(chutes, take):
    result, spec = take(corpus.TWO_CHUTES, code=3)
    assert "has 2 chutes: first, second" in result.err and "module.py:first" in result.err
    chutes("import", "module.py:second", "--mode", "python", check=0)
    assert "name: second" in (chutes.cwd / "chute.yaml").read_text()


def test_an_object_that_is_not_there(chutes, take):
    take(corpus.TYPO, "-o", "-")
    result = chutes("import", "module.py:other", check=3)
    assert "has no chute 'other'" in result.err and "it has 'chute'" in result.err


def test_not_a_chute(take):
    result, spec = take(corpus.NOT_A_CHUTE, "--yes", code=3)
    assert "is not a chute: it imports nothing of the SDK" in result.err and spec == ""


def test_not_python(take):
    result, _ = take(corpus.NOT_PYTHON, code=3)
    assert "'module.py', line 2: '(' was never closed" in result.err


@pytest.mark.parametrize("mode", ["template", "handlers"])
def test_a_mode_that_does_not_fit(take, mode):
    result, spec = take(corpus.LOOP, "--mode", mode, code=3)
    assert ("is more than a call of a template" if mode == "template" else
            "cannot be plain handlers: a loop") in result.err
    assert spec == ""


def test_a_file_that_is_no_module_name(take):
    result, _ = take(corpus.LOOP, name="My-Chute.py", code=3)
    assert "'My-Chute.py' is no name of a module" in result.err


CHUTE = """\
from chutes.chute import Chute, NodeSelector
chute = Chute("someone", "page", "someone/page:1", node_selector=NodeSelector(gpu_count=1){})
@chute.cord(public_api_path="/hi")
async def hi(self): return "x"
"""


@pytest.mark.parametrize("readme", [
    "a\n\ufffeb", "\uffff", "\ufeffa\u2028b\u2029c\n", "a\xa0\n\u2030\uffbd", "a\n\tb\n"])
def test_text_that_yaml_must_escape(chutes, take, readme):
    take(CHUTE.format(f", readme={readme!a}"))
    payload = chutes("render", "--what", "payload", check=0).out
    assert json.loads(payload)["readme"] == readme


@pytest.mark.parametrize("readme", ["a\x7f\nb", "a\n\x80b", "a\x9fb", "a\x01\n"])
def test_controls_are_told_by_who_reads_the_spec(take, readme):
    result, _ = take(CHUTE.format(f", readme={readme!a}"), code=3)
    assert "error[E114]: 'the text' contains a control character" in result.err


def test_a_file_whose_name_has_a_line_end(chutes, take):
    _, spec = take(CHUTE.format(""), name="a\nb.py")
    assert spec.startswith("# Made from a\\x0ab.py by chutes import.")
    chutes("validate", check=0)


def test_text_that_python_gives_up_on(take):
    deep = "x = " + "-" * 100000 + "1\n" + CHUTE.format("")
    result, _ = take(deep, code=3)
    assert "'module.py': it is nested too deeply, too large, or no text\n" in result.err
    large = 'X = "a".replace("a", "b" * 1000000).replace("b", "c" * 1000000)\n'
    result, _ = take(large + CHUTE.format(", tagline=X"), "--no-exec", code=3)
    assert "unknown tagline is" in result.err


def test_what_cannot_be_read(chutes):
    (chutes.cwd / "folder.py").mkdir()
    assert "'folder.py': Is a directory\n" in chutes("import", "folder.py", check=3).err


def test_no_file(chutes):
    assert "there is no file 'x.py'" in chutes("import", "x.py", check=5).err


def test_binary(chutes):
    (chutes.cwd / "x.py").write_bytes(b"\xff\xfe\x00chutes")
    assert "'x.py': not UTF-8 at byte 0" in chutes("import", "x.py", check=3).err


def test_no_python(chutes, take):
    result, _ = take(corpus.TYPO, code=15, env={"CHUTES_PYTHON": "/nonexistent/python"})
    assert "there is no '/nonexistent/python'" in result.err


# --- files

def test_nothing_is_overwritten(chutes, take):
    (chutes.cwd / "app.py").write_text("mine\n")
    result, spec = take(corpus.TYPO, code=6)
    assert "'app.py' exists" in result.err and spec == ""
    assert (chutes.cwd / "app.py").read_text() == "mine\n"
    take(corpus.TYPO, "--force")
    assert "speak" in (chutes.cwd / "app.py").read_text()


def test_printed_only(chutes, take):
    result, spec = take(corpus.TYPO, "-o", "-")
    assert spec == "" and result.out.startswith("# Made from module.py")
    assert not (chutes.cwd / "app.py").exists()


def test_elsewhere(chutes, take):
    result, _ = take(corpus.TYPO, "-o", "/tmp/elsewhere/chute.yaml", code=2)
    assert "does not lie beside" in result.err


def test_json(take):
    result, _ = take(corpus.TYPO, "--json")
    assert result.json["result"]["mode"] == "handlers"
    assert result.json["result"]["files"] == ["app.py"]
