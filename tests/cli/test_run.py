# SPDX-License-Identifier: MIT
"""`chutes run` up to where it needs an image."""
import pytest

SPEC = """\
version: 1
name: ranker
image: {name: ranker, base: {debian: bookworm}}
server:
  command: [/ranker]
  port: 9000
cords:
  - {function: rank, public: POST /rank, forward: POST /rank}
"""


@pytest.mark.parametrize("args, message", [
    (["--port", "-1"], "--port must be 0 to 65535, not -1"),
    (["--port", "65536"], "--port must be 0 to 65535, not 65536"),
    (["-p", "1", "--port", "1"], "--publish and --port say the same: take one"),
    (["--env", "A"], "--env 'A' is not NAME=VALUE"),
    (["--env", "=A"], "--env '=A' is not NAME=VALUE"),
    (["--name", "a b"], "'a b' cannot be the name of a chute that runs here"),
    (["--name", "/"], "'/' cannot be the name of a chute that runs here"),
    (["--name", ".."], "'..' cannot be the name of a chute that runs here"),
    (["--name", ""], "'' cannot be the name of a chute that runs here"),
    (["--name", "x" * 2000], f"'{'x' * 60}...' cannot be the name of a chute that runs here"),
    (["--cors", ""], "--cors '' is no origin"),
    (["--cors", "localhost:3000"], "--cors 'localhost:3000' is no origin"),
    (["--cors", "https://app.example/"], "--cors 'https://app.example/' is no origin"),
    (["--cors", "://x"], "--cors '://x' is no origin"),
    (["--cors", "http://"], "--cors 'http://' is no origin"),
    (["-p", "http"], "--publish 'http' is not [ADDRESS:]PORT[:CORDPORT]"),
    (["-p", "65536"], "--publish '65536' is not [ADDRESS:]PORT[:CORDPORT]"),
    (["-p", "9000:8000:1"], "--publish '9000:8000:1' is not [ADDRESS:]PORT[:CORDPORT]"),
    (["-p", "9000:80"], "--publish '9000:80': the cords have port 8000"),
    (["-p", ":9000"], "--publish ':9000' is not [ADDRESS:]PORT[:CORDPORT]"),
    (["-v", "data:/data"], "--volume: mount '{cwd}/data': No such file or directory"),
    (["-v", "/tmp"], "--volume: mount '/tmp' is not HOST:CONTAINER[:ro]"),
    (["--stub", "-p", "no.such.host:0"],
     "'no.such.host:0' is not ADDRESS:PORT: Name or service not known"),
])
def test_wrong_options(chutes, args, message):
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    done = chutes("run", *args)
    assert done.code in (2, 5), repr(done)
    assert f"error: {message.format(cwd=chutes.cwd.resolve())}\n" in done.err


def test_an_env_file_that_is_missing(chutes):
    (chutes.cwd / "chute.yaml").write_text(SPEC + "dev: {env_file: no.env}\n")
    done = chutes("run", "--no-build", check=5)
    assert "no.env" in done.err


def test_which_job_must_be_said(chutes):
    (chutes.cwd / "chute.yaml").write_text(
        SPEC.split("server:")[0] + "jobs: [{function: train, command: [train]}]\n")
    assert "has jobs: which one is not said" in chutes("run", "--stub", check=2).err


def test_a_template_without_its_gpu(chutes):
    (chutes.cwd / "chute.yaml").write_text(
        "version: 1\nname: someone/model\ntemplate:\n  kind: vllm\n  model: someone/model\n"
        "  revision: 0123456789abcdef0123456789abcdef01234567\n"
        "image: someone/vllm:1.0\n")
    done = chutes("run", check=15)
    assert "error: 'someone/model' needs a GPU, and this machine shows none\n" in done.err
    assert "--stub answers its cords" in done.err
