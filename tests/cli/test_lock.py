# SPDX-License-Identifier: MIT
"""`chutes lock`: what a spec leaves open is written down, and a change is noticed. No network."""
import hashlib
import io
import json
import os
import re
import shutil
import stat
import tarfile
import tempfile

import pytest
from harness import ROOT
from test_images import add_image, store  # noqa: F401: a fixture

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SPEC = """\
version: 1
name: hello
handlers: {{file: app.py}}
image: {{name: hello, base: {base}, steps: [user: chutes, workdir: /app]}}
node_selector: {{gpu_count: 0}}
cords: [{{function: hello, public: POST /hello}}]
{more}"""
HEAD = "# Written by 'chutes lock'; do not edit.\nversion: 1\n"


def write(chutes, base, more=""):
    (chutes.cwd / "app.py").write_text("async def hello(self):\n    return {}\n")
    (chutes.cwd / "chute.yaml").write_text(SPEC.format(base=base, more=more))
    return chutes.cwd / "chute.lock"


def digest_of(text):
    return re.search(r"  digest: (\S+)\n", text)[1]


def tar(path, word):
    with tarfile.open(path, "w") as out:
        entry = tarfile.TarInfo("etc/word")
        entry.size = len(word)
        out.addfile(entry, io.BytesIO(word.encode()))


@pytest.fixture
def scratch(chutes):
    return write(chutes, "scratch")


def test_writes_what_is_known(chutes, scratch):
    got = chutes("lock", check=0)
    assert (got.out, got.err) == ("chute.lock\n", "")
    gpus = (ROOT / "lib/spec/gpus.json").read_bytes()
    assert scratch.read_text() == (
        HEAD + f"sdk: 0.6.9\ngpus:\n  date: {json.loads(gpus)['date']}\n"
        f"  sha256: {hashlib.sha256(gpus).hexdigest()}\n")
    assert stat.S_IMODE(scratch.stat().st_mode) == 0o644
    before = scratch.stat()
    got = chutes("lock", check=0)
    assert (got.out, got.err) == ("", "")
    assert scratch.stat().st_mtime_ns == before.st_mtime_ns
    got = chutes("lock", "--check", check=0)
    assert (got.out, got.err) == ("", "")
    assert sorted(os.listdir(chutes.cwd)) == ["app.py", "chute.lock", "chute.yaml"]


def test_one_version_of_the_sdk():
    """The tests load what is lowered under the version that the lock names."""
    header = (ROOT / "lib/spec/spec.h").read_text()
    tests = (ROOT / "tests/sdk/conftest.py").read_text()
    assert re.search(r'#define SPEC_SDK_VERSION "(.+)"', header)[1] == \
        re.search(r'^REAL_VERSION = "(.+)"$', tests, re.M)[1]


def test_check_shows_what_differs(chutes, scratch):
    got = chutes("lock", "--check", check=10)
    assert got.out.startswith("--- chute.lock\n+++ chute.lock\n@@ -0,0 +1,6 @@\n+# Written by")
    assert got.err == "error: there is no 'chute.lock'\n  = help: run 'chutes lock'\n"
    assert not scratch.exists()
    chutes("lock", check=0)
    text = scratch.read_text()
    scratch.write_text(text.replace("0.6.9", "0.5.0"))
    got = chutes("lock", "--check", check=10)
    assert "-sdk: 0.5.0\n+sdk: 0.6.9\n" in got.out
    assert got.err == "error: 'chute.lock' is out of date\n  = help: run 'chutes lock'\n"
    # how it is written is no fact
    scratch.write_bytes(text.replace("\n", "\r\n").encode() + b"# and more\r\n")
    assert chutes("lock", "--check", check=0).out == ""


def test_update_renews_what_is_named(chutes):
    lock = write(chutes, "scratch", f"models: [{{repo: a/b, revision: {COMMIT}}}]\n")
    got = chutes("lock", "--update", "sdk", check=5)
    assert got.err == ("error: there is no 'chute.lock' to update\n"
                       "  = help: run 'chutes lock' without --update\n")
    chutes("lock", check=0)
    good = lock.read_text()
    old = good.replace("0.6.9", "0.5.0").replace(COMMIT, "f" * 40)
    old = re.sub("sha256: .*", "sha256: " + "0" * 64, old)
    old = re.sub("date: .*", "date: 2020-01-01", old)
    wanted = {"sdk": "sdk: 0.6.9", "gpus": re.search("  sha256: .*", good)[0], "model": COMMIT}
    for name in wanted:
        lock.write_text(old)
        assert chutes("lock", "--update", name, check=0).out == "chute.lock\n"
        for other, line in wanted.items():
            assert (line in lock.read_text()) == (other == name)
        assert chutes("lock", "--check", "--update", name, check=0).out == ""
    lock.write_text(old)
    chutes("lock", "--update", "sdk,gpus", "--update", "model", check=0)
    assert lock.read_text() == good
    got = chutes("lock", "--update", "sdk,colour", check=2)
    assert "--update takes sdk, gpus, base and model, not 'colour'" in got.err


def test_models(chutes):
    lock = write(chutes, "scratch", f"models: [{{repo: z/z, revision: {COMMIT}}}, {{repo: a/b}}]\n")
    got = chutes("lock", check=0)
    assert got.err == "warning: not locked: model 'a/b' (write its 'revision')\n"
    assert lock.read_text().endswith(f'models:\n  - "z/z@{COMMIT}"\n')
    assert chutes("lock", "-q", "--check", check=0).err == ""


def test_json(chutes):
    lock = write(chutes, "parachutes/python:3.12", f"models: [{{repo: a, revision: {COMMIT}}}]\n")
    got = chutes("lock", "--json", check=0).json
    assert got["schema"] == "chutes.lock/v1"
    assert got["warnings"] == ["not locked: base 'parachutes/python:3.12' (needs the registry)"]
    result = got["result"]
    assert (result["file"], result["changed"]) == ("chute.lock", True)
    assert result["facts"]["sdk"] == "0.6.9" and result["facts"]["base"] is None
    assert sorted(result["facts"]["gpus"]) == ["date", "sha256"]
    assert result["facts"]["models"] == [f"a@{COMMIT}"]
    assert chutes("lock", "--json", check=0).json["result"]["changed"] is False
    got = chutes("lock", "--check", "--json", check=0).json["result"]
    assert (got["changed"], got["diff"]) == (False, "")
    lock.unlink()
    got = chutes("lock", "--check", "--json", check=10).json
    assert got["error"]["exit_code"] == 10 and got["error"]["changed"] is False
    assert not lock.exists()


# --- bases


def test_a_base_in_a_registry(chutes):
    lock = write(chutes, "parachutes/python:3.12")
    assert chutes("lock", check=0).err == (
        "warning: not locked: base 'parachutes/python:3.12' (needs the registry)\n")
    assert "base:" not in lock.read_text()
    name = "parachutes/python@sha256:" + "a" * 64
    write(chutes, f'"{name}"')
    assert chutes("lock", check=0).err == ""
    assert lock.read_text().endswith(f'base:\n  from: "{name}"\n  digest: sha256:{"a" * 64}\n')


def test_a_root_file_system(chutes):
    path = chutes.cwd / "base.tar"
    tar(path, "one")
    lock = write(chutes, "rootfs:base.tar")
    chutes("lock", check=0)
    assert lock.read_text().endswith(
        'base:\n  from: "rootfs:base.tar"\n'
        f"  digest: sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    tar(path, "two")
    got = chutes("lock", "--check", check=10)
    assert "-  digest: " in got.out and "+  digest: " in got.out
    chutes("lock", "--update", "base", check=0)
    chutes("lock", "--check", check=0)
    path.unlink()
    got = chutes("lock", check=3)
    assert "base.tar' does not exist" in got.err


def test_images(chutes, store, tmp_path):
    digest = add_image(store, "base:1", "one")
    lock = chutes.cwd / "chute.lock"
    for kind in ("oci", "oci-archive", "docker-archive"):
        where = f"{kind}:{chutes.cwd}/{kind}"
        chutes("images", "export", "base:1", where, check=0)
        write(chutes, f'"{where}"')
        got = chutes("lock", check=0)
        assert (got.out, got.err) == ("chute.lock\n", "")
        text = lock.read_text()
        assert f'  from: "{where}"\n' in text
        # Docker's archive has no OCI manifest: it is made, in the same way each time
        if kind == "docker-archive":
            assert re.fullmatch("sha256:[0-9a-f]{64}", digest_of(text))
        else:
            assert digest_of(text) == digest
        chutes("lock", "--check", check=0)
        # into another store it is the same
        chutes("lock", "--check", "--store", str(tmp_path / kind), check=0)
    (chutes.cwd / "docker-archive").write_text("no archive")
    assert "docker-archive" in chutes("lock", check=13).err
    assert lock.read_text() == text


def test_debian(chutes):
    lock = write(chutes, "{debian: bookworm}")
    chutes("lock", check=0)
    text = lock.read_text()
    assert '  from: "debian:bookworm"\n' in text
    write(chutes, "{debian: bookworm, packages: [git]}")
    assert "-  digest: " in chutes("lock", "--check", check=10).out
    chutes("lock", check=0)
    assert digest_of(lock.read_text()) != digest_of(text)
    assert not list(chutes.cwd.glob("*.tmp"))


def test_a_base_that_others_build(chutes):
    write(chutes, "scratch")
    (chutes.cwd / "Dockerfile").write_text("FROM parachutes/python:3.12\n")
    spec = chutes.cwd / "chute.yaml"
    spec.write_text(re.sub("image: .*", "image: {name: hello, dockerfile: Dockerfile}",
                           spec.read_text()))
    assert chutes("lock", check=0).err == (
        "warning: not locked: the base in 'Dockerfile' (only 'base' is locked)\n")


# --- the file


def test_an_overlay_has_its_own(chutes):
    write(chutes, "scratch", "environments:\n  prod: {image: {base: {debian: bookworm}}}\n")
    assert chutes("lock", "--overlay", "prod", check=0).out == "chute.prod.lock\n"
    assert "debian:bookworm" in (chutes.cwd / "chute.prod.lock").read_text()
    assert not (chutes.cwd / "chute.lock").exists()
    chutes("lock", "--overlay", "prod", "--check", check=0)
    chutes("lock", "--check", check=10)
    assert "no overlay 'nosuch'" in chutes("lock", "--overlay", "nosuch", check=2).err


def test_it_lies_beside_the_spec(chutes, scratch):
    below = chutes.cwd / "below"
    below.mkdir()
    assert chutes("lock", cwd=below, check=0).out.endswith("/chute.lock\n")
    assert scratch.exists() and not list(below.iterdir())
    scratch.unlink()
    assert chutes("lock", "-f", "../chute.yaml", cwd=below, check=0).out == "../chute.lock\n"
    (chutes.cwd / "chute.yaml").rename(chutes.cwd / "other.yml")
    assert chutes("lock", "-f", "other.yml", check=0).out == "other.lock\n"
    spec = (chutes.cwd / "other.yml").read_text()
    got = chutes("lock", "-f", "-", input=spec, check=2)
    assert got.err == "error: a spec from standard input has no lock\n"


def test_mode_and_link_stay(chutes, scratch):
    chutes("lock", check=0)
    text = scratch.read_text()
    real = chutes.cwd / "real"
    scratch.rename(real)
    real.chmod(0o640)
    scratch.symlink_to("real")
    real.write_text(text.replace("0.6.9", "0.5.0"))
    chutes("lock", check=0)
    assert scratch.is_symlink() and real.read_text() == text
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    real.unlink()
    got = chutes("lock", check=5)
    assert got.err.startswith("error: 'chute.lock': No such file or directory\n")


def test_what_something_else_wrote_stays(chutes, scratch):
    precious = chutes.home / ".profile"
    precious.write_text("export A=1\n")
    scratch.symlink_to(precious)
    got = chutes("lock", check=6)
    assert got.err == ("error: 'chute.lock' was not written by 'chutes lock'\n"
                       "  = help: move it away\n")
    assert precious.read_text() == "export A=1\n"
    scratch.unlink()
    scratch.mkdir()
    assert "chute.lock'" in chutes("lock", check=1).err
    scratch.rmdir()
    os.mkfifo(scratch)
    assert chutes("lock", check=1).err.startswith("error: 'chute.lock' is a named pipe\n")
    assert chutes("lock", "--check", check=1).err.startswith("error: 'chute.lock' is a named pipe")


HOSTILE = {
    "no-yaml": ("a: [\n", "E101"),
    "no-text": (b"\xff\xfe", "E102"),
    "empty": ("", "E103"),
    "newer": ("version: 2\n", "E113"),
    "key": (HEAD + "sdk: 0.6.9\nsdk: 1\n", "E106"),
    "unknown": (HEAD + "colour: red\n", "E110"),
    "conflict": ("<<<<<<< a\n" + HEAD + "=======\n" + HEAD + ">>>>>>> b\n", "E101"),
    "deep": ("[" * 100, "E104"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_lock_that_cannot_be_read(chutes, scratch, name):
    text, code = HOSTILE[name]
    scratch.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = scratch.read_bytes()
    for option in ("--check", "--update=sdk"):
        got = chutes("lock", option, check=3)
        assert f"error[{code}]: " in got.err
        assert "--> chute.lock" in got.err
        assert got.err.endswith("run 'chutes lock' to write it again\n")
        assert ("move it away, and" in got.err) == (not before.startswith(b"# Written"))
        assert "help spec" not in got.err
        assert scratch.read_bytes() == before
    got = chutes("validate", check=0)
    assert "warning[W316]: " in got.err
    assert "chutes lock' to write it again" in got.err


def test_too_large(chutes, scratch):
    scratch.write_text(HEAD + "#" * (1024 * 1024))
    assert "1048576" in chutes("lock", "--check", check=1).err


def test_a_terminal_sees_no_control_characters(chutes, scratch):
    chutes("lock", check=0)
    scratch.write_text(scratch.read_text() + 'base: {from: "x\u202e\\e[31m", digest: "sha256:%s"}\n'
                       % ("0" * 64))
    got = chutes("lock", "--check")
    assert got.code in (3, 10)
    assert "\x1b" not in got.out + got.err and "\u202e" not in got.out + got.err


def test_a_directory_that_cannot_be_written(chutes, scratch):
    with tempfile.TemporaryDirectory() as folder:
        for path in chutes.cwd.iterdir():
            shutil.copy(path, folder)
        os.chmod(folder, 0o555)
        # root may write everywhere
        who = {"user": 65534} if os.getuid() == 0 else {}
        done = chutes.start("lock", cwd=folder, **who)
        out, err = done.communicate(timeout=20)
        os.chmod(folder, 0o755)
        assert (done.returncode, out) == (4, "")
        assert err.startswith("error: creating 'chute.lock': Permission denied"), err
        assert sorted(os.listdir(folder)) == ["app.py", "chute.yaml"]


def test_a_spec_with_mistakes(chutes, scratch):
    (chutes.cwd / "chute.yaml").write_text("version: 1\n")
    assert "error[" in chutes("lock", check=3).err
    assert not scratch.exists()
    (chutes.cwd / "chute.yaml").unlink()
    chutes("lock", check=5)


# --- who else reads it


def test_validate_says_what_is_out_of_date(chutes):
    lock = write(chutes, "{debian: bookworm}", f"models: [{{repo: a, revision: {COMMIT}}}]\n")
    assert "W316" not in chutes("validate", check=0).err
    chutes("lock", check=0)
    assert "W316" not in chutes("validate", check=0).err
    good = lock.read_text()
    lock.write_text(good.replace("0.6.9", "0.5.0").replace(COMMIT, "f" * 40))
    got = chutes("validate", check=0)
    assert got.err.endswith("""\
warning[W316]: the lock is out of date: sdk,model
  --> chute.lock
  = help: run 'chutes lock --update sdk,model'
""")
    chutes("validate", "--strict", check=3)
    assert "W316" not in chutes("validate", "--strict", "--allow", "W316", check=3).err
    # of the base only the name is looked at
    lock.write_text(good.replace("debian:bookworm", "debian:trixie"))
    assert "out of date: base\n" in chutes("validate", check=0).err
    lock.write_text(re.sub("digest: .*", "digest: sha256:" + "0" * 64, good))
    assert "W316" not in chutes("validate", check=0).err
    lock.write_text(re.sub("base:\n.*\n.*\n", "", good))
    assert "out of date: base\n" in chutes("validate", check=0).err


def test_validate_names_the_overlay(chutes):
    write(chutes, "scratch", "environments:\n  prod: {tagline: x}\n")
    chutes("lock", "--overlay", "prod", check=0)
    lock = chutes.cwd / "chute.prod.lock"
    lock.write_text(lock.read_text().replace("0.6.9", "0.5.0"))
    assert "W316" not in chutes("validate", check=0).err
    got = chutes("validate", "--overlay", "prod", check=0)
    assert "run 'chutes lock --overlay prod --update sdk'" in got.err


def test_build_notices_another_base(chutes, store):
    add_image(store, "base:1", "one")
    where = f"oci:{chutes.cwd}/base"
    chutes("images", "export", "base:1", where, check=0)
    write(chutes, f'"{where}"')
    spec = chutes.cwd / "chute.yaml"
    spec.write_text(spec.read_text().replace(", workdir: /app", ""))
    chutes("lock", check=0)
    assert "locked" not in chutes("build", check=0).err
    lock = chutes.cwd / "chute.lock"
    lock.write_text(re.sub("digest: .*", "digest: sha256:" + "0" * 64, lock.read_text()))
    got = chutes("build", check=0)
    assert (f"warning: {where}: it is not what was locked; if that is meant, "
            "run 'chutes lock --update base'\n") in got.err
    chutes("lock", "--update", "base", check=0)
    assert "locked" not in chutes("build", check=0).err
