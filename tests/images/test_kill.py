# SPDX-License-Identifier: MIT
"""Builds that end badly: killed at random instants, two at once, on a full disk, in a store that is
not theirs, with nothing installed."""
import json
import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from harness import wait_for
from real import processes, run, spec

ROUNDS = int(os.environ.get("CHUTES_TEST_ROUNDS", "5"))
SEED = 20240607
STEPS = """\
    - run: mkdir /one && echo {0} > /one/f && dd if=/dev/urandom of=/one/big bs=1M count=3 2>&1
    - run: rm /usr/bin/yes; (sleep 50 &) ; cp -r /usr /two
    - run: chown -R 1000:1000 /two; echo {0} > /three
"""


def text(number, base):
    return spec(STEPS.format(number), base=base, more='  tag: "kept"\n')


def check_all(own, acknowledged):
    """Whatever was promised is there, whole."""
    for name, digest in acknowledged.items():
        seen = own.inspect(name)
        assert seen["Digest"] == digest
        for layer in own.inspect(name, "--raw")["layers"]:
            path = own.store / "oci/blobs/sha256" / layer["digest"][7:]
            assert path.stat().st_size == layer["size"]
            assert run("sha256sum", path)[:64] == layer["digest"][7:]


def test_killed_at_random_instants(own, tiny):
    print(f"seed {SEED}, {ROUNDS} rounds")
    random.seed(SEED)
    own.build(text("begin", tiny))  # the base is there before the clock starts
    begin = time.monotonic()
    first = own.build(text(0, tiny), "-t", "test:0").json["result"]
    takes = time.monotonic() - begin
    acknowledged = {"test:0": first["digest"]}
    killed = 0
    for number in range(1, ROUNDS + 1):
        own.write(text(number, tiny))
        process = own.start("build", "--json", "-t", f"test:{number}",
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, takes))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        wait_for(lambda: not processes(own.store))
        check_all(own, acknowledged)
        done = own.build(None, "-t", f"test:{number}")
        acknowledged[f"test:{number}"] = done.json["result"]["digest"]
        own.has_nothing_running()
    assert killed > 0
    check_all(own, acknowledged)


def test_two_builds_of_one_spec(own, tiny):
    """Every step runs once; the other build waits for it and takes it."""
    own.write(spec("    - run: sleep 1; date +%N > /when\n    - run: date +%N > /then", base=tiny))
    both = [own.start("build", "--json") for _ in range(2)]
    done = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], done
    results = [json.loads(out)["result"] for out, _ in done]
    assert results[0]["digest"] == results[1]["digest"]
    assert sum(got["steps"] - got["cached"] for got in results) == 2
    own.has_nothing_running()


def test_builds_of_several_specs(own, tiny):
    started = []
    for number in range(4):
        folder = own.cwd / str(number)
        own.write(spec(f"    - run: echo {number} > /f; sleep 0.2\n    - run: cat /f", base=tiny,
                       name=f"number-{number}"), f"{number}/chute.yaml")
        started.append(own.start("build", "--json", cwd=folder))
    names = []
    for process in started:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        names.append(json.loads(out)["result"]["name"])
    for number, name in enumerate(names):
        assert own.members(name)[1]["f"][1] == f"{number}\n".encode()
    listed = own("images", "list", "--json", check=0).out
    assert all(name.split(":")[0] in listed for name in names)


# --- the store

@pytest.fixture
def small(own):
    """A store on a file system of a few megabytes."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    disk = own.cwd.parent / "disk"
    disk.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk)
    own.store = disk / "store"
    own.env["CHUTES_STORE"] = str(own.store)
    yield own
    run("umount", disk)


def test_full_disk(small, tiny):
    before = small.build(spec("    - run: echo 1 > /f", base=tiny)).json["result"]
    done = small.build(spec("    - run: head -c 100000000 /dev/zero > /f", base=tiny), check=13)
    error = done.json["error"]
    assert "the disk of the store is full" in error["hint"], error
    assert "--store" in error["hint"]
    check_all(small, {before["name"]: before["digest"]})
    assert small.leftovers() == []
    # the step fits, what is packed from it does not
    done = small.build(spec("    - run: head -c 16000000 /dev/urandom > /f", base=tiny),
                       "--compression", "none", check=None)
    assert done.code in (0, 13), repr(done)
    if done.code:
        assert "--store" in done.json["error"]["hint"], done.json["error"]
    check_all(small, {before["name"]: before["digest"]})
    again = small.build(spec("    - run: echo 1 > /f", base=tiny)).json["result"]
    assert again["digest"] == before["digest"]


def test_read_only_store(small, tiny):
    small.build(spec("    - run: 'true'", base=tiny))
    disk = small.store.parent
    run("mount", "-o", "remount,ro", disk)
    try:
        done = small.build(spec("    - run: echo more", base=tiny), check=4)
    finally:
        run("mount", "-o", "remount,rw", disk)
    assert "read-only" in done.json["error"]["message"]
    assert "--store" in done.json["error"]["hint"]


def test_a_store_that_is_something_else(own, tiny):
    own.store.mkdir()
    (own.store / "thesis.txt").write_text("years of work")
    done = own.build(spec(base=tiny), check=None)
    assert done.code in (6, 2), repr(done)
    assert (own.store / "thesis.txt").exists()
    own.store = own.cwd / "file"
    own.store.write_text("")
    done = own.build(None, env={"CHUTES_STORE": str(own.store)}, check=None)
    assert done.code not in (0, 1), repr(done)


# --- the machine

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


def without(own, *programs):
    """chutes build where these cannot be executed."""
    hide = "".join(f"mount --bind /dev/null {path}; " for name in programs
                   if (path := shutil.which(name)))
    done = subprocess.run(["unshare", "-m", "sh", "-c", hide + 'exec "$0" build --json',
                           own.program], env={**own.env, "CHUTES_CACHE_DIR": str(own.cwd)},
                          cwd=own.cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 15, done.stdout + done.stderr
    return json.loads(done.stdout)["error"]


@NEEDS_ROOT
def test_no_runtime(own, tiny):
    own.write(spec("    - run: 'true'", base=tiny))
    error = without(own, "crun", "runc")
    assert "crun" in error["message"] and "apt-get install" in error["hint"], error


@NEEDS_ROOT
def test_no_mmdebstrap(own):
    own.write(spec("    - run: 'true'"))
    error = without(own, "mmdebstrap")
    assert "mmdebstrap" in error["message"] and "apt-get install" in error["hint"], error


@NEEDS_ROOT
def test_no_namespaces(own, tiny):
    """As in a container without privileges: no capability, no user namespaces."""
    own.write(spec("    - run: 'true'", base=tiny))
    done = subprocess.run(
        ["unshare", "-U", "-r", "sh", "-c",
         'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all '
         '--inh-caps=-all "$0" build --json', own.program],
        env=own.env, cwd=own.cwd, capture_output=True, text=True, timeout=60)
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 15, done.stdout + done.stderr
    assert error["code"] == "missing" and error["hint"], error
