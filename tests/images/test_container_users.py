# SPDX-License-Identifier: MIT
"""The container tests as those who build: a user with sub-ids, and one with a single id."""
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import users

PROGRAMS = Path(os.environ.get("CHUTES_BUILD", "build")) / "tests/unit"
TESTS = ["sandbox", "overlay", "user", "bundle", "runtime"]

pytestmark = pytest.mark.skipif(users.missing() is not None, reason=str(users.missing()))


@pytest.fixture(scope="module")
def folder():
    """The programs where every user may run them: the build folder may be private."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    for name in ["guest"] + [f"test_container_{test}" for test in TESTS]:
        shutil.copy(PROGRAMS / name, path)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module", params=["many", "one"])
def user(request):
    made = users.User(request.param)
    yield made
    made.remove()


@pytest.mark.parametrize("test", TESTS)
def test_as_user(user, folder, test):
    env = {"CHUTES_TEST_GUEST": str(folder / "guest")}
    env.update((name, value) for name, value in os.environ.items()
               if name == "CHUTES_TEST_ROUNDS" or name.startswith(("ASAN_", "UBSAN_")))
    got = user.run(folder / f"test_container_{test}", env=env)
    assert got.returncode == 0, got.stdout + got.stderr
    assert "# SKIP" not in got.stdout, got.stdout


def test_the_users_differ(user):
    """Else the tests above would be the same twice."""
    lines = Path("/etc/subuid").read_text().splitlines()
    ranges = [line for line in lines if line.startswith(user.name + ":")]
    assert len(ranges) == (1 if "-many-" in user.name else 0)
