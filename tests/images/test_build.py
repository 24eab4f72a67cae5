# SPDX-License-Identifier: MIT
"""`chutes build` with real steps: what is in the layers, what is cached, what a failure says."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness import wait_for
from real import run, spec


def lines(own):
    """What a build says of its steps, without the colour: (title, cached or seconds)."""
    done = own("build", check=0, timeout=120)
    return [tuple(re.split(r"  +", line)[1:]) for line in done.err.splitlines()
            if line.startswith(("base ", "step "))]


def cached(own):
    return [line[0] for line in lines(own) if line[-1] == "cached"]


def result(done):
    return done.json["result"]


# --- steps

def test_every_kind_of_step(own, tiny):
    for name in ("a.txt", "conf/one.cfg", "conf/two.cfg", "conf/skip.log", "tool.sh"):
        path = own.cwd / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (own.cwd / "tool.sh").chmod(0o751)
    (own.cwd / "a.txt").chmod(0o600)
    got = result(own.build(spec("""\
    - env: {GREETING: "hello $there", EMPTY: ""}
    - run: echo "$GREETING|$EMPTY|$(id -u)|$PWD" > /one
    - run: [echo a > /list, "echo 'b c' >> /list"]
    - run: |
        cd /tmp
        touch first
        mkdir second
    - user: worker
    - workdir: /srv/app
    - run: id -u > id; id -g >> id; echo "$HOME" >> id; pwd >> id
    - user: root
    - add: {source: a.txt, dest: /data/}
    - add: {source: "conf/*.cfg", dest: /etc/conf/, chown: "worker:worker", chmod: "640"}
    - add: {source: conf, dest: tree, exclude: ["*.log"]}
    - add: {source: tool.sh, dest: /usr/bin/tool}
""", base=tiny)))
    layers = own.members(got["name"])
    files = {name: entry for layer in layers[1:] for name, entry in layer.items()}

    def body(name):
        return files[name][1].decode()

    def owner_mode(name):
        entry = files[name][0]
        return entry.uid, entry.gid, oct(entry.mode)

    assert body("one") == "hello $there||0|/\n"
    assert body("list") == "a\nb c\n"
    assert {"tmp/first", "tmp/second"} <= files.keys()
    assert body("srv/app/id") == "1000\n1000\n/home/worker\n/srv/app\n"
    assert owner_mode("srv/app/id") == (1000, 1000, "0o644")
    assert owner_mode("data/a.txt") == (0, 0, "0o644")
    assert owner_mode("etc/conf/one.cfg") == (1000, 1000, "0o640")
    assert {"etc/conf/two.cfg", "srv/app/tree/one.cfg"} <= files.keys()
    assert "srv/app/tree/skip.log" not in files and "etc/conf/skip.log" not in files
    assert owner_mode("usr/bin/tool") == (0, 0, "0o755")
    config = own.inspect(got["name"], "--config", "--raw")
    assert config["config"]["WorkingDir"] == "/srv/app"
    assert config["config"]["User"] == "root"
    assert {"GREETING=hello $there", "EMPTY="} <= set(config["config"]["Env"])
    assert len(config["rootfs"]["diff_ids"]) == len(layers)
    assert sum(not entry.get("empty_layer") for entry in config["history"]) == len(layers)


def test_whiteouts(own, tiny):
    got = result(own.build(spec("""\
    - run: mkdir -p /d/in /e /f; touch /d/a /d/in/b /e/c /f/g
    - run: rm /d/a /usr/bin/yes
    - run: rm -rf /d && mkdir /d && touch /d/new
    - run: rm -rf /e && echo file > /e
    - run: rm -rf /f/g && mkdir /f/g
""", base=tiny)))
    layers = own.members(got["name"])
    assert {"d/.wh.a", "usr/bin/.wh.yes"} <= layers[2].keys()
    assert {"d", "d/.wh.in", "d/new"} == layers[3].keys()
    assert layers[4]["e"][0].isreg()
    assert layers[5]["f/g"][0].isdir()
    # what a later step sees is what the layers say
    own.build(spec("""\
    - run: mkdir -p /d/in /e /f; touch /d/a /d/in/b /e/c /f/g
    - run: rm /d/a /usr/bin/yes
    - run: rm -rf /d && mkdir /d && touch /d/new
    - run: rm -rf /e && echo file > /e
    - run: rm -rf /f/g && mkdir /f/g
    - run: test "$(ls -A /d)" = new && test -f /e && test -d /f/g && ! test -e /usr/bin/yes
""", base=tiny))


# --- cache

def test_the_second_build_runs_nothing(own, tiny):
    first = result(own.build(spec('    - run: date > /when\n    - run: "true"', base=tiny)))
    assert first["cached"] == 0 and first["steps"] == 2
    # nothing to run anything with
    second = result(own("build", "--json", env={"PATH": "/nowhere"}, check=0))
    assert second["digest"] == first["digest"]
    assert second["cached"] == 2 and second["log"] is None


def test_a_change_rebuilds_from_there(own, tiny):
    (own.cwd / "f").write_text("one")
    own.write(spec("""\
    - run: echo 1 > /first
    - add: {source: f, dest: /f}
    - run: cat /f > /copy
""", base=tiny))
    assert cached(own) == []
    assert len(cached(own)) == 4
    (own.cwd / "f").write_text("two")
    assert cached(own) == [tiny, "run echo 1 > /first"]
    (own.cwd / "f").write_text("one")  # seen before
    assert len(cached(own)) == 4


def test_an_equal_result_lets_later_steps_hit(own, tiny):
    first = result(own.build(spec("""\
    - run: echo same > /f
    - run: date +%N > /when
""", base=tiny)))
    # another command with the same outcome but for its time: only the content counts
    env = {"SOURCE_DATE_EPOCH": "1700000000"}
    own.write(spec("    - run: echo same > /f\n    - run: date +%N > /when\n", base=tiny))
    with_epoch = result(own.build(None, env=env))
    own.write(spec("    - run: printf 'same\\n' > /f\n    - run: date +%N > /when\n", base=tiny))
    again = result(own.build(None, env=env))
    assert again["cached"] == 1 and again["steps"] == 2
    assert with_epoch["digest"] != first["digest"]
    layers = [own.inspect(r["name"])["Layers"] for r in (with_epoch, again)]
    assert layers[0] == layers[1]


def test_no_cache(own, tiny):
    own.write(spec('    - run: date +%N > /when', base=tiny))
    first = result(own.build())
    second = result(own.build(None, "--no-cache"))
    assert second["cached"] == 0
    assert first["digest"] != second["digest"]
    assert result(own.build())["digest"] == second["digest"]


def test_config_steps_alone_need_no_container(own, tiny):
    own.build(spec('    - env: {A: "1"}', base=tiny))
    own.write(spec('    - env: {A: "2"}\n    - user: worker', base=tiny))
    done = own("build", "--json", env={"PATH": "/nowhere"}, check=0)
    config = own.inspect(result(done)["name"], "--config", "--raw")["config"]
    assert "A=2" in config["Env"] and config["User"] == "worker"


# --- failures

def failure(done, code=13):
    assert done.code == code, repr(done)
    assert done.out.count("\n{") == 0 and done.json["ok"] is False
    return done.json["error"]


def test_a_failing_step(own, tiny):
    own.write(spec("""\
    - run: echo kept > /kept
    - run: echo one; echo two >&2; exit 7
""", base=tiny))
    done = own("build")
    assert done.code == 13
    assert "one\n" in done.err and "two\n" in done.err
    assert "error: step 'run echo one; echo two >&2; exit 7' ended with exit status 7" in done.err
    log = re.search(r"^log +(\S+)$", done.err, re.M)[1]
    assert "one\n" in Path(log).read_text()
    line = 1 + (own.cwd / "chute.yaml").read_text().splitlines().index(
        "    - run: echo one; echo two >&2; exit 7")
    assert f"chute.yaml:{line}:" in done.err
    error = failure(own("build", "--json"))
    assert error["where"] == {"file": "chute.yaml", "line": line, "column": 7}
    # what was finished is not done again
    own.write(spec("    - run: echo kept > /kept\n    - run: 'true'", base=tiny))
    assert "run echo kept > /kept" in cached(own)


def test_a_step_that_is_killed(own, tiny):
    error = failure(own.build(spec("    - run: sh -c 'kill -SEGV $$'", base=tiny), check=13))
    assert error["message"].endswith("was killed by signal 11")


def test_a_command_that_is_missing(own, tiny):
    own.write(spec("    - run: nothing here", base=tiny))
    error = failure(own("build", "--json"))
    assert error["message"] == "step 'run nothing here' ended with exit status 127"
    own.write(spec("    - pip: [wheel]", base=tiny))
    assert failure(own("build", "--json"))["message"].startswith("step 'pip wheel'")


def test_scratch(own):
    own.write(spec("    - run: 'true'", base="scratch"))
    error = failure(own("build", "--json"))
    assert "'/bin/sh' is not in the image" in error["message"]
    (own.cwd / "f").write_text("f")
    got = result(own.build(spec("    - add: {source: f, dest: /f}", base="scratch")))
    layers = own.members(got["name"])
    assert [sorted(layer) for layer in layers] == [["f"]]


def test_an_unknown_user(own, tiny):
    own.write(spec("    - user: nobody-here\n    - run: 'true'", base=tiny))
    assert "nobody-here" in failure(own("build", "--json"))["message"]


def test_time_is_over(own, tiny):
    own.write(spec("    - run: sleep 1000", base=tiny))
    error = failure(own("build", "--json", "--timeout", "2s"), 9)
    assert "2.0 s" in error["message"] and error["retryable"]
    own.has_nothing_running()


def test_a_gigabyte_of_output(own, tiny):
    own.write(spec("    - run: yes 0123456789 | head -c 1000000000; echo the end; exit 3",
                   base=tiny))
    process = own.start("build", "--json", stderr=subprocess.STDOUT)
    most = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            most = max(most, *map(int, re.findall(r"VmHWM:\s+(\d+)", status) or [0]))
        except OSError:
            pass
        time.sleep(0.05)
    shown = process.communicate()[0]
    assert process.returncode == 13
    assert "the end" in shown and len(shown) < 10_000
    assert most < 100 * 1024, f"{most} KiB"
    log = Path(re.search(r"^log +(\S+)$", shown, re.M)[1])
    assert log.stat().st_size < 70_000_000


def test_a_step_that_leaves_daemons(own, tiny):
    """They end with the step; what they still have open does not keep the build waiting."""
    own.build(spec("""\
    - run: setsid sleep 777 & setsid sh -c 'sleep 777; echo late' & echo done > /f
    - run: test -f /f
""", base=tiny))
    own.has_nothing_running()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(own, tiny, number):
    own.build(spec('    - env: {A: "1"}', base=tiny))
    own.write(spec("    - run: echo started; touch /half; sleep 999", base=tiny))
    process = own.start("build", "--json")
    wait_for(lambda: any(runs(pid, "sleep", "999") for pid in descendants(process.pid)))
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert json.loads(out)["error"]["code"] == "interrupted"
    own.has_nothing_running()
    blobs = sorted(path.name for path in (own.store / "oci/blobs/sha256").iterdir())
    own.build(spec('    - env: {A: "1"}', base=tiny))
    assert sorted(path.name for path in (own.store / "oci/blobs/sha256").iterdir()) == blobs


def runs(pid, *words):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text() == "\0".join(words) + "\0"
    except OSError:  # gone
        return False


def descendants(pid):
    found = []
    for child in run("ps", "-eo", "pid=,ppid=").splitlines():
        child, parent = map(int, child.split())
        if parent == pid:
            found += [child, *descendants(child)]
    return found


# --- output

def test_json_is_one_document(own, tiny):
    done = own.build(spec("    - run: echo noise; echo noise >&2", base=tiny))
    assert done.out.count("\n") == 1
    got = result(done)
    assert set(got) == {"name", "digest", "size", "steps", "cached", "log"}
    assert re.fullmatch(r"test:[0-9a-f]{12}", got["name"])
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", got["digest"])
    assert "noise" in Path(got["log"]).read_text()
    assert own.inspect(got["name"])["Digest"] == got["digest"]
    failed = own.build(spec("    - run: echo noise; exit 1", base=tiny), check=13)
    assert failed.out.count("\n") == 1
    failure(failed)


def test_quiet_name_and_iidfile(own, tiny):
    own.write(spec("    - run: 'true'", base=tiny))
    done = own("build", "-q", "-t", "other:1.10", "--iidfile", "id", check=0)
    assert re.fullmatch(r"sha256:[0-9a-f]{64}\n", done.out)
    assert not re.search("^(base|step|image) ", done.err, re.M)
    assert (own.cwd / "id").read_text() == done.out.strip()
    assert own.inspect("other:1.10")["Digest"] == done.out.strip()
    for wrong in ("Upper:1", "a:", "", "a b"):
        assert own("build", "-t", wrong).code == 2


def test_the_tag_follows_from_the_content(own, tiny):
    first = result(own.build(spec("    - run: echo 1 > /f", base=tiny)))
    assert result(own.build())["name"] == first["name"]
    other = result(own.build(spec("    - run: echo 2 > /f", base=tiny)))
    assert other["name"] != first["name"]
    config = result(own.build(spec("    - run: echo 1 > /f\n    - user: worker", base=tiny)))
    assert config["name"] != first["name"]


@pytest.mark.parametrize("compression, media, magic", [
    ("gzip", "application/vnd.oci.image.layer.v1.tar+gzip", b"\x1f\x8b"),
    ("zstd", "application/vnd.oci.image.layer.v1.tar+zstd", b"\x28\xb5\x2f\xfd"),
    ("none", "application/vnd.oci.image.layer.v1.tar", None),
])
def test_compression(own, tiny, compression, media, magic):
    got = result(own.build(spec("    - run: echo 1 > /f", base=tiny), "--compression", compression,
                           env={"SOURCE_DATE_EPOCH": "1700000000"}))
    manifest = own.inspect(got["name"], "--raw")
    assert {layer["mediaType"] for layer in manifest["layers"]} == {media}
    for layer in manifest["layers"]:
        blob = (own.store / "oci/blobs/sha256" / layer["digest"][7:]).read_bytes()
        assert magic is None or blob.startswith(magic)
        assert len(blob) == layer["size"]


def test_other_compression_runs_nothing_again(own, tiny):
    first = result(own.build(spec("    - run: date +%N > /f", base=tiny)))
    other = result(own.build(None, "--compression", "zstd"))
    diff_ids = [own.inspect(name, "--config", "--raw")["rootfs"]["diff_ids"]
                for name in (first["name"], other["name"])]
    assert other["cached"] == 1
    assert first["name"] == other["name"] and first["digest"] != other["digest"]
    assert diff_ids[0] == diff_ids[1]


# --- bases

def test_bases_that_cannot_be_had(own):
    done = own.build(spec(base="docker.io/library/debian:12"), check=3)
    failure(done, 3)
    registry = [f for f in done.json["findings"] if f["severity"] == "error"]
    assert len(registry) == 1 and "pull" in registry[0]["message"], registry
    assert "oci:DIRECTORY" in registry[0]["hint"], registry
    for missing in ("oci:nowhere", "oci-archive:nowhere.tar", "rootfs:nowhere.tar"):
        done = own.build(spec(base=missing), check=3)
        failure(done, 3)
        assert any("'nowhere" in finding["message"] for finding in done.json["findings"])
    run("umoci", "init", "--layout", own.cwd / "layout")
    run("umoci", "new", "--image", f"{own.cwd}/layout:there")
    missing = failure(own.build(spec(base="oci:layout:other"), check=5), 5)
    assert "base 'oci:layout:other'" in missing["message"]
    run("umoci", "config", "--image", f"{own.cwd}/layout:there", "--architecture", "s390x")
    foreign = failure(own.build(spec(base="oci:layout:there"), check=13), 13)
    assert "is for linux/s390x, but this machine is linux/" in foreign["message"]
    (own.cwd / "bad.tar").write_bytes(os.urandom(5000))
    failure(own.build(spec(base="rootfs:bad.tar"), check=13), 13)
    failure(own.build(spec(base="oci-archive:bad.tar"), check=13), 13)
    failure(own.build(spec(base="docker-archive:bad.tar"), check=13), 13)
    assert not own("images", "list", "--json", check=0).json["result"]["images"]


@pytest.fixture
def built(own, tiny):
    """An image to be a base: a store, and its name there."""
    got = result(own.build(spec("""\
    - env: {FROM_BASE: "1"}
    - run: echo base > /base; rm /usr/bin/yes
    - workdir: /srv
""", base=tiny, name="below")))
    return own.layout(got["name"]), got


@pytest.mark.parametrize("kind", ["oci", "oci-archive", "docker-archive", "umoci"])
def test_bases_of_other_tools(own, built, kind):
    source, below = built
    if kind == "umoci":
        run("skopeo", "copy", source, f"oci:{own.cwd}/layout:x")
        run("umoci", "config", "--image", f"{own.cwd}/layout:x", "--config.label", "by=umoci")
        base = "oci:layout:x"
    elif kind == "oci":
        run("skopeo", "copy", source, f"oci:{own.cwd}/layout:x")
        base = "oci:layout:x"
    else:
        run("skopeo", "copy", source, f"{kind}:{own.cwd}/x.tar:x:1")
        base = f"{kind}:x.tar"
    shutil.rmtree(own.store)
    got = result(own.build(spec("""\
    - run: test "$FROM_BASE" = 1 && test "$PWD" = /srv && ! test -e /usr/bin/yes
    - run: cat /base > /copy
""", base=base)))
    config = own.inspect(got["name"], "--config", "--raw")
    assert config["config"]["WorkingDir"] == "/srv"
    assert len(config["rootfs"]["diff_ids"]) == 4
    assert own.members(got["name"])[-1]["copy"][1] == b"base\n"
    assert result(own.build())["cached"] == 2
    annotations = own.inspect(got["name"], "--raw")["annotations"]
    assert annotations["org.opencontainers.image.base.digest"].startswith("sha256:")
    if kind == "oci":
        assert annotations["org.opencontainers.image.base.digest"] == below["digest"]


# --- Debian

def test_apt_and_pip(images):
    """One step each: what was there before is gone, what was asked for works."""
    wheel(images.cwd / "wheels")
    done = images.build(spec("""\
    - add: {source: wheels, dest: /wheels}
    - pip: {packages: [chutes-probe], args: [--no-index, --find-links, /wheels]}
    - run: python3 -c 'import chutes_probe; print(chutes_probe.ANSWER)'
    - apt: [hello]
    - run: test "$(hello -g hi)" = hi
    - apt_remove: [hello]
    - run: "! command -v hello"
"""), check=None)
    if done.code and re.search("Could not resolve|Unable to connect|Failed to fetch", done.err):
        pytest.skip("the Debian archive cannot be reached")
    assert done.code == 0, repr(done)
    layers = images.members(result(done)["name"])
    names = {name for layer in layers for name in layer}
    logs = [name for name in names if re.match(
        r"var/log/(apt/|dpkg|alternatives)|var/cache/apt/.*bin|var/lib/apt/lists/(?!\.wh\.)", name)]
    assert logs == []
    assert "usr/bin/.wh.hello" in names


def wheel(folder):
    """A wheel by hand, as PEP 427 has it."""
    import zipfile
    folder.mkdir()
    info = "chutes_probe-1.0.dist-info"
    with zipfile.ZipFile(folder / "chutes_probe-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("chutes_probe.py", "ANSWER = 42\n")
        archive.writestr(f"{info}/METADATA",
                         "Metadata-Version: 2.1\nName: chutes-probe\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL",
                         "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
                         "Tag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
