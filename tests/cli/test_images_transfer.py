# SPDX-License-Identifier: MIT
"""Images under other names, pruned, written for other tools and taken from them. Those tools are the
judges: skopeo, podman and umoci read and write the same files."""
import gzip
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time

import pytest
from test_images import add_image, files, sha256, store  # noqa: F401: a fixture

HAS_SKOPEO = shutil.which("skopeo")
needs_skopeo = pytest.mark.skipif(not HAS_SKOPEO, reason="skopeo is not installed")


def run(*args, **more):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def skopeo(*args):
    return run("skopeo", "--insecure-policy", *args)


def names(chutes):
    return [image["name"] for image in chutes("images", "--json").json["result"]["images"]]


# --- tag


def test_tag(chutes, store):
    one = add_image(store, "hello:1", "one")
    two = add_image(store, "hello:2", "two")
    assert chutes("images", "tag", "hello:1", "stable", check=0).out == (
        f"tagged stable:latest  {one}\n")
    got = chutes("images", "tag", two[7:19], "stable:latest", check=0)
    assert got.out == f"tagged stable:latest  {two}\n" and got.err == f"was    {one}\n"
    assert chutes("images", "tag", "hello:2", "stable", "--json", check=0).json["result"] == {
        "name": "stable:latest", "digest": two, "replaced": None}
    assert chutes("images", "tag", "hello:1", "stable", "--json", check=0).json["result"] == {
        "name": "stable:latest", "digest": one, "replaced": two}
    assert chutes("images", "tag", "hello:1", "localhost:5000/me/x:2", "-q", check=0).out == one + "\n"
    assert names(chutes) == ["hello:1", "hello:2", "localhost:5000/me/x:2", "stable:latest"]


def test_tag_refuses(chutes, store):
    digest = add_image(store, "hello:1", "one")
    assert "no image 'nosuch'" in chutes("images", "tag", "nosuch", "a:1", check=5).err
    assert "invalid image reference 'A:1'" in chutes("images", "tag", "hello", "A:1", check=2).err
    for name in ("sha256:abc", digest):  # such a name would hide which image has none
        assert "begins a digest" in chutes("images", "tag", "hello", name, check=2).err
    chutes("images", "tag", "hello", "me/sha256:1", check=0)
    got = chutes("images", "tag", "hello", f"a@{digest}", check=2)
    assert got.err.startswith(f"error: 'a@{digest}' has a digest; a name is NAME:TAG\n")


# --- prune


def dates(store):
    """Three of hello, oldest first, one of other, one without a name."""
    for i in (1, 2, 3):
        add_image(store, f"hello:{i}", f"h{i}", f"2026-01-0{i}T00:00:00Z")
    add_image(store, "other:1", "other", "2025-01-01T00:00:00Z")
    return add_image(store, None, "nameless")


def test_prune_takes_nameless_ones_only(chutes, store):
    digest = dates(store)
    got = chutes("images", "prune", "--dry-run", check=0)
    assert got.out == (f"would delete {digest}\n"
                       f"would free at most 11 kB\n")
    assert len(names(chutes)) == 5
    got = chutes("images", "prune", check=0)
    assert got.out == f"deleted {digest}\nfreed 11 kB\n"
    assert names(chutes) == ["hello:1", "hello:2", "hello:3", "other:1"]
    assert chutes("images", "prune", check=0).out == "freed 0 B\n"


def test_prune_keeps_recent_ones(chutes, store):
    dates(store)
    got = chutes("images", "prune", "--keep-recent", "2", "--json", "-n", check=0).json["result"]
    assert sorted(filter(None, (i["name"] for i in got["would_delete"]))) == ["hello:1"]
    assert got["own_bytes"] > 20000
    chutes("images", "prune", "--keep-recent", "2", check=0)
    assert names(chutes) == ["hello:2", "hello:3", "other:1"]
    chutes("images", "prune", "--keep-recent", "1", check=0)
    assert names(chutes) == ["hello:3", "other:1"]
    assert len(files(store)) == 6


def test_prune_by_age(chutes, store):
    dates(store)
    day = int(time.time() / 86400) - 20454  # since 2026-01-01
    assert names(chutes)[3] == "other:1"
    chutes("images", "prune", "--older-than", f"{(day + 30) * 24}h", check=0)
    assert names(chutes) == ["hello:1", "hello:2", "hello:3", None]
    chutes("images", "prune", "--older-than", f"{(day - 1) * 24 - 12}h", "--keep-recent", "1", check=0)
    assert names(chutes) == ["hello:3"]


def test_prune_all(chutes, store):
    dates(store)
    got = chutes("images", "prune", "--all", "--json", check=0).json["result"]
    assert len(got["deleted"]) == 5 and got["freed_bytes"] > 50000
    assert names(chutes) == [] and files(store) == []


def test_prune_refuses(chutes, store):
    assert chutes("images", "prune", "--keep-recent", "-1", check=2).err.startswith(
        "error: --keep-recent is -1; it must be at least 0\n")


def test_prune_leaves_what_is_in_use(chutes, store):
    import fcntl
    digest = add_image(store, "hello:1", "one")
    with open(store / "leases/test.1", "w") as lease:
        lease.write(digest[7:] + "\n")
        lease.flush()
        fcntl.flock(lease, fcntl.LOCK_EX)
        got = chutes("images", "prune", "--all", check=0)
        assert got.err == "warning: 'hello:1' is in use and stays\n"
        assert names(chutes) == ["hello:1"]
    chutes("images", "prune", "--all", check=0)
    assert names(chutes) == []


# --- export, load

FORMS = ["oci:{}/out", "oci-archive:{}/out.tar", "docker-archive:{}/out.tar"]


@pytest.mark.parametrize("form", FORMS)
def test_round_trip(chutes, store, tmp_path, form):
    digest = add_image(store, "localhost:5000/me/hello:1", "one")
    config = chutes("images", "get", "localhost:5000/me/hello", "--json").json["result"]["manifest"]["config"]["digest"]
    where = form.format(tmp_path)
    seen = config if form.startswith("docker") else digest
    assert chutes("images", "export", "localhost:5000/me/hello", where, check=0).out == (
        f"exported localhost:5000/me/hello:1  11 kB  {seen}\n")
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".tmp")] == []
    other = tmp_path / "other"
    got = chutes("images", "load", where, "--store", other, check=0)
    assert got.out.startswith("loaded localhost:5000/me/hello:1  11 kB  sha256:")
    result = chutes("images", "get", "localhost:5000/me/hello", "--store", other, "--json").json["result"]
    assert result["manifest"]["config"]["digest"] == config
    if not form.startswith("docker"):
        assert result["digest"] == digest
    assert chutes("images", "load", where, "-t", "x:2", "-q", "--store", other).out == result["digest"] + "\n"
    assert chutes("images", "get", "x:2", "-q", "--store", other, check=0).out == result["digest"] + "\n"


@needs_skopeo
@pytest.mark.parametrize("form", FORMS)
def test_skopeo_reads_what_is_exported(chutes, store, tmp_path, form):
    digest = add_image(store, "hello:1", "one")
    where = form.format(tmp_path)
    chutes("images", "export", "hello", where, check=0)
    chutes("images", "export", "hello", "oci:" + str(tmp_path / "plain"), check=0)
    for name in (where, where + ":hello:1"):
        seen = json.loads(skopeo("inspect", name))
        assert seen["Architecture"] == "amd64" and len(seen["Layers"]) == 1
        if not form.startswith("docker"):
            assert seen["Digest"] == digest
    # what it makes of each, it makes of the other
    skopeo("copy", where, f"dir:{tmp_path}/dir")


@needs_skopeo
@pytest.mark.parametrize("form", FORMS)
def test_what_skopeo_writes_is_loaded(chutes, store, tmp_path, form):
    digest = add_image(store, "hello:1", "one")
    where = form.format(tmp_path) + ":hello:2"
    keep = [] if form.startswith("docker") else ["--preserve-digests"]
    skopeo("copy", *keep, f"oci:{store}/oci:hello:1", where)
    got = chutes("images", "load", where, "--json", check=0).json["result"]
    assert got["name"] == "hello:2"
    if not form.startswith("docker"):
        assert got["digest"] == digest
    assert chutes("images", "load", form.format(tmp_path), check=0).out.startswith("loaded hello:2  ")


@needs_skopeo
def test_a_mere_tag_goes_with_the_name_of_the_file(chutes, store, tmp_path):
    digest = add_image(store, "hello:1", "one")
    skopeo("copy", "--preserve-digests", f"oci:{store}/oci:hello:1", f"oci-archive:{tmp_path}/thing.tar:1.0")
    got = chutes("images", "load", f"oci-archive:{tmp_path}/thing.tar", "--json", check=0).json
    assert got["result"]["name"] == "thing:1.0" and got["result"]["digest"] == digest
    skopeo("copy", "--preserve-digests", f"oci:{store}/oci:hello:1", f"oci:{tmp_path}/bare")
    got = chutes("images", "load", f"oci:{tmp_path}/bare", check=2)
    assert got.err == (f"error: the image in '{tmp_path}/bare' has no name\n"
                       "  = help: name it with --tag NAME:TAG\n")


@pytest.mark.skipif(not shutil.which("umoci") or os.geteuid() != 0,
                    reason="umoci is not installed, or not root")
def test_umoci_reads_a_layout(chutes, store, tmp_path):
    add_image(store, "hello:1", "one")
    chutes("images", "export", "hello", f"oci:{tmp_path}/out:mine", check=0)
    assert run("umoci", "list", "--layout", tmp_path / "out").split() == ["mine"]
    run("umoci", "unpack", "--image", f"{tmp_path}/out:mine", tmp_path / "bundle")
    assert (tmp_path / "bundle/rootfs/etc/word").read_text() == "one"


@pytest.mark.skipif(not shutil.which("podman") or os.geteuid() != 0,
                    reason="podman is not installed, or not root")
def test_podman_loads_and_saves(chutes, store, tmp_path):
    add_image(store, "hello:1", "one")
    run_root = tempfile.mkdtemp(prefix="chutes-", dir="/tmp")  # podman wants a short path
    podman = ["podman", "--root", tmp_path / "podman", "--runroot", run_root,
              "--storage-driver", "vfs", "--cgroup-manager=cgroupfs", "--events-backend=file"]
    try:
        for form in ("docker-archive", "oci-archive"):
            chutes("images", "export", "hello", f"{form}:{tmp_path}/{form}.tar", check=0)
            assert "hello:1" in run(*podman, "load", "-q", "-i", tmp_path / f"{form}.tar")
            run(*podman, "save", "-q", "--format", form, "-o", tmp_path / "saved.tar", "hello:1")
            got = chutes("images", "load", f"{form}:{tmp_path}/saved.tar", "--json", check=0).json
            assert got["result"]["name"].endswith("hello:1")
            (tmp_path / "saved.tar").unlink()
            run(*podman, "rmi", "-f", "hello:1")
    finally:
        shutil.rmtree(run_root)


def test_layers_of_a_docker_archive_are_plain(chutes, store, tmp_path):
    add_image(store, "hello:1", "one")
    blobs = store / "oci/blobs/sha256"
    # the same image with a compressed layer
    index = json.loads((store / "oci/index.json").read_text())
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
    plain = (blobs / manifest["layers"][0]["digest"][7:]).read_bytes()
    packed = gzip.compress(plain, mtime=0)
    (blobs / sha256(packed)[7:]).write_bytes(packed)
    manifest["layers"][0] = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                             "digest": sha256(packed), "size": len(packed)}
    data = json.dumps(manifest).encode()
    (blobs / sha256(data)[7:]).write_bytes(data)
    index["manifests"][0].update(digest=sha256(data), size=len(data))
    (store / "oci/index.json").write_text(json.dumps(index))
    chutes("images", "export", "hello", f"docker-archive:{tmp_path}/a.tar:me/x:3", check=0)
    with tarfile.open(tmp_path / "a.tar") as tar:
        said = json.load(tar.extractfile("manifest.json"))[0]
        assert said["RepoTags"] == ["me/x:3"]
        assert tar.extractfile(said["Layers"][0]).read() == plain
        assert {(m.mtime, m.uid, m.mode) for m in tar} == {(0, 0, 0o644)}
    # the same bytes each time
    chutes("images", "export", "hello", f"docker-archive:{tmp_path}/b.tar:me/x:3", check=0)
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    # a layer that is not what the config says
    (blobs / sha256(packed)[7:]).write_bytes(gzip.compress(plain[:-1] + b"x", mtime=0))
    got = chutes("images", "export", "hello", f"docker-archive:{tmp_path}/c.tar", check=13)
    assert "layer 1: its bytes are 'sha256:" in got.err
    assert sorted(p.name for p in tmp_path.glob("*.tar*")) == ["a.tar", "b.tar"]


def test_nothing_is_replaced_silently(chutes, store, tmp_path):
    one = add_image(store, "hello:1", "one")
    two = add_image(store, "hello:2", "two")
    for form in FORMS[1:]:
        where = form.format(tmp_path)
        chutes("images", "export", "hello:1", where, "--force", check=0)
        before = (tmp_path / "out.tar").read_bytes()
        got = chutes("images", "export", "hello:2", where, check=6)
        assert got.err == (f"error: exporting 'hello:2': '{tmp_path}/out.tar' exists already\n"
                           "  = help: choose another name, or replace it with --force\n")
        assert (tmp_path / "out.tar").read_bytes() == before
        chutes("images", "export", "hello:2", where, "--force", check=0)
        assert (tmp_path / "out.tar").read_bytes() != before
    layout = f"oci:{tmp_path}/out"
    chutes("images", "export", "hello:1", f"{layout}:x", check=0)
    chutes("images", "export", "hello:1", f"{layout}:x", check=0)
    chutes("images", "export", "hello:2", f"{layout}:y", check=0)
    got = chutes("images", "export", "hello:2", f"{layout}:x", check=6)
    assert got.err == (f"error: exporting 'hello:2': '{tmp_path}/out' has another image 'x'\n"
                       "  = help: give it another name behind the path, or use --force\n")

    def tags():
        index = json.loads((tmp_path / "out/index.json").read_text())
        return {m["annotations"]["org.opencontainers.image.ref.name"]: m["digest"]
                for m in index["manifests"]}
    assert tags() == {"x": one, "y": two}
    chutes("images", "export", "hello:2", f"{layout}:x", "--force", check=0)
    assert tags() == {"x": two, "y": two}


def test_places_that_cannot_be(chutes, store, tmp_path):
    add_image(store, "hello:1", "one")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").write_text("x")
    (tmp_path / "empty").mkdir()
    for where, status, text in (
            (f"oci:{tmp_path}/full", 6, "/full' exists and is no OCI layout"),
            (f"oci:{tmp_path}/full/file", 6, "/file' exists and is no directory"),
            (f"oci-archive:{tmp_path}/full", 6, "/full' is a directory"),
            (f"oci-archive:{tmp_path}/none/x.tar", 5, "No such file or directory"),
            (f"oci:{tmp_path}/none/x", 5, "No such file or directory"),
            ("oci:", 2, "'oci:' names no path"),
            ("hello.tar", 2, "'hello.tar' does not say what to write"),
            (f"docker-archive:{tmp_path}/x:A B", 2, "invalid image reference"),
            (f"oci:{tmp_path}/x:a b", 2, "invalid image reference"),
            (f"oci:{tmp_path}/x:a\nb", 2, "invalid image reference"),
            (f"oci:{tmp_path}/x:a\x1b[0mb", 2, "invalid image reference")):
        got = chutes("images", "export", "hello", where, check=status)
        assert text in got.err, where
    chutes("images", "export", "hello", f"oci:{tmp_path}/empty", check=0)
    chutes("images", "export", "hello", f"oci:{tmp_path}/slash/:x:1", check=0)
    for name in ("empty", "slash"):
        assert (tmp_path / name / "oci-layout").exists()
    assert sorted(p.name for p in (tmp_path / "full").iterdir()) == ["file"]
    chutes("images", "export", "nosuch", f"oci:{tmp_path}/x", check=5)


def test_load_refuses(chutes, store, tmp_path):
    (tmp_path / "junk.tar").write_bytes(b"x" * 2000)
    for source, status, text in (
            ("hello.tar", 2, "'hello.tar' does not say what it is"),
            (f"oci:{tmp_path}/none", 5, "none"),
            (f"oci-archive:{tmp_path}/none", 5, "none"),
            (f"docker-archive:{tmp_path}/junk.tar", 13, "junk.tar"),
            (f"oci-archive:{tmp_path}/junk.tar", 13, "junk.tar")):
        assert text in chutes("images", "load", source, check=status).err, source
    got = chutes("images", "load", "oci:x", "--tag", "Hello", check=2)
    assert got.err.startswith("error: --tag: invalid image reference 'Hello'")
    assert "--tag 'hello' is not NAME:TAG" in chutes("images", "load", "oci:x", "-t", "hello", check=2).err
    assert names(chutes) == []


# --- standard input and output


@pytest.mark.parametrize("form", ["oci-archive", "docker-archive"])
def test_through_a_pipe(chutes, store, tmp_path, form):
    add_image(store, "hello:1", "one")
    chutes("images", "export", "hello", f"{form}:{tmp_path}/out.tar", check=0)
    sent = subprocess.run([chutes.program, "images", "export", "hello", f"{form}:-"],
                          env=chutes.env, capture_output=True)
    assert sent.returncode == 0 and sent.stderr == b""
    assert sent.stdout == (tmp_path / "out.tar").read_bytes()
    got = subprocess.run([chutes.program, "images", "load", f"{form}:-", "-q"], env=chutes.env,
                         input=gzip.compress(sent.stdout), capture_output=True)
    assert got.returncode == 0 and got.stdout.startswith(b"sha256:"), got.stderr
    # a pipe with a name
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    chutes("images", "export", "hello", f"{form}:{tmp_path}/pipe", check=0)
    assert reader.communicate()[0] == sent.stdout


def test_what_standard_output_is_not_for(chutes, store):
    add_image(store, "hello:1", "one")
    got = chutes("images", "export", "hello", "oci-archive:-", "--json", check=2)
    assert got.json["error"]["message"].startswith("with '-' standard output is the archive")
    master, slave = pty.openpty()
    for line, text in ((["export", "hello", "oci-archive:-"], b"nothing for a terminal"),
                       (["load", "oci-archive:-"], b"standard input is a terminal")):
        done = subprocess.run([chutes.program, "images", *line], env=chutes.env, stdin=slave,
                              stdout=slave, stderr=subprocess.PIPE)
        assert done.returncode == 2 and text in done.stderr
    os.close(master)
    os.close(slave)
    with open("/dev/full", "w") as full:
        done = subprocess.run([chutes.program, "images", "export", "hello", "oci-archive:-"],
                              env=chutes.env, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"No space left on device" in done.stderr


# --- what is half is nothing


def big(store, n):
    """An image whose layer has n bytes that do not compress."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        entry = tarfile.TarInfo("noise")
        entry.size = n
        tar.addfile(entry, io.BytesIO(os.urandom(n)))
    data = layer.getvalue()
    blobs = store / "oci/blobs/sha256"
    index = json.loads((store / "oci/index.json").read_text())
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_text())
    config = json.loads((blobs / manifest["config"]["digest"][7:]).read_text())
    config["rootfs"]["diff_ids"] = [sha256(data)]
    for blob in (data, json.dumps(config).encode()):
        (blobs / sha256(blob)[7:]).write_bytes(blob)
    text = json.dumps(config).encode()
    manifest["config"].update(digest=sha256(text), size=len(text))
    manifest["layers"][0].update(digest=sha256(data), size=len(data))
    text = json.dumps(manifest).encode()
    (blobs / sha256(text)[7:]).write_bytes(text)
    index["manifests"].append({"mediaType": manifest["mediaType"], "digest": sha256(text), "size": len(text),
                               "annotations": {"org.opencontainers.image.ref.name": "big:1"}})
    (store / "oci/index.json").write_text(json.dumps(index))


@pytest.mark.parametrize("form", FORMS)
def test_a_killed_export_leaves_nothing_with_the_name(chutes, store, tmp_path, form):
    add_image(store, "hello:1", "one")
    big(store, 64 << 20)
    where = form.format(tmp_path)
    path = tmp_path / where.split("/")[-1]
    for delay in (0.005, 0.02, 0.05):
        process = chutes.start("images", "export", "big", where)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if path.exists():  # it was done before
            assert chutes("images", "load", where, "-t", f"again:{int(delay * 1000)}").code == 0
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
    chutes("images", "export", "big", where, check=0)
    chutes("images", "load", where, check=0)


@pytest.mark.parametrize("form", FORMS)
def test_an_interrupted_export_cleans_up(chutes, store, tmp_path, form):
    add_image(store, "hello:1", "one")
    big(store, 64 << 20)
    where = form.format(tmp_path)
    process = chutes.start("images", "export", "big", where)
    while process.poll() is None and not list(tmp_path.glob("*.tmp")):
        pass
    process.send_signal(signal.SIGINT)
    code = process.wait(20)
    assert not list(tmp_path.glob("*.tmp"))
    # unless it was done before
    assert code == 130 and not list(tmp_path.glob("out*")) or code == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk(chutes, store, tmp_path, form):
    add_image(store, "hello:1", "one")
    big(store, 8 << 20)
    disk = tmp_path / "disk"
    disk.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk)
    try:
        got = chutes("images", "export", "big", form.format(disk), check=1)
        assert "No space left on device" in got.err
        assert os.listdir(disk) == []
        chutes("images", "export", "hello", form.format(disk), check=0)
        if form.startswith("oci:"):
            before = sorted(p.name for p in (disk / "out/blobs/sha256").iterdir())
            chutes("images", "export", "big", form.format(disk), check=1)
            index = json.loads((disk / "out/index.json").read_text())
            assert len(index["manifests"]) == 1
            assert set(before) <= {p.name for p in (disk / "out/blobs/sha256").iterdir()}
            assert not list((disk / "out/blobs/sha256").glob("*.tmp"))
    finally:
        run("umount", disk)


def test_a_damaged_blob_is_not_handed_on(chutes, store, tmp_path):
    digest = add_image(store, "hello:1", "one")
    layer = chutes("images", "get", "hello", "--json").json["result"]["layers"][0]
    path = store / "oci/blobs/sha256" / layer["digest"][7:]
    path.write_bytes(b"x" * layer["size"])
    for form in FORMS:
        got = chutes("images", "export", "hello", form.format(tmp_path), check=13)
        assert "damaged" in got.err or "but the config says" in got.err
    path.unlink()
    for form in FORMS:
        got = chutes("images", "export", "hello", form.format(tmp_path), check=5)
        assert f"blob '{layer['digest']}' is not in the store" in got.err
    assert not list(tmp_path.glob("out*")) and digest
