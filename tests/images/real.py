# SPDX-License-Identifier: MIT
"""What the tests of real images are made of: a chute around an image, and what is in its layers."""
import io
import json
import os
import re
import socket
import subprocess
import tarfile
import urllib.request
from pathlib import Path

from harness import Chutes, wait_for

CACHE = Path(os.environ.get("CHUTES_TEST_CACHE", "/tmp/chutes-test-cache"))
# What apt and pip say when they get nowhere: no failure of ours.
UNREACHABLE = (r"Could not resolve|Unable to connect|Could not connect|Failed to fetch|"
               r"Temporary failure in name resolution|Max retries exceeded|"
               r"No matching distribution found|Connection timed out|Read timed out")
BASE_SPEC = """\
version: 1
name: base
server: {command: ["true"], port: 9000}
image: {name: base, tag: test, base: {debian: bookworm}}
node_selector: {gpu_count: 0}
cords: [{function: none, public: GET /none, forward: GET /none}]
"""


def spec(steps="", base="{debian: bookworm}", name="test", more=""):
    """A chute around nothing but its image."""
    return f"""\
version: 1
name: {name}
server: {{command: [sleep, "60"], port: 9000}}
node_selector: {{gpu_count: 0}}
image:
  name: {name}
  base: {base}
{more}  steps:
{steps or '    - env: {A: "1"}'}
cords: [{{function: none, public: GET /none, forward: GET /none}}]
"""


def run(*args, **more):
    return subprocess.run([str(a) for a in args], check=True, capture_output=True, text=True,
                          **more).stdout


def _mentions(folder, word):
    """Is this process working for `word`? By its words, variables and mounts; not one that has
    ended."""
    try:
        if "\nState:\tZ" in (folder / "status").read_text():
            return False
        return any(word in (folder / file).read_bytes()
                   for file in ("cmdline", "environ", "mountinfo"))
    except OSError:  # gone
        return False


def processes(word):
    """Processes that have to do with `word`, such as the path of a store."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")
            if int(folder.name) != os.getpid() and _mentions(folder, str(word).encode())]


class Images(Chutes):
    """chutes with a store."""

    def __init__(self, folder, store):
        super().__init__(folder)
        self.env["CHUTES_STORE"] = str(store)
        self.store = Path(store)

    def write(self, text, name="chute.yaml"):
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def build(self, text=None, *args, check=0, **more):
        if text is not None:
            self.write(text)
        return self("build", "--json", *args, check=check, timeout=300, **more)

    def layout(self, name):
        return f"oci:{self.store}/oci:{name}"

    def inspect(self, name, *more):
        return json.loads(run("skopeo", "inspect", *more, self.layout(name)))

    def members(self, name):
        """The layers above the base's, one after the other: {path: (TarInfo, bytes)} each."""
        manifest = self.inspect(name, "--raw")
        return [members_of(self.store / "oci/blobs/sha256" / layer["digest"][7:])
                for layer in manifest["layers"]]

    def has_nothing_running(self):
        """Neither processes nor mounts nor unfinished files of ours."""
        wait_for(lambda: not processes(self.store))
        mounts = Path("/proc/self/mountinfo").read_text()
        assert f" {self.store}/" not in mounts
        assert self.leftovers() == []

    def leftovers(self):
        """What builds that were not ended by themselves left in the store's scratch space."""
        return [str(path) for path in (self.store / "tmp").glob("*/*")]


def members_of(blob):
    got = {}
    with tarfile.open(blob) as tar:
        for entry in tar:
            body = tar.extractfile(entry).read() if entry.isreg() else None
            got[entry.name.rstrip("/")] = (entry, body)
    return got


TOOLS = ["sh", "cat", "chmod", "chown", "cp", "date", "dd", "env", "head", "id", "kill", "ln", "ls",
         "mkdir", "mkfifo", "mv", "od", "rm", "rmdir", "setsid", "sha256sum", "sleep", "stat",
         "tail", "touch", "tr", "true", "wc", "yes", "timeout", "find", "grep", "hostname"]


def libraries(program):
    for line in run("ldd", program).splitlines():
        if found := re.search(r"(/\S+) \(0x", line):
            yield found[1]


def put(tar, name, kind=tarfile.DIRTYPE, body=b"", mode=0o755, link=""):
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.linkname, entry.size = kind, mode, link, len(body)
    entry.mtime = 1_000_000_000
    tar.addfile(entry, io.BytesIO(body))




class Serving:
    """`chutes run` in the background; what it says goes to a file."""

    def __init__(self, program, port, *args, **more):
        self.program, self.port = program, port
        self.pids = set()
        if not {"-p", "--port"} & set(args):
            args = ("--port", port, *args)
        self.file = program.cwd.parent / f"run-{len(program.started)}.log"
        with open(self.file, "w") as log:
            self.process = program.start("run", *args, **{"stdout": log, **more}, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(40)

    def text(self):
        return self.file.read_text()

    def wait_ready(self, seconds=120):
        """The ready line."""
        def line():
            found = re.search(r"^ready .*$", self.text(), re.M)
            assert found or self.process.poll() is None, self.text()
            return found
        ready = wait_for(line, seconds)[0]
        self.pids = {self.process.pid, *self.program.holders()}
        return ready

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path):
        return urllib.request.urlopen(self.url(path), timeout=20).read().decode()

    def post(self, path, body):
        request = urllib.request.Request(self.url(path), json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        return urllib.request.urlopen(request, timeout=20)

    def has_nothing_left(self):
        """No process, no mount, nobody at the port."""
        # the store is shared, its scratch directories are not
        wait_for(lambda: set(self.program.holders()) <= {self.process.pid})
        mounts = Path("/proc/self/mountinfo").read_text()
        for pid in self.pids | {self.process.pid}:
            mine = f"{self.program.store}/tmp/{pid}."
            wait_for(lambda: not processes(mine))
            assert mine not in mounts
        with socket.socket() as s:
            assert s.connect_ex(("127.0.0.1", self.port)) != 0
