# SPDX-License-Identifier: MIT
"""run -d, ps, logs, stop and --watch as far as they need no container: with --stub."""
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from harness import wait_for

SPEC = """\
version: 1
name: ranker
image: {name: ranker, base: {debian: bookworm}}
server:
  command: [/ranker]
  port: 9000
cords:
  - function: rank
    public: POST /rank
    forward: POST /rank
    input: {text: {type: string, required: true}}
"""


@pytest.fixture
def local(chutes):
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    chutes.post = post
    chutes.list = lambda: chutes("ps", "--json", check=0).json["result"]["chutes"]
    yield chutes
    chutes("stop", "--all", check=0)
    wait_for(lambda: not chutes.holders())  # who was killed may take a moment


def post(address, body='{"text": "a"}', path="/rank"):
    request = urllib.request.Request(f"http://{address}{path}", body.encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.loads(reply.read())


def start(local, *args):
    return local("run", "--stub", "-d", "-p", "0", "--json", *args, check=0).json["result"]


def test_detached(local):
    got = start(local)
    assert got["name"] == "ranker" and got["stub"] and got["url"] == f"http://{got['address']}"
    assert local.post(got["address"])["input"] == {"text": "a"}
    (listed,) = local.list()
    assert (listed["name"], listed["state"], listed["address"]) == (
        "ranker", "ready", got["address"])
    assert listed["directory"] == str(local.cwd.resolve()) and listed["image"] is None
    assert local("ps", "-q", check=0).out == "ranker\n"
    assert "NAME" in local("ps", check=0).out
    log = local("logs", check=0).out
    assert f"chutes: ready at {got['address']}\n" in log and '"POST /rank" 200' in log
    assert local("logs", "-n", "1", check=0).out.count("\n") == 1
    assert local("stop", check=0).out == "ranker\n"
    assert local.list() == []
    # what it said last is still there
    assert '"POST /rank" 200' in local("logs", check=0).out
    assert '"POST /rank" 200' in local("logs", "ranker", check=0).out


def test_what_is_printed(local):
    done = local("run", "--stub", "-dp", "0", check=0)
    assert done.out.startswith("http://127.0.0.1:") and done.out.count("\n") == 1
    assert "POST /rank" in done.err and done.out.strip() in done.err
    assert local("stop", "--json", check=0).json["result"]["stopped"] == ["ranker"]


def test_two_of_one_name(local):
    start(local)
    done = local("run", "--stub", "-d", "-p", "0", check=6)
    assert "error: a chute 'ranker' is running here already\n" in done.err
    assert "chutes stop ranker" in done.err
    assert local("run", "--stub", "-p", "0", check=6).out == ""
    start(local, "--name", "team/other")
    assert [chute["name"] for chute in local.list()] == ["ranker", "team/other"]
    done = local("stop", check=2)
    assert "2 chutes run here: which one is not said" in done.err
    assert "ranker, team/other" in done.err
    assert local("stop", "nobody", "team/other", check=5).out == "team/other\n"
    assert [chute["name"] for chute in local.list()] == ["ranker"]


def test_a_port_in_use(local):
    got = start(local)
    port = got["address"].split(":")[1]
    done = local("run", "--stub", "-d", "-p", port, "--name", "two", check=6)
    assert f"error: 127.0.0.1:{port} is in use\n" in done.err
    assert "the chute 'ranker' listens there" in done.err
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        done = local("run", "--stub", "--port", s.getsockname()[1], "--name", "two", check=6)
    assert "stop what listens there" in done.err
    assert len(local.list()) == 1


def test_beyond_this_machine(local):
    done = local("run", "--stub", "-d", "-p", "0.0.0.0:0", check=0)
    assert "warning: other machines can reach the chute" in done.err
    local("stop", check=0)
    assert "warning" not in local("run", "--stub", "-d", "-p", "127.0.0.1:0:8000", check=0).err


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(local, number, code):
    process = local.start("run", "--stub", "-p", "0")
    wait_for(local.list)
    process.send_signal(number)
    assert process.wait(20) == code
    assert local.list() == []


@pytest.mark.parametrize("which", ["supervisor", "chute", "gateway"])
def test_killed(local, which):
    start(local)
    (listed,) = local.list()
    found = local.holders()
    assert listed["pid"] in found and len(found) == 3
    names = {pid: Path(f"/proc/{pid}/comm").read_text().strip() for pid in found}
    victim = listed["pid"] if which == "supervisor" else next(
        pid for pid, name in names.items() if name == f"chutes-{which}")
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: not local.holders())
    assert local.list() == []
    assert not list(Path(local.env["XDG_RUNTIME_DIR"], "chutes/run").iterdir())
    start(local)


def test_a_starter_that_is_killed(local):
    """Whenever it dies: either nothing is left, or a chute that is listed and can be stopped."""
    for delay in (0, 0.005, 0.01, 0.02, 0.05, 0.1):
        process = local.start("run", "--stub", "-d", "-p", "0", "--name", "one")
        time.sleep(delay)
        process.kill()
        process.wait()
        wait_for(lambda: not local.holders() or local.list())
        local("stop", "--all", check=0)
        wait_for(lambda: not local.holders())


def test_followed(local):
    got = start(local)
    process = local.start("logs", "-f")
    assert "listening" in process.stdout.readline()
    local.post(got["address"])
    wait_for(lambda: "POST /rank" in process.stdout.readline())
    local("stop", check=0)
    assert process.wait(20) == 0
    followed = local.start("logs", "-f", "ranker")
    assert followed.wait(20) == 0 # it has ended: all there is, and no waiting


def test_nothing_runs(local):
    assert local.list() == []
    assert local("ps", "-q", check=0).out == ""
    assert "error: no chute runs here\n" in local("stop", check=5).err
    assert local("stop", "--all", check=0).out == ""
    assert "there is no log of a chute 'ranker'" in local("logs", check=5).err
    assert "no chute 'x' runs here\n  = help: 'chutes run -d' starts one" in (
        local("stop", "x", check=5).err)


def test_names_of_nobody(local):
    start(local)
    stop, logs = "error: no chute '{}' runs here\n", "error: there is no log of a chute '{}'\n"
    for command, message in ("stop", stop), ("logs", logs):
        for name, hint in ("rankr", "did you mean 'ranker'?"), ("x", "there is: ranker"):
            assert local(command, name, check=5).err.endswith(
                f"{message.format(name)}  = help: {hint}\n")


def test_the_log_of_what_ended_here(local, tmp_path):
    """Also while another one runs elsewhere."""
    start(local)
    local("stop", check=0)
    (tmp_path / "elsewhere").mkdir()
    spec = SPEC.replace("name: ranker\n", "name: other\n", 1)
    (tmp_path / "elsewhere" / "chute.yaml").write_text(spec)
    other = local("run", "--stub", "-dp", "0", cwd=tmp_path / "elsewhere", check=0).out.split("//")[1]
    assert other.strip() not in local("logs", check=0).out
    assert other.strip() in local("logs", cwd=tmp_path / "elsewhere", check=0).out
    (local.cwd / "chute.yaml").unlink()
    assert other.strip() in local("logs", check=0).out


def test_stopped_is_who_is_meant(local, tmp_path):
    """Not another one, because it happens to be the only one that runs."""
    start(local)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "chute.yaml").write_text(SPEC)
    done = local("stop", cwd=tmp_path / "elsewhere", check=5)
    assert "error: the chute of this directory does not run\n  = help: 'ranker' runs" in done.err
    assert [chute["name"] for chute in local.list()] == ["ranker"]
    (tmp_path / "elsewhere" / "chute.yaml").unlink()
    assert local("stop", cwd=tmp_path / "elsewhere", check=0).out == "ranker\n"


def test_invoked_by_where_it_is(local):
    """Its name here is not the spec's: its directory tells who is meant."""
    start(local, "--name", "other")
    assert json.loads(local("invoke", "rank", "-i", "text=a", check=0).out)["input"] == {"text": "a"}
    start(local, "--name", "third")
    assert "does the chute run there?" in local("invoke", "rank", "-i", "text=a").err


def test_time_is_over(local):
    assert local("run", "--stub", "-p", "0", "--timeout", "1s").code == 9


def test_json_of_a_foreground_run(local):
    process = local.start("run", "--stub", "-p", "0", "--json")
    wait_for(local.list)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["error"]["code"] == "interrupted" and out.count("\n") == 1


def test_watched(local):
    process = local.start("run", "--stub", "--watch", "-p", "0", stderr=subprocess.PIPE)
    (listed,) = wait_for(lambda: [c for c in local.list() if c["state"] == "ready"])
    address = listed["address"]
    spec = local.cwd / "chute.yaml"
    # the same content: nothing happens
    spec.write_text(SPEC)
    # as editors do it: a new file in the place of the old one
    other = local.cwd / ".chute.yaml.swp"
    other.write_text(SPEC.replace("public: POST /rank", "public: POST /order"))
    other.rename(spec)
    wait_for(lambda: answers(address, "/order"))
    assert not answers(address, "/rank")
    # an invalid spec is told, and what ran goes on
    spec.write_text(SPEC + "mistake: 1\n")
    wait_for(lambda: "goes on" in process.stderr.readline())
    assert answers(address, "/order")
    spec.write_text(SPEC)
    wait_for(lambda: answers(address, "/rank"))
    process.send_signal(signal.SIGINT)
    err = process.stderr.read()
    assert process.wait(20) == 130
    log = local("logs", check=0).out
    assert log.count(": restarted in ") == 2, log
    assert "chute.yaml changed" in err and "unknown key 'mistake'" not in err


def answers(address, path):
    try:
        post(address, path=path)
        return True
    except urllib.error.HTTPError:
        return False


def test_requests_wait_for_a_restart(local):
    start(local, "--watch")
    (listed,) = local.list()
    for number in range(3):
        (local.cwd / "chute.yaml").write_text(SPEC + f"x-note: {number}\n")
        for _ in range(40):
            assert local.post(listed["address"])
            time.sleep(0.01)


def test_completion_of_names(local):
    start(local, "--name", "first")
    assert local("__complete", "--", "stop", "f", check=0).out == "first\n"
    assert local("__complete", "--", "logs", "", check=0).out == "first\n"
