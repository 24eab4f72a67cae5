# SPDX-License-Identifier: MIT
"""What a chute gets of this machine: the cache of models, mounts, files of variables, GPUs."""
import json
import os
import shutil

import pytest
from real import Serving

SPEC = """\
version: 1
name: probe
server:
  command: [python3, /app/server.py, "{port}"]
  port: {port}
  ready: {{path: /, timeout: 30, interval: 0.1}}
image:
  name: probe
  base: {{debian: bookworm}}
  steps:
    - add: {{source: server.py, dest: /app/server.py}}
node_selector: {{gpu_count: 0}}
dev: {{env_file: local.env, mounts: ["data:/data:ro"]}}
cords: [{{function: report, public: GET /report, forward: GET /report}}]
"""
SERVER = '''\
import http.server, json, os, sys

def attempt(function, *args):
    try:
        return function(*args)
    except OSError as error:
        return error.strerror

def read(path):
    with open(path) as file:
        return file.read()

def write(path):
    with open(path, "w") as file:
        file.write("new")
    return "written"

home = os.environ.get("HF_HOME", "/nowhere")
report = {
    "environ": dict(os.environ), "uid": os.getuid(), "model": attempt(read, home + "/hub/model"),
    "fetched": attempt(write, home + "/hub/fetched"), "lock": attempt(write, home + "/hub/lock"),
    "data": attempt(read, "/data/file"), "kept": attempt(write, "/data/new"),
    "device": attempt(read, "/dev/gpu0"),
}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(report).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''


@pytest.fixture
def project(images, port):
    (images.cwd / "server.py").write_text(SERVER)
    (images.cwd / "data").mkdir()
    (images.cwd / "data/file").write_text("of the host")
    (images.cwd / "local.env").write_text("FROM_FILE=spec\nOVER=spec\n")
    images.write(SPEC.format(port=port))
    images.port = port
    return images


def report(project, *args, **more):
    with Serving(project, project.port, "--port", project.port, *args, **more) as serving:
        serving.wait_ready()
        got = json.loads(serving.get("/report"))
        return serving.text(), got


def test_variables_and_mounts(project):
    (project.cwd / "more.env").write_text("OVER=option\n")
    _, got = report(project, "--env-file", "more.env")
    assert got["environ"]["FROM_FILE"] == "spec" and got["environ"]["OVER"] == "option"
    assert got["data"] == "of the host" and got["kept"] == "Read-only file system"
    assert "HF_TOKEN" not in got["environ"]


def test_the_cache_of_models(project):
    """It can be read, and written as by who owns it: into what is thrown away."""
    home = project.cwd.parent / "somebody"
    hub = home / ".cache/huggingface/hub"
    hub.mkdir(parents=True)
    (hub / "model").write_text("weights")
    (hub / "lock").write_text("")
    said, got = report(project, env={"HOME": str(home), "HF_TOKEN": "secret"})
    assert "huggingface" in said
    assert got["uid"] == 1000 and got["model"] == "weights"
    assert got["fetched"] == "written" and got["lock"] == "written"
    assert not (hub / "fetched").exists() and (hub / "lock").read_text() == ""
    assert "HF_TOKEN" not in got["environ"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_gpus(project):
    """By a description in the place of the machine's own."""
    (project.cwd / "cdi").mkdir()
    (project.cwd / "cdi/nvidia.yaml").write_text("""\
cdiVersion: 0.5.0
kind: nvidia.com/gpu
containerEdits: {env: [NVIDIA_VISIBLE_DEVICES=void]}
devices:
  - name: "0"
    containerEdits: {deviceNodes: [{path: /dev/gpu0, hostPath: /dev/null}]}
""")
    script = project.cwd / "start.sh"
    script.write_text(f"""#!/bin/sh
exec unshare -m --propagation private sh -c \\
    'mount -t tmpfs tmpfs /opt && mkdir /opt/upper /opt/work && mount -t overlay \\
    -o lowerdir=/etc,upperdir=/opt/upper,workdir=/opt/work overlay /etc && rm -rf /etc/cdi && \\
    cp -r {project.cwd}/cdi /etc/cdi && exec "$0" "$@"' {project.program} "$@"
""")
    script.chmod(0o755)
    before, project.program = project.program, script
    _, got = report(project, "--gpus", "0")
    assert got["device"] == "" and got["environ"]["NVIDIA_VISIBLE_DEVICES"] == "void"
    done = project("run", "--port", project.port, "--gpus", "0,3", check=5)
    assert "error: no GPU '3' in this machine\n" in done.err and "there are: 0\n" in done.err
    project.program = before
    if shutil.which("nvidia-ctk") is None and not os.path.exists("/etc/cdi"):
        done = project("run", "--port", project.port, "--gpus", "all", check=15)
        assert "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml" in done.err
