# SPDX-License-Identifier: MIT
"""Builds by ordinary users: one with a range of sub-ids, one with a single id."""
import json
import shutil
import tempfile
from pathlib import Path

import pytest
import users
from harness import PROGRAM, ROOT
from real import run, spec

pytestmark = pytest.mark.skipif(users.missing() is not None, reason=str(users.missing()))
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
STEPS = """\
    - run: mkdir /made; touch /made/f; chown 1000:1000 /made/f; rm /usr/bin/yes
    - add: {source: f, dest: /added, chown: "worker"}
    - user: worker
    - workdir: /home/worker
    - run: id -u > me
"""


@pytest.fixture(scope="module")
def programs():
    """The program and what it needs where everybody may read it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    shutil.copy(PROGRAM, folder / "chutes")
    shutil.copytree(ROOT / "lib/sdk", folder / "lib/sdk")
    shutil.copytree(ROOT / "templates", folder / "templates")
    run("chmod", "-R", "a+rX", folder)
    yield folder
    shutil.rmtree(folder)


class Work:
    """A project of a user's own."""

    def __init__(self, programs, kind):
        self.user = users.User(kind)
        self.home = Path(f"/home/{self.user.name}")
        self.programs = programs
        self.store = self.home / "store"
        (self.home / "p").mkdir()

    def write(self, text, name="chute.yaml"):
        (self.home / "p" / name).write_text(text)
        run("chown", "-R", self.user.name, self.home / "p")

    def __call__(self, *args, env=None, before=()):
        return self.user.run(
            "sh", "-c", f'cd ~/p && exec {self.programs}/chutes "$@"', "sh", *args,
            env={"CHUTES_STORE": str(self.store), "CHUTES_SHARE": str(self.programs),
                 **EPOCH, **(env or {})}, before=before)

    def build(self, *args, **more):
        done = self("build", "--json", *args, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["result"], done

    def inspect(self, name, *more):
        return json.loads(run("skopeo", "inspect", *more, f"oci:{self.store}/oci:{name}"))


@pytest.fixture(params=["many", "one"])
def work(programs, request):
    made = Work(programs, request.param)
    made.kind = request.param
    yield made
    made.user.remove()


def test_build(work, tiny, own):
    """With sub-ids the digest is root's; with one id owners are 0:0, and that is said."""
    work.write("f", "f")
    work.write(spec(STEPS, base=tiny))
    got, done = work.build()
    (own.cwd / "f").write_text("f")
    of_root = own.build(spec(STEPS, base=tiny), env=EPOCH).json["result"]
    annotations = work.inspect(got["name"], "--raw")["annotations"]
    if work.kind == "many":
        assert got["digest"] == of_root["digest"]
        assert "ai.chutes.owners" not in annotations
        assert "0:0" not in done.stderr
    else:
        assert got["digest"] != of_root["digest"]
        assert annotations["ai.chutes.owners"] == "squashed"
        assert "all files of the image belong to 0:0" in done.stderr
    again, _ = work.build(env={"PATH": "/nowhere:/usr/bin"})
    assert again["digest"] == got["digest"] and again["cached"] == again["steps"]


def test_a_failure_leaves_nothing(work, tiny):
    work.write(spec("    - run: mkdir /d; chown 1000 /d; chmod 0 /d; exit 3", base=tiny))
    done = work("build")
    assert done.returncode == 13, done.stderr
    work.write(spec("    - run: 'true'", base=tiny))
    work.build()
    assert list((work.store / "tmp").glob("*")) == []


def test_a_foreign_store(work, own, tiny):
    own.build(spec("    - run: 'true'", base=tiny))
    own.store.chmod(0o755)
    for parent in own.store.parents:
        if parent != Path("/tmp") and Path("/tmp") in parent.parents:
            parent.chmod(0o755)
    work.write(spec("    - run: 'true'", base=tiny))
    done = work("build", env={"CHUTES_STORE": str(own.store)})
    assert done.returncode == 4, done.stderr
    assert "belongs to user 0" in done.stderr and "--store" in done.stderr


def test_debian(work, base_layout):
    """Debian's own tools, which change owners and users."""
    # where the layout lies only root may read
    run("cp", "-r", base_layout.split(":")[1], work.home / "layout")
    run("chown", "-R", work.user.name, work.home / "layout")
    work.write(spec("""\
    - user: root
    - run: useradd -m somebody && su somebody -c 'touch ~/f' && install -o somebody /dev/null /g
    - run: python3 -c 'print(1)' && pip --version
""", base="oci:../layout:base"))
    got, _ = work.build()
    assert got["steps"] == 3


NETWORK = """\
version: 1
name: net
server:
  command: [sh, -c, "cat /proc/net/dev; grep -c . /etc/resolv.conf; id -u; sleep 60"]
  port: 9000
  ready: {timeout: 1}
image: {name: net, base: BASE, steps: [{workdir: /app}, {user: worker}]}
node_selector: {gpu_count: 0}
cords: [{function: none, public: GET /none, forward: GET /none}]
"""
# What a distribution's own rules make of the device; some machines give it to root alone.
TUN = ["unshare", "-m", "--propagation", "private", "sh", "-c",
       'mknod "$0" c 10 200 && chmod 666 "$0" && mount --bind "$0" /dev/net/tun && exec "$@"']


@pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="no /dev/net/tun")
def test_a_network_of_its_own(work, tiny, tmp_path):
    work.write(NETWORK.replace("BASE", tiny))
    done = work("run", "-p", "0", before=[*TUN, tmp_path / "tun"])
    assert done.returncode == 14, done.stderr
    assert "egress not locked" not in done.stderr
    said = [line.split("| ", 1)[1].strip() for line in done.stderr.splitlines() if "| " in line]
    names = [line.split(":")[0] for line in said if line.split(":")[-1].strip()[:1].isdigit()
             and ":" in line]
    assert "lo" in names and len(names) == 2, done.stderr
    assert said[-1] == ("1000" if work.kind == "many" else "0")


@pytest.mark.skipif(not Path("/dev/net/tun").exists(), reason="no /dev/net/tun")
def test_no_network_of_its_own(work, tiny):
    """The device that both programs need cannot be opened."""
    work.write(NETWORK.replace("BASE", tiny))
    hide = ["unshare", "-m", "--propagation", "private", "sh", "-c",
            'mount --bind /dev/null /dev/net/tun && exec "$@"', "sh"]
    done = work("run", "-p", "0", before=hide)
    assert "warning: egress not locked: pasta ended with status 1" in done.stderr
