# SPDX-License-Identifier: MIT
"""A virtual environment with the packages that an image brings, and chutes served in it."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess

import pytest
from harness import environment, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
SDK = ROOT / "lib" / "sdk"
PACKAGES = ["fastapi", "uvicorn", "pydantic>=2.9"]
REAL_VERSION = "0.6.9"
REAL_PACKAGES = [f"chutes=={REAL_VERSION}", "jsonschema"]


@pytest.fixture(scope="session")
def sdk():
    return SDK


@pytest.fixture(scope="session")
def python():
    """The interpreter of the environment, which takes 15 s to make.
    CHUTES_TEST_PYTHON names another one, for a look at other versions of the packages."""
    if given := os.environ.get("CHUTES_TEST_PYTHON"):
        return pathlib.Path(given)
    return environment("sdk", PACKAGES)


@pytest.fixture(scope="session")
def real_python():
    """An interpreter with the platform's own SDK: 101 packages, of which one is compiled.
    CHUTES_TEST_REAL_PYTHON names another one."""
    if given := os.environ.get("CHUTES_TEST_REAL_PYTHON"):
        return pathlib.Path(given)
    return environment(f"real-{REAL_VERSION}", REAL_PACKAGES)


def load(python, loader, *arguments):
    """What a module registers, as a loader tells it. Nothing of this environment is seen: a module
    needs no account, no network, no home."""
    done = subprocess.run(
        [python, "-I", pathlib.Path(__file__).with_name(loader), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def load_real(real_python, file, name="chute"):
    """Under the platform's SDK."""
    return load(real_python, "load_real.py", file, name)


def load_local(python, file, name="chute"):
    """Under the SDK of this project."""
    return load(python, "load_local.py", SDK, file, name)


def same_in_both(real, local):
    """Our SDK registers what the platform's does."""
    context = real["image"].pop("context", None)
    assert context is None or isinstance(context, list)  # only theirs looks at the files
    for key in ("settings", "username", "title", "image", "startup", "shutdown", "cords", "jobs"):
        assert local[key] == real[key], key
    if real["node_selector"]:
        assert local["node_selector"] == real["node_selector"]


class Chute:
    """A module served by `python3 -m chutes_run serve`."""

    def __init__(self, python, directory, module="app", uds=None, extra=(), env=None, **options):
        self.directory = directory
        self.uds = uds
        self.port = 0 if uds else free_port()
        where = ["--uds", str(uds)] if uds else ["--port", str(self.port)]
        self.process = subprocess.Popen(
            [python, "-m", "chutes_run", "serve", f"{module}:chute", *where, *extra],
            cwd=directory,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SDK), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def wait_ready(self):
        def is_decided():
            with contextlib.suppress(OSError):
                return self.process.poll() is not None or self.is_ready()

        wait_for(is_decided, tell=lambda: self.stop(signal.SIGKILL))
        assert self.process.poll() is None, self.stop()
        return self

    def is_ready(self):
        return self.request("GET", "/_ping")[0] == 200

    def open(self, method, path, body=None, timeout=20):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body)
        connection.request(method, path, data)
        return connection, connection.getresponse()

    @contextlib.contextmanager
    def calling(self, path, body=None):
        """A connection on which that was asked: who leaves it goes without an answer."""
        data = b"" if body is None else json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(head.encode() + data)
            yield client

    def request(self, method, path, body=None):
        """Status, content type, body."""
        connection, reply = self.open(method, path, body)
        with contextlib.closing(connection):
            return reply.status, reply.headers.get("Content-Type"), reply.read().decode()

    def call(self, path, body=None):
        """Status and JSON of a POST."""
        status, _, text = self.request("POST", path, body)
        return status, json.loads(text)

    def stop(self, number=signal.SIGTERM):
        """Exit status, stdout, stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            out, err = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, out, err


class RealChute(Chute):
    """The same under the platform's SDK, in its mode for development."""

    def __init__(self, real_python, directory, module="app"):
        self.directory = directory
        self.port = free_port()
        self.log = pathlib.Path(directory) / "development.log"
        words = ["run", f"{module}:chute", "--dev", "--host", "127.0.0.1"]
        words += ["--port", str(self.port), "--logging-port", str(free_port())]
        self.process = subprocess.Popen(
            [real_python.parent / "chutes", *words],
            cwd=directory,
            env={"PATH": os.environ["PATH"], "HOME": "/", "CHUTES_EXECUTION_CONTEXT": "REMOTE"},
            stdout=self.log.open("w"),  # a pipe that nobody reads is full after some tracebacks
            stderr=subprocess.STDOUT,
        )

    def stop(self, number=signal.SIGTERM):
        status, _, _ = super().stop(number)
        return status, self.log.read_text(), ""

    def is_ready(self):
        return self.call("/_ping", {"a": 1}) == (200, {"a": 1})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def serve(python, tmp_path):
    """serve(code) -> Chute that is ready; serve(code, ready=False) does not wait."""
    yield from serving(python, tmp_path)


@pytest.fixture
def serve_platform(real_python, tmp_path):
    """As serve(), in an image that has the platform's SDK."""
    yield from serving(real_python, tmp_path)


def serving(python, tmp_path):
    chutes = []

    def start(code, ready=True, **options):
        (tmp_path / "app.py").write_bytes(code if isinstance(code, bytes) else code.encode())
        chute = Chute(python, tmp_path, **options)
        chutes.append(chute)
        return chute.wait_ready() if ready else chute

    yield start
    for chute in chutes:
        if chute.process.poll() is None:
            chute.process.kill()
            chute.process.communicate()


@pytest.fixture
def real_serve(real_python, tmp_path):
    """real_serve(module) -> the chute of that module in tmp_path under the platform's SDK."""
    chutes = []

    def start(module="app"):
        chutes.append(RealChute(real_python, tmp_path, module))
        return chutes[-1].wait_ready()

    yield start
    for chute in chutes:
        if chute.process.poll() is None:
            chute.process.kill()
            chute.process.communicate()
