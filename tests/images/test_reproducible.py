# SPDX-License-Identifier: MIT
"""The same digest wherever it is built, and nothing of the machine in it."""
import os
import re
import socket
from pathlib import Path

import pytest
from real import UNREACHABLE, Images, spec

EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
STEPS = """\
    - run: date > /dated; date +%s; echo "$SOURCE_DATE_EPOCH" > /epoch; hostname > /name
    - add: {source: "*.py", dest: /app/}
    - add: {source: data, dest: /data}
    - run: mkdir /z /a /m; for i in 3 1 2; do touch /m/$i; done; ln /m/1 /a/1; ln /m/1 /z/1
    - env: {B: "2", A: "1"}
    - run: env | grep -v SOURCE_DATE | cat > /variables
"""


@pytest.fixture
def another(tmp_path):
    """The same project elsewhere: other modes, other times, another order of files."""
    def make(name, umask, names, seconds):
        folder = tmp_path / name
        folder.mkdir()
        program = Images(folder, folder / "store")
        old = os.umask(umask)
        try:
            for file in names:
                path = program.cwd / file
                path.parent.mkdir(exist_ok=True, parents=True)
                path.write_text(file)
                os.utime(path, (seconds, seconds))
            os.utime(program.cwd / "data", (seconds, seconds))
        finally:
            os.umask(old)
        return program
    return make


FILES = ["a.py", "b.py", "data/x", "data/sub/y", "data/sub/z"]


def test_two_directories(another, tiny):
    text = spec(STEPS.replace("date > /dated; date +%s; ", ""), base=tiny)
    one = another("one", 0o022, FILES, 1_000_000_000)
    two = another("two", 0o077, FILES[::-1], 1_700_000_500)
    results = []
    for program, env in ((one, {}), (two, {"TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8",
                                           "LOGNAME": "x", "USER": "x", "HOSTNAME": "other"})):
        old = os.umask(0o077 if program is two else 0o022)
        try:
            results.append(program.build(text, env={**EPOCH, **env}).json["result"])
        finally:
            os.umask(old)
    assert results[0]["digest"] == results[1]["digest"]
    assert results[0]["name"] == results[1]["name"]
    # cached, and again from nothing
    assert two.build(None, env=EPOCH).json["result"]["digest"] == results[0]["digest"]
    assert two.build(None, "--no-cache", env=EPOCH).json["result"]["digest"] == \
        results[0]["digest"]
    other = two.build(None, env={"SOURCE_DATE_EPOCH": "1700000001"}).json["result"]
    assert other["digest"] != results[0]["digest"]


def test_times_are_clamped(another, tiny):
    program = another("one", 0o022, FILES, 1_800_000_000)
    got = program.build(spec(STEPS, base=tiny), env=EPOCH).json["result"]
    for layer in program.members(got["name"]):
        assert max(entry.mtime for entry, _ in layer.values()) <= 1_700_000_000
    config = program.inspect(got["name"], "--config", "--raw")
    assert config["created"] == "2023-11-14T22:13:20Z"


def test_apt_and_compiled_python(own, base_layout):
    """What packages and compilers leave behind, twice."""
    steps = """\
    - user: root
    - apt: [hello]
    - run: useradd -m somebody; mkdir /c; echo 'print(1)' > /c/m.py; python3 -m compileall -q /c
"""
    digests = set()
    for _ in range(2):
        done = own.build(spec(steps, base=base_layout), "--no-cache", env=EPOCH, check=None)
        if done.code and re.search(UNREACHABLE, done.err):
            pytest.skip("the Debian archive cannot be reached")
        assert done.code == 0, repr(done)
        digests.add(done.json["result"]["digest"])
    assert len(digests) == 1


def test_nothing_of_this_machine(images):
    """Neither names nor settings of the host are in the Debian base or in what is built on it."""
    got = images.build(spec("    - run: cat /etc/hosts /etc/resolv.conf > /dev/null; id\n"
                            "    - user: root\n    - run: echo x > /etc/x")).json["result"]
    host = {socket.gethostname(), os.uname().nodename} - {"localhost"}
    words = {name.encode() for name in host if len(name) > 5}
    words |= {str(images.cwd).encode(), str(images.store).encode(), b"/run/chutes/ca.crt"}
    for name in ("http_proxy", "https_proxy", "PIP_INDEX_URL"):
        if os.environ.get(name):
            words.add(os.environ[name].encode())
    for layer in images.members(got["name"]):
        for path, (entry, body) in layer.items():
            assert not any(word in (body or b"") for word in words), path
            assert path not in ("etc/hostname", "etc/machine-id") or not body
            if path in ("etc/resolv.conf", "etc/hosts"):
                host_file = Path("/" + path).read_bytes()
                assert body != host_file or not body, path
            assert not re.fullmatch(r"run/chutes.*|dev/.+|proc/.+|sys/.+|etc/pip\.conf", path), path
    listed = [body for layer in images.members(got["name"]) for path, (_, body) in layer.items()
              if path == "etc/apt/sources.list"]
    assert all(re.fullmatch(rb"(deb http://\S*debian\.org/\S+ \S+ main\n)+", body)
               for body in listed)


@pytest.mark.skipif(int(os.environ.get("CHUTES_TEST_ROUNDS", "5")) < 20,
                    reason="bootstraps Debian twice more: under --all")
def test_debian_from_nothing(own, another, tmp_path):
    """Two bases from the archive, in two stores."""
    text = spec("    - run: 'true'", more="  tag: same\n")
    done = own.build(text, env={**EPOCH, "CHUTES_CACHE_DIR": str(tmp_path / "elsewhere")},
                     check=None)
    if done.code and re.search(UNREACHABLE, done.err):
        pytest.skip("the Debian archive cannot be reached")
    assert done.code == 0, repr(done)
    other = another("other", 0o077, FILES, 1)
    again = other.build(text, env={**EPOCH, "CHUTES_CACHE_DIR": str(tmp_path / "third"),
                                   "TZ": "Asia/Tokyo"})
    assert again.json["result"]["digest"] == done.json["result"]["digest"]
