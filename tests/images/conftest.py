# SPDX-License-Identifier: MIT
"""Images for real: crun, overlayfs, and the tools that others read images with. A store that all
tests share holds the Debian base, which takes half a minute to make; tests that need a store of
their own start from the same base as an OCI layout."""
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness import Chutes  # noqa: E402

CACHE = Path(os.environ.get("CHUTES_TEST_CACHE", "/tmp/chutes-test-cache"))
BASE_SPEC = """\
version: 1
name: base
server: {command: ["true"], port: 9000}
image: {name: base, tag: test, base: {debian: bookworm}}
node_selector: {gpu_count: 0}
cords: [{function: none, public: GET /none, forward: GET /none}]
"""


def spec(steps="", base="{debian: bookworm}", name="test", more=""):
    """A chute around nothing but its image."""
    return f"""\
version: 1
name: {name}
server: {{command: [sleep, "60"], port: 9000}}
node_selector: {{gpu_count: 0}}
image:
  name: {name}
  base: {base}
{more}  steps:
{steps or '    - env: {A: "1"}'}
cords: [{{function: none, public: GET /none, forward: GET /none}}]
"""


def run(*args, **more):
    return subprocess.run([str(a) for a in args], check=True, capture_output=True, text=True,
                          **more).stdout


class Images(Chutes):
    """chutes with a store, by default the shared one."""

    def __init__(self, folder, store):
        super().__init__(folder)
        self.env["CHUTES_STORE"] = str(store)
        self.store = Path(store)

    def write(self, text, name="chute.yaml"):
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def build(self, text=None, *args, check=0, **more):
        if text is not None:
            self.write(text)
        return self("build", "--json", *args, check=check, timeout=300, **more)

    def layout(self, name):
        return f"oci:{self.store}/oci:{name}"


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory):
    """The shared store with the Debian base in it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    store = CACHE / "store"
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        images = Images(tmp_path_factory.mktemp("base"), store)
        images.build(BASE_SPEC)
    return store


@pytest.fixture
def images(tmp_path, shared_store):
    program = Images(tmp_path, shared_store)
    yield program
    program.end_all()


@pytest.fixture(scope="session")
def base_layout(shared_store):
    """The Debian base as an OCI layout that everybody may read."""
    layout = CACHE / "base"
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(layout, ignore_errors=True)
        run("skopeo", "copy", f"oci:{shared_store}/oci:base:test", f"oci:{layout}:base")
        run("chmod", "-R", "a+rX", CACHE)
        run("chmod", "0700", shared_store)
    return f"oci:{layout}:base"


@pytest.fixture
def own(tmp_path):
    """chutes with an empty store of its own."""
    program = Images(tmp_path, tmp_path / "store")
    yield program
    program.end_all()
