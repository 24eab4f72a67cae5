# SPDX-License-Identifier: MIT
"""The rendered Dockerfile, built by buildah, and the same spec built here are the same image."""
import json
import os
import shutil
import tarfile
import tempfile

import pytest
from real import run, spec

STEPS = r"""
    - run: mkdir -p /d/in && touch /d/a /d/in/b
    - run: |
        rm -rf /d/in
        for i in 1 2; do
          echo "line $i \"quoted\" \\ 'single'" >> /d/script
        done
    - run: [echo $((1 <<3)) > /d/shift, "[ -e /d/shift ] && cp /d/shift /d/copy"]
    - env: {A: b "c" $PATH \n, B: ''}
    - run: printf '%s' "$A" > /d/env
    - add: {source: "a b.txt", dest: /data/, chown: "worker:worker", chmod: "600"}
    - add: {source: "f?.txt", dest: /data/}
    - add: {source: $odd, dest: /data/odd}
    - user: worker
    - workdir: /data/sub dir
    - run: id -un > /tmp/who; pwd > /tmp/where
    - user: root
"""
MORE = """\
  maintainer: Ada <ada@example.com>
  entrypoint: [/bin/sh, -c, 'echo "$A"']
"""

pytestmark = [
    pytest.mark.skipif(not shutil.which("buildah"), reason="buildah is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
]


@pytest.fixture
def buildah(tmp_path):
    run_root = tempfile.mkdtemp(prefix="chutes-", dir="/tmp")  # it wants a short path

    def call(*args, **more):
        return run("buildah", "--root", tmp_path / "buildah", "--runroot", run_root,
                   "--storage-driver", "vfs", *args, timeout=120, **more)
    yield call
    shutil.rmtree(run_root)


def layer_into(files, blob):
    with tarfile.open(fileobj=blob) as layer:
        for entry in layer:
            folder, _, name = entry.name.rpartition("/")
            if not name.startswith(".wh."):
                body = layer.extractfile(entry).read() if entry.isreg() else None
                files[entry.name.rstrip("/")] = (entry.mode & 0o7777, entry.uid, entry.gid, body)
                continue
            gone = folder if name == ".wh..wh..opq" else f"{folder}/{name[4:]}"
            for path in [p for p in files if p == gone or p.startswith(gone + "/")]:
                if path != folder:
                    del files[path]


def image_of(archive):
    """The config of an image and its files below /d, /data and /tmp: mode, owner, bytes."""
    with tarfile.open(archive) as tar:
        [manifest] = json.load(tar.extractfile("manifest.json"))
        config = json.load(tar.extractfile(manifest["Config"]))
        files = {}
        for name in manifest["Layers"]:
            layer_into(files, tar.extractfile(name))
    return config, {path: facts for path, facts in files.items()
                    if path.split("/")[0] in ("d", "data", "tmp")}


def test_buildah_builds_the_same(own, tiny, buildah, tmp_path):
    for name in ("a b.txt", "f1.txt", "f2.txt", "$odd"):
        (own.cwd / name).write_text(name)
        (own.cwd / name).chmod(0o644)
    own.build(spec(base=tiny, name="base", steps="    - workdir: /"))
    base = own("images", "--json").json["result"]["images"][0]["name"]
    own("images", "export", base, f"oci:{tmp_path}/base:1", check=0)
    own.build(spec(STEPS, base=f"oci:{tmp_path}/base:1", more=MORE))
    name = next(i["name"] for i in own("images", "--json").json["result"]["images"]
                if i["name"].startswith("test:"))
    own("images", "export", name, f"docker-archive:{tmp_path}/ours.tar", check=0)
    text = own("render", "--what", "dockerfile", check=0).out
    # the base is in no registry; buildah can read it where it is
    assert text.startswith(f"# the base 'oci:{tmp_path}/base:1' is in no registry")
    file = tmp_path / "Dockerfile"
    file.write_text(text.replace("FROM scratch", f"FROM oci:{tmp_path}/base:1"))
    buildah("bud", "--isolation", "chroot", "--layers=false", "-f", file, "-t", "theirs:1",
            own.cwd)
    buildah("push", "theirs:1", f"docker-archive:{tmp_path}/theirs.tar:theirs:1")
    ours, ours_files = image_of(tmp_path / "ours.tar")
    theirs, theirs_files = image_of(tmp_path / "theirs.tar")
    for key in ("User", "WorkingDir", "Entrypoint", "Cmd"):
        assert ours["config"].get(key) == theirs["config"].get(key), key
    assert sorted(ours["config"]["Env"]) == sorted(
        e for e in theirs["config"]["Env"] if not e.startswith("PATH=/usr/local"))
    assert ours["author"] == theirs["author"] == "Ada <ada@example.com>"
    assert ours_files["d/env"][3] == b'b "c" $PATH \\n'
    assert ours_files == theirs_files
