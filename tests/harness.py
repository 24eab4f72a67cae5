# SPDX-License-Identifier: MIT
"""The program from outside: an empty home, a fixed PATH, everything below one temporary folder."""
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("CHUTES_PROGRAM", ROOT / "build/cli/chutes")).resolve()
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def is_instrumented():
    """A sanitizer takes its time, and more address space than there is memory."""
    return any(name in PROGRAM.read_bytes() for name in (b"__asan_init", b"__tsan_init"))


def wait_for(what, seconds=60, tell=lambda: "it does not happen"):
    """The first true value of `what()`; `tell()` says what there is instead, after a time that
    means that it hangs."""
    end = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < end, f"after {seconds} s: {tell()}"
        time.sleep(0.02)
    return value


class Result:
    """What one run left: exit status and texts. A run that a signal ended has a negative code."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit status {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Chutes:
    def __init__(self, folder):
        self.program = PROGRAM
        self.home = folder / "home"
        self.cwd = folder / "work"
        self.started = []
        self.env = {
            "HOME": str(self.home),
            "PATH": PATH,
            "LANG": "C.UTF-8",
            "TMPDIR": str(folder / "tmp"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }
        for name in ("home", "work", "tmp", "run"):
            (folder / name).mkdir(mode=0o700)
        # how this machine reaches the network is not the test's business
        for name, value in os.environ.items():
            if name.lower() in ("http_proxy", "https_proxy", "no_proxy", "ssl_cert_file") or \
                    name.startswith(("PIP_", "ASAN_", "UBSAN_", "LSAN_", "TSAN_")):
                self.env[name] = value

    def _environment(self, env):
        merged = {**self.env, **(env or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def __call__(self, *args, input=None, env=None, check=None, cwd=None, timeout=60):
        """Run to the end. `env` adds variables (None removes one); `check` is the exit status that
        must come out; `input` is text, else stdin is empty."""
        done = subprocess.run([self.program, *map(str, args)], input=input or "", capture_output=True,
                              text=True, env=self._environment(env), cwd=cwd or self.cwd,
                              timeout=timeout)
        result = Result(done.returncode, done.stdout, done.stderr)
        assert check is None or result.code == check, repr(result)
        return result

    def start(self, *args, env=None, cwd=None, **more):
        """Start and leave running: a subprocess.Popen, ended with the test at the latest."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "text": True, **more}
        process = subprocess.Popen([self.program, *map(str, args)], env=self._environment(env),
                                   cwd=cwd or self.cwd, **options)
        self.started.append(process)
        return process

    def holders(self):
        """The processes that hold a file of the runtime directory, such as the lock of a chute."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                links = [os.readlink(fd) for fd in entry.joinpath("fd").iterdir()]
            except OSError:  # gone
                continue
            if any(link.startswith(self.env["XDG_RUNTIME_DIR"]) for link in links):
                found.append(int(entry.name))
        return found

    def end_all(self):
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()


INSTALL_LIMIT_S = 540


def environment(name, packages):
    """The interpreter of a virtual environment that is kept between runs. Two runs at once wait
    for each other; without a package index the test is skipped."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    version = f"py{sys.version_info[0]}.{sys.version_info[1]}"
    home = Path(cache) / "chutes-tests" / f"{name}-{version}"
    home.mkdir(parents=True, exist_ok=True)
    interpreter = home / "bin" / "python"
    ready = home / "ready"
    with open(home.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
            install = [interpreter, "-m", "pip", "install", "--quiet", *packages]
            done = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_LIMIT_S)
            if done.returncode:
                pytest.skip(f"cannot install {packages[0]}: {done.stderr.strip().splitlines()[-1:]}")
            ready.touch()
    return interpreter
