# SPDX-License-Identifier: MIT
"""Debian bases for real: the same bytes for root and for a user with sub-ids, under another
environment; and one made by a user with a single id."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import users

PROGRAM = Path(os.environ.get("CHUTES_BUILD", "build")) / "tests/images/bootstrap"
NETWORK = {name: value for name, value in os.environ.items()
           if name.lower() in ("http_proxy", "https_proxy", "no_proxy", "ssl_cert_file")}

pytestmark = [
    pytest.mark.skipif(users.missing() is not None, reason=str(users.missing())),
    pytest.mark.skipif(not shutil.which("mmdebstrap"), reason="no mmdebstrap"),
]


@pytest.fixture
def program(tmp_path):
    """Where every user may run it: the build folder may be private."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    shutil.copy(PROGRAM, folder)
    yield folder / PROGRAM.name
    shutil.rmtree(folder)


@pytest.fixture
def user(request):
    made = users.User(request.param)
    yield made
    made.remove()


def unreachable(got):
    """An archive that cannot be reached is no failure of ours."""
    if got.returncode and any(word in got.stderr for word in (
            "Could not resolve", "Could not connect", "Unable to connect", "Failed to fetch")):
        pytest.skip("the Debian archive cannot be reached")
    assert got.returncode == 0, got.stderr


@pytest.mark.parametrize("user", ["many"], indirect=True)
def test_the_same_bytes(program, user, tmp_path):
    of_root = subprocess.run([program, "tar", tmp_path], env={"PATH": "/usr/bin:/bin", **NETWORK},
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    unreachable(of_root)
    other = {"PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo",
             "SOURCE_DATE_EPOCH": "1", "DEBIAN_FRONTEND": "readline"}
    of_user = user.run(program, "tar", f"/home/{user.name}/base", env={**other, **NETWORK},
                       timeout=600)
    unreachable(of_user)
    assert len(of_root.stdout) == 65
    assert of_user.stdout == of_root.stdout


@pytest.mark.parametrize("user", ["one"], indirect=True)
def test_with_one_id(program, user):
    folder = f"/home/{user.name}/base"
    unreachable(user.run(program, "tree", folder, env=NETWORK, timeout=600))
    tree = Path(folder) / "tree"
    assert "\nchutes:x:1000:1000::/home/chutes:/bin/bash\n" in (tree / "etc/passwd").read_text()
    assert (tree / "usr/bin/python").exists() or (tree / "usr/bin/python").is_symlink()
    assert (tree / "app").is_dir() and (tree / "dev").is_dir()
    assert not list(tree.glob("usr/lib/python3*/EXTERNALLY-MANAGED"))
    assert not (tree / "etc/hostname").exists()
    listed = (tree / "etc/apt/sources.list").read_text()
    assert listed.startswith("deb http://deb.debian.org/debian bookworm main\n")
    owners = {path.lstat().st_uid for path in tree.rglob("*")}
    assert owners == {tree.stat().st_uid}
