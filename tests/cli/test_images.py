# SPDX-License-Identifier: MIT
"""The local store from outside. Images come into it by skopeo and umoci, which write into its OCI
layout, so that these tests need no build."""
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile

import pytest


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def add_image(store, name, word, created="2026-01-02T03:04:05Z"):
    """One image by hand into a layout: bytes first, then the index, as any tool does it."""
    def blob(data):
        (store / "oci/blobs/sha256" / sha256(data)[7:]).write_bytes(data)
        return {"digest": sha256(data), "size": len(data)}

    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        entry = tarfile.TarInfo("etc/word")
        entry.size = len(word)
        tar.addfile(entry, io.BytesIO(word.encode()))
    diff_id = sha256(layer.getvalue())
    config = {"created": created, "architecture": "amd64", "os": "linux", "x-extra": {"kept": [1]},
              "config": {"User": "1000", "Env": ["PATH=/bin", "A=b c"], "Cmd": ["sh", "-c", "a b"],
                         "WorkingDir": "/app", "Labels": {"k": "v"}, "ExposedPorts": {"80/tcp": {}}},
              "rootfs": {"type": "layers", "diff_ids": [diff_id]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                           **blob(json.dumps(config).encode())},
                "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar",
                            **blob(layer.getvalue())}]}
    entry = {"mediaType": manifest["mediaType"], **blob(json.dumps(manifest).encode())}
    if name:
        entry["annotations"] = {"org.opencontainers.image.ref.name": name}
    index_path = store / "oci/index.json"
    index = json.loads(index_path.read_text())
    index["manifests"].append(entry)
    index_path.write_text(json.dumps(index))
    return entry["digest"]


@pytest.fixture
def store(chutes, tmp_path):
    chutes("images", check=0)
    return tmp_path / "data/chutes/store"


def files(store):
    return sorted(p.name for p in (store / "oci/blobs/sha256").iterdir())


def test_an_empty_store(chutes):
    got = chutes("images", check=0)
    assert got.out.split() == ["NAME", "TAG", "DIGEST", "CREATED", "SIZE"] and got.err == ""
    assert chutes("images", "--no-header").out == ""
    assert chutes("images", "--json").json == {
        "schema": "chutes.images.list/v1", "ok": True, "result": {"images": []}, "warnings": []}


def test_list(chutes, store):
    digest = add_image(store, "localhost:5000/team/hello:1.0", "one")
    add_image(store, "hello", "two")
    nameless = add_image(store, None, "three")
    for line in (["images"], ["images", "list"], ["images", "ls"]):
        rows = [re.split(r"  +", line) for line in chutes(*line, check=0).out.splitlines()[1:]]
        assert [row[:2] for row in rows] == [["hello", "<none>"],
                                             ["localhost:5000/team/hello", "1.0"],
                                             ["<none>", "<none>"]]
        assert rows[1][2] == digest[7:19] and rows[2][2] == nameless[7:19]
        assert rows[0][3].endswith(" ago") and re.fullmatch(r"\d+ k?B", rows[0][4])
    assert chutes("images", "--plain", "--no-header").out.count("\t") == 12
    assert digest[7:19] in chutes("images", "-q").out.split()
    images = chutes("images", "--json").json["result"]["images"]
    assert [image["name"] for image in images] == ["hello", "localhost:5000/team/hello:1.0", None]
    assert images[1]["digest"] == digest and images[1]["created"] == "2026-01-02T03:04:05Z"
    assert images[1]["size"] > 10000


def test_completion_knows_the_images(chutes, store):
    names = ["hello", "localhost:5000/team/hello:1.0"]
    for name in (*names, None):
        add_image(store, name, name or "nameless")
    for line in (["images", "get"], ["images", "delete"], ["shell", "--image"]):
        got = chutes("__complete", "--", *line, "", check=0)
        assert sorted(got.out.split()) == names, line
    assert chutes("__complete", "--", "images", "get", "", "--store", "/dev/null").err == ""


def test_get(chutes, store):
    digest = add_image(store, "hello:1", "one")
    shown = chutes("images", "get", "hello", check=0).out
    assert shown == chutes("images", "inspect", digest[7:15]).out
    for line in (f"digest      {digest}", "name        hello:1", "platform    linux/amd64",
                 "user        1000", "directory   /app", "command     sh -c 'a b'",
                 "ports       80/tcp", "env         PATH=/bin", "            A=b c",
                 "labels      k=v"):
        assert line in shown.splitlines()
    assert re.search(r"^created     2026-01-02T03:04:05Z \(\d+ \w+ ago\)$", shown, re.M)
    assert re.search(r"^layers      sha256:[0-9a-f]{64}  10 kB$", shown, re.M)
    assert chutes("images", "get", "hello", "-q").out == digest + "\n"
    got = chutes("images", "get", "hello:1", "--json").json
    assert got["schema"] == "chutes.images.get/v1"
    result = got["result"]
    assert result["config"]["config"]["Cmd"] == ["sh", "-c", "a b"]
    assert result["config"]["x-extra"] == {"kept": [1]}
    assert result["manifest"]["layers"][0]["digest"] == result["layers"][0]["digest"]
    assert result["layers"][0]["diff_id"] == result["config"]["rootfs"]["diff_ids"][0]


def test_what_is_not_there(chutes, store):
    add_image(store, "hello:1", "one")
    before = files(store)
    for line in (["get", "nosuch"], ["delete", "nosuch"], ["delete", "hello:1", "nosuch"]):
        got = chutes("images", *line, check=5)
        assert got.err == ("error: no image 'nosuch' in the store\n"
                           "  = help: 'chutes images' lists what there is\n")
        assert chutes("images", *line, "--json").json["error"]["code"] == "not_found"
    assert files(store) == before and "hello" in chutes("images").out
    chutes("images", "get", check=2)
    chutes("images", "delete", check=2)


def test_ambiguous_names(chutes, store):
    digest = add_image(store, "hello:1", "one")
    add_image(store, "hello:2", "one")
    add_image(store, "hello:3", "three")
    got = chutes("images", "delete", "hello", check=6)
    assert got.err.startswith("error: 'hello' is ambiguous: hello:1, hello:2, hello:3\n")
    got = chutes("images", "delete", digest[7:19], check=6)
    assert got.err == (f"error: '{digest[7:19]}' has several names: hello:1, hello:2\n"
                       "  = help: delete them by name\n")
    # to look at, they are one image
    chutes("images", "get", digest[7:19], check=0)


@pytest.mark.parametrize("word", ["delete", "rm", "remove"])
def test_delete_frees_space(chutes, store, word):
    add_image(store, "a:1", "one")
    add_image(store, "b:1", "one")
    add_image(store, "c:1", "three")
    before = len(files(store))
    assert chutes("images", word, "a:1", check=0).out == "deleted a:1\nfreed 0 B\n"
    assert len(files(store)) == before
    got = chutes("images", word, "b", "b:1", "c:1", "--json", check=0).json
    assert [image["name"] for image in got["result"]["deleted"]] == ["b:1", "c:1"]
    assert got["result"]["freed_bytes"] > 20000 and got["result"]["cached_bytes"] == 0
    assert files(store) == [] and chutes("images", "--json").json["result"]["images"] == []
    assert os.listdir(store / "tmp") == []


def test_what_a_deletion_would_do(chutes, store):
    add_image(store, "a:1", "one")
    add_image(store, "b:1", "one")
    add_image(store, "c:1", "three")
    before = files(store)
    assert chutes("images", "delete", "-n", "a:1", "a", check=0).out == \
        "would delete a:1\nwould free at most 0 B\n"
    got = chutes("images", "delete", "--dry-run", "b:1", "c:1", "--json", check=0).json["result"]
    assert [image["name"] for image in got["would_delete"]] == ["b:1", "c:1"]
    assert got["own_bytes"] > 0
    assert "no image 'x'" in chutes("images", "delete", "-n", "a:1", "x", check=5).err
    assert files(store) == before


def test_a_nameless_image_goes_by_its_digest(chutes, store):
    digest = add_image(store, None, "one")
    assert chutes("images", "delete", digest[7:19], check=0).out.startswith(f"deleted {digest}\n")
    assert files(store) == []


def test_a_broken_image_is_shown_and_deleted(chutes, store):
    digest = add_image(store, "hello:1", "one")
    (store / "oci/blobs/sha256" / digest[7:]).write_text("{}")
    assert chutes("images", "--json").json["result"]["images"][0]["size"] == 0
    got = chutes("images", "get", "hello", check=13)
    assert got.err.startswith(f"error: blob '{digest}' is damaged\n")
    chutes("images", "delete", "hello", check=0)
    assert files(store) == []


def test_the_store_can_be_named(chutes, store, tmp_path):
    add_image(store, "hello:1", "one")
    assert "hello" not in chutes("images", "--store", tmp_path / "other", check=0).out
    assert "hello" not in chutes("images", env={"CHUTES_STORE": str(tmp_path / "other")}).out
    assert "hello" in chutes("images", "--store", store,
                             env={"CHUTES_STORE": str(tmp_path / "other")}).out
    (tmp_path / "home/file").write_text("x")
    got = chutes("images", "--store", tmp_path / "home", check=6)
    assert "is no store and not empty: it has 'file'" in got.err
    assert os.listdir(tmp_path / "home") == ["file"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_store_of_somebody_else(chutes, store):
    os.chown(store, 4711, 4711)
    got = chutes("images", check=4)
    assert got.err == (f"error: the store '{store}' belongs to user 4711, not to user 0\n"
                       "  = help: name a store of your own with --store or CHUTES_STORE\n")


def run(*args):
    done = subprocess.run(list(map(str, args)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("skopeo"), reason="skopeo is not installed")
def test_skopeo_reads_and_writes_the_store(chutes, store, tmp_path):
    digest = add_image(store, "localhost:5000/team/hello:3f9c0a1b22de", "one")
    name = f"oci:{store}/oci:localhost:5000/team/hello:3f9c0a1b22de"
    assert json.loads(run("skopeo", "inspect", name))["Digest"] == digest
    run("skopeo", "--insecure-policy", "copy", name, f"oci:{store}/oci:copied:1")
    assert chutes("images", "get", "copied", "-q", check=0).out == digest + "\n"
    chutes("images", "delete", "localhost:5000/team/hello", check=0)
    run("skopeo", "--insecure-policy", "copy", f"oci:{store}/oci:copied:1",
        f"docker-archive:{tmp_path}/out.tar:copied:1")


@pytest.mark.skipif(not shutil.which("umoci") or os.geteuid() != 0,
                    reason="umoci is not installed, or not root")
def test_umoci_reads_and_writes_the_store(chutes, store, tmp_path):
    run("umoci", "new", "--image", f"{store}/oci:umo:1")
    run("umoci", "insert", "--image", f"{store}/oci:umo:1", "/etc/hostname", "/etc/name")
    assert len(chutes("images", "get", "umo", "--json", check=0).json["result"]["layers"]) == 1
    add_image(store, "hello:1", "one")
    run("umoci", "unpack", "--image", f"{store}/oci:hello:1", tmp_path / "bundle")
    assert (tmp_path / "bundle/rootfs/etc/word").read_text() == "one"
    assert run("umoci", "list", "--layout", store / "oci").split() == ["umo:1", "hello:1"]


@pytest.mark.skipif(not shutil.which("podman") or os.geteuid() != 0,
                    reason="podman is not installed, or not root")
def test_podman_reads_the_store(store, tmp_path):
    add_image(store, "hello:1", "one")
    run_root = tempfile.mkdtemp(prefix="chutes-", dir="/tmp")  # podman wants a short path
    podman = ["podman", "--root", tmp_path / "podman", "--runroot", run_root,
              "--storage-driver", "vfs", "--cgroup-manager=cgroupfs", "--events-backend=file"]
    try:
        image = run(*podman, "pull", "-q", f"oci:{store}/oci:hello:1").split()[-1]
        assert "/app" in run(*podman, "inspect", image)
    finally:
        shutil.rmtree(run_root)
