# SPDX-License-Identifier: MIT
"""What others make of our images: skopeo, umoci, podman."""
import hashlib
import json
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from real import run, spec

STEPS = """\
    - run: mkdir -p /d/in /e; touch /d/a /d/in/b /e/c; chown -R 1000:1000 /e; chmod 4711 /e/c
    - run: rm -rf /d && mkdir /d && touch /d/new; ln /d/new /d/hard; ln -s new /d/soft
    - run: rm /e/c; mkfifo /e/pipe; echo hello > "/e/ä b"; chmod 600 "/e/ä b"
    - add: {source: f, dest: /data/f, chown: "1000"}
    - env: {A: "b c"}
    - workdir: /data
    - user: worker
"""


@pytest.fixture
def built(own, tiny):
    (own.cwd / "f").write_text("f")
    got = own.build(spec(STEPS, base=tiny)).json["result"]
    return got["name"], own


def test_skopeo(built, tmp_path):
    name, own = built
    seen = own.inspect(name)
    assert seen["Os"] == "linux" and "A=b c" in seen["Env"]
    run("skopeo", "copy", own.layout(name), f"dir:{tmp_path}/dir")
    manifest = json.loads((tmp_path / "dir/manifest.json").read_text())
    for layer in manifest["layers"]:
        digest = layer["digest"][7:]
        assert hashlib.sha256((tmp_path / "dir" / digest).read_bytes()).hexdigest() == digest
    run("skopeo", "copy", own.layout(name), f"docker-archive:{tmp_path}/docker.tar:x:1")
    again = json.loads(run("skopeo", "inspect", "--config", "--raw",
                           f"docker-archive:{tmp_path}/docker.tar"))
    assert again["rootfs"] == own.inspect(name, "--config", "--raw")["rootfs"]


def test_skopeo_reads_zstd(own, tiny, tmp_path):
    got = own.build(spec("    - run: echo 1 > /f", base=tiny), "--compression", "zstd")
    run("skopeo", "copy", own.layout(got.json["result"]["name"]), f"dir:{tmp_path}/dir")


def facts(root):
    """Everything below `root` that a layer keeps: kind, mode, owner, time, content, links."""
    got, first = {}, {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        st = path.lstat()
        kind = stat.S_IFMT(st.st_mode)
        content = None
        if stat.S_ISLNK(st.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(st.st_mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        same = first.setdefault(st.st_ino, name) if not stat.S_ISDIR(st.st_mode) else None
        mode = None if stat.S_ISLNK(st.st_mode) else oct(st.st_mode & 0o7777)
        got[name] = (kind, mode, st.st_uid, st.st_gid, int(st.st_mtime), content, same)
    return got


@pytest.mark.skipif(os.geteuid() != 0, reason="owners need root")
def test_umoci_unpacks_what_a_step_sees(built, tmp_path):
    """The tree from the blobs, by umoci, is the one that chutes' own containers have."""
    name, own = built
    run("umoci", "raw", "unpack", "--image", f"{own.store}/oci:{name}", tmp_path / "theirs")
    # trees are a cache: without them everything comes from the blobs, here as a base
    for tree in (own.store / "t").iterdir():
        shutil.rmtree(tree)
    layers = own.members(name)
    theirs = facts(tmp_path / "theirs")
    listed = own.build(spec("""\
    - user: root
    - run: find / -xdev ! -path "/proc*" ! -path "/sys*" ! -path "/dev*" ! -path "/run*" > /list
""", base=f"oci:{own.store}/oci:{name}", name="above")).json["result"]["name"]
    seen = own.members(listed)[-1]["list"][1].decode().splitlines()
    lent = {"list", "etc/resolv.conf", "etc/hosts", "etc/hostname"}
    seen = {line[1:] for line in seen if line != "/"} - lent
    skipped = ("proc", "sys", "dev", "run")
    assert seen == {entry for entry in theirs if not entry.startswith(skipped)} - lent
    # and each file is as its layer says
    merged = {}
    for layer in layers:
        for path, (entry, body) in layer.items():
            base = os.path.basename(path)
            if base.startswith(".wh."):
                gone = os.path.join(os.path.dirname(path), base[4:])
                for other in [o for o in merged if o == gone or o.startswith(gone + "/")]:
                    del merged[other]
            else:
                merged[path] = entry
    assert set(merged) == set(theirs)
    for path, entry in merged.items():
        kind, mode, uid, gid, _, _, _ = theirs[path]
        assert (entry.uid, entry.gid) == (uid, gid), path
        assert mode is None or oct(entry.mode & 0o7777) == mode, path


PODMAN = ["podman", "--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime", "runc"]
REFUSED = ("setrlimit", "Operation not permitted", "cgroup", "operation not supported",
           "invalid argument", "kernel does not support")


@pytest.mark.skipif(not shutil.which("podman") or os.geteuid() != 0, reason="no podman, or no root")
def test_podman(built, tmp_path):
    name, own = built
    short = Path(tempfile.mkdtemp())  # podman bounds the length of this one
    storage = ["--root", str(tmp_path / "graph"), "--runroot", str(short / "run")]
    env = {**os.environ, "HOME": str(tmp_path)}

    def podman(*args):
        return subprocess.run([*PODMAN, *storage, *args], capture_output=True, text=True,
                              timeout=120, env=env, stdin=subprocess.DEVNULL)

    try:
        pulled = podman("pull", "-q", own.layout(name))
        if pulled.returncode and any(word in pulled.stderr for word in REFUSED):
            pytest.skip(f"podman cannot store images here: {pulled.stderr.splitlines()[-1]}")
        assert pulled.returncode == 0, pulled.stderr
        done = podman("run", "--rm", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
                      "--network", "none", pulled.stdout.strip(),
                      "sh", "-c", 'echo "$A|$PWD|$(id -u)"; ls /d')
        if done.returncode and any(word in done.stderr for word in REFUSED):
            pytest.skip(f"podman cannot run here: {done.stderr.splitlines()[-1]}")
        assert done.stdout == "b c|/data|1000\nhard\nnew\nsoft\n", done.stderr
    finally:
        podman("rmi", "-af")
        subprocess.run(["umount", tmp_path / "graph/overlay"], capture_output=True)
        shutil.rmtree(short)


def test_the_debian_image(images, shared_store):
    """The base itself, as other tools see it."""
    seen = images.inspect("base:test")
    assert len(seen["Layers"]) == 2 or len(seen["Layers"]) == 1
    assert Path(shared_store, "oci/oci-layout").read_text().startswith('{"imageLayoutVersion"')
