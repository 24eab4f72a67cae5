# SPDX-License-Identifier: MIT
"""Images for real: crun, overlayfs, and the tools that others read images with. Most tests start
from a root file system of a few megabytes, made of this machine's own shell and tools, in a store
of their own. A store that all tests share holds the Debian base, which takes half a minute to make;
others that need it start from the same base as an OCI layout."""
import fcntl
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from real import BASE_SPEC, CACHE, TOOLS, Images, libraries, put, run


@pytest.fixture(scope="session")
def tiny():
    """A root file system as a tar: a shell, some tools, the users root and worker."""
    path = Path("/tmp") / f"chutes-tiny-{os.getuid()}-{os.getpid()}.tar"
    files = {}
    for tool in TOOLS:
        source = shutil.which(tool)
        files[f"usr/bin/{tool}"] = Path(source).resolve()
        for library in libraries(source):
            files[f"usr{library}".replace("usr/usr/", "usr/")] = Path(library).resolve()
    folders = {parent.as_posix() for name in files for parent in Path(name).parents} - {"."}
    with tarfile.open(path, "w") as tar:
        for name in sorted(folders | {"etc", "root", "tmp", "var", "dev", "proc", "sys", "run"}):
            put(tar, name, mode=0o1777 if name == "tmp" else 0o755)
        for name in ("bin", "lib", "lib64"):
            put(tar, name, tarfile.SYMTYPE, link=f"usr/{name}")
        put(tar, "etc/passwd", tarfile.REGTYPE, mode=0o644,
             body=b"root:x:0:0::/root:/bin/sh\nworker:x:1000:1000::/home/worker:/bin/sh\n")
        put(tar, "etc/group", tarfile.REGTYPE, mode=0o644, body=b"root:x:0:\nworker:x:1000:\n")
        for name, source in sorted(files.items()):
            put(tar, name, tarfile.REGTYPE, source.read_bytes())
    path.chmod(0o644)
    yield f"rootfs:{path}"
    path.unlink()


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
    """The Debian base as an OCI layout. Other tests may be reading it: it is made once."""
    source = f"oci:{shared_store}/oci:base:test"
    digest = run("skopeo", "inspect", "--format", "{{.Digest}}", source).strip()
    layout = CACHE / f"base-{digest[7:19]}"
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not layout.exists():
            shutil.rmtree(CACHE / "new", ignore_errors=True)
            run("skopeo", "copy", source, f"oci:{CACHE}/new:base")
            (CACHE / "new").rename(layout)
    return f"oci:{layout}:base"


@pytest.fixture
def own(tmp_path):
    """chutes with an empty store of its own."""
    program = Images(tmp_path, tmp_path / "store")
    yield program
    program.end_all()
