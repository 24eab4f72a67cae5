# SPDX-License-Identifier: MIT
"""A module and the spec that `chutes import` makes of it register the same under the platform's
own SDK."""

import json
import os
import pathlib
import re
import subprocess
import sys

import conftest
import pytest

sys.path.insert(0, str(conftest.ROOT / "tests"))
import import_corpus as corpus

PROGRAM = pathlib.Path(os.environ.get("CHUTES_BUILD", conftest.ROOT / "build")) / "cli/chutes"
# our own code speaks of these differently, and means the same
DERIVED = {"names", "title", "image", "cords", "settings"}
# a typed cord is wrapped, so that an empty body means all defaults; what it is called stays
OF_CORD = ["path", "public_api_path", "public_api_method", "stream", "function",
           "output_content_type", "passthrough", "passthrough_path", "passthrough_port",
           "input_schema", "minimal_input_schema"]  # fmt: skip
OF_SETTINGS = ["name", "uid", "tagline", "standard_template", "revision", "concurrency",
               "max_instances", "scaling_threshold", "shutdown_after_seconds",
               "allow_external_egress", "encrypted_fs", "tee", "passthrough_headers"]  # fmt: skip


def load(interpreter, file):
    command = [interpreter, "-I", conftest.ROOT / "tests/sdk/load_real.py", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def run(folder, *arguments):
    done = subprocess.run([PROGRAM, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def comparable(registered):
    image = registered["image"]
    return {
        **{key: value for key, value in registered.items() if key not in DERIVED},
        "settings": {key: registered["settings"][key] for key in OF_SETTINGS},
        "cords": [{key: cord[key] for key in OF_CORD} for cord in registered["cords"]],
        "image": image.get("reference") or f"{registered['username']}/{image['name']}:{image['tag']}",
    }


@pytest.mark.parametrize("name", corpus.LOADS)
def test_the_same_under_the_real_sdk(real_python, tmp_path, name):
    source, mode = corpus.LOADS[name]
    module = corpus.write(tmp_path, source)
    before = load(real_python, module)
    assert f"({mode})" in run(tmp_path, "import", module.name)
    run(tmp_path, "render", "--what", "code", "-o", "out")
    [rendered] = (tmp_path / "out").glob("*.py")
    for file in corpus.FILES:
        (rendered.parent / file).write_text("")
    after = load(real_python, rendered)
    assert comparable(after) == comparable(before)
    if "dockerfile" in before["image"]:
        dockerfile = run(tmp_path, "render", "--what", "dockerfile")
        assert instructions(dockerfile) == instructions(before["image"]["dockerfile"])


APT = re.compile(r"^RUN .*apt-get (?:-y )?(install|remove)(?: -y)?(?: --no-\S+)?( [^&]*)(?:&& .*)?$")


def instructions(dockerfile):
    """Without comments, empty lines and what only differs in blanks or needless quotes; of apt the
    packages, because a step refreshes the lists itself."""
    lines = [" ".join(line.replace('"', "").split()) for line in dockerfile.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return [APT.sub(r"\1\2", line).rstrip() for line in lines]
