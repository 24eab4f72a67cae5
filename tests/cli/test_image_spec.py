# SPDX-License-Identifier: MIT
"""Images that the spec names or describes in ways that this machine cannot build."""
import pytest

SPEC = """\
version: 1
name: hello
server: {{command: [sleep, "60"], port: 9000}}
image: {image}
cords: [{{function: hello, public: GET /hello, forward: GET /hello}}]
"""


def write(chutes, image):
    (chutes.cwd / "chute.yaml").write_text(SPEC.format(image=image))


@pytest.mark.parametrize("command", ["build", "run", "shell"])
def test_there_is_nothing_to_build(chutes, command):
    write(chutes, "chutes/vllm:nightly-2025111700")
    assert chutes("validate", check=0).err == ""
    got = chutes(command, check=125 if command == "shell" else 3)
    assert got.err.startswith(
        "error[E240]: there is nothing to build: the image 'chutes/vllm:nightly-2025111700' is "
        "prebuilt, and pulling it is not supported yet\n")
    assert "take it with 'chutes images load'; an image to build is {name: …" in got.err


@pytest.mark.parametrize("image, text", [
    ("{name: abc, dockerfile: D}", "building from 'D' is not supported yet"),
    ("{name: abc, base: {debian: bookworm}, steps: [raw: EXPOSE 1]}",
     "a 'raw' step cannot be done here yet"),
    ("{name: abc, base: {debian: bookworm}, steps: [run: {script: a, mounts: [type=tmpfs]}]}",
     "a 'run' step with mounts cannot be run here yet")])
def test_what_another_builder_can_do(chutes, image, text):
    (chutes.cwd / "D").write_text("FROM parachutes/python:3.12\nUSER chutes\n")
    write(chutes, image)
    chutes("validate", check=0)
    got = chutes("build", "--json", check=3).json
    assert [f["message"] for f in got["findings"] if f["code"] == "E240"] == [text]


def test_findings_in_the_dockerfile(chutes):
    write(chutes, "{name: abc, dockerfile: docker/D}")
    (chutes.cwd / "docker").mkdir()
    (chutes.cwd / "docker/D").write_text("FROM python:3.12\n\nUSER root\n")
    got = chutes("validate", check=0).err
    assert "--> docker/D:1:1" in got and "warning[W309]" in got
    assert "--> docker/D:3:1" in got and "warning[I122]" in got
