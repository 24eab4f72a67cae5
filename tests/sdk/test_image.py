# SPDX-License-Identifier: MIT
"""What the platform's own SDK writes for an image is what we render, where both can say it."""
import os
import subprocess

IMAGE = """
from chutes.image import Image
print((Image("me", "hello", "1.0")
       .from_base("parachutes/base-python:3.12.9")
       .with_maintainer("Ada <ada@example.com>")
       .set_user("root")
       .run_command("echo \\"$HOME\\" > '/a b' && ls | wc -l")
       .set_workdir("/opt/x")
       .with_env("HF_HUB_ENABLE_HF_TRANSFER", "1")
       .add("app.py", "/app/app.py", chown="chutes:chutes", chmod="644")
       .add("https://example.com/a.bin", "/opt/a.bin")
       .set_user("chutes")
       .set_workdir("/app")
       .with_entrypoint("/opt/entry")))
"""
SPEC = """\
version: 1
name: hello
handlers: {file: app.py}
cords: [{function: hello, public: POST /hello}]
image:
  name: hello
  tag: "1.0"
  base: parachutes/base-python:3.12.9
  maintainer: Ada <ada@example.com>
  entrypoint: [/opt/entry]
  steps:
    - user: root
    - run: echo "$HOME" > '/a b' && ls | wc -l
    - workdir: /opt/x
    - env: {HF_HUB_ENABLE_HF_TRANSFER: "1"}
    - add: {source: app.py, dest: /app/app.py, chown: "chutes:chutes", chmod: "644"}
    - add: {source: "https://example.com/a.bin", dest: /opt/a.bin}
    - user: chutes
    - workdir: /app
"""


def test_the_dockerfile_is_the_same(real_python, chutes):
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    (chutes.cwd / "app.py").write_text("async def hello(self): ...\n")
    theirs = subprocess.run([real_python, "-I", "-c", IMAGE], cwd=chutes.cwd, capture_output=True,
                            text=True, timeout=60,
                            env={"PATH": os.defpath, "HOME": "/nonexistent"})
    assert theirs.returncode == 0, theirs.stderr
    ours = chutes("render", "--what", "dockerfile", check=0).out
    # they do not quote the values of variables, which we do
    assert ours.replace('FER="1"', "FER=1") == theirs.stdout
