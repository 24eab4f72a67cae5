# SPDX-License-Identifier: MIT
"""Many steps of an image, with changing users and directories; an interpreter of its own."""

from chutes.chute import Chute, NodeSelector
from chutes.image import Image
from chutes.util.context import is_local, is_remote
from helpers import ANSWER

assert is_local() and not is_remote()

image = Image(username="me", name="workshop", tag="1.0.0")
image.with_python("3.11.9")
image = (
    image.set_workdir("/opt")
    .with_python()
    .set_user("root")
    .with_entrypoint("/bin/one")
    .run_command("mkdir -p /opt/comfy && chown chutes /opt/comfy")
    .set_user("chutes")
    .set_workdir("/opt/comfy")
    .from_base("parachutes/python:3.11")
    .add("*.txt", "/opt/comfy/", chown="chutes:chutes", chmod="644", exclude=["none.*"])
    .add("https://example.com/a.git", "/opt/a", keep_git_dir=True)
    .with_entrypoint(["/bin/two", "--x"])
)
for package in ("a", "b"):
    image = image.run_command(f"pip install {package}=={ANSWER}")
for key, value in {"A": "1", "_B2": "x y"}.items():
    image.with_env(key, value)

chute = Chute(username="me", name="workshop", image=image, node_selector=NodeSelector(gpu_count=8))


def make(number):
    @chute.cord(path=f"/step_{number}", public_api_path=f"/step/{number}")
    async def step(self, body: dict) -> dict:
        return body

    return step


steps = [make(number) for number in range(3)]


@chute.on_startup(priority=20)
async def start(self): ...
