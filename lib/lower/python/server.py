# SPDX-License-Identifier: MIT
# The process behind the cords of a server.
import asyncio
import atexit
import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time


class Server:
    RESTARTS = 3  # within
    RESTART_WINDOW_S = 600
    PROBE_LIMIT_S = 2
    WATCH_INTERVAL_S = 0.5

    def __init__(self, command, workdir, env, port, ready, stop, restarts_on_failure):
        self.command = command
        self.workdir = workdir
        self.env = env
        self.port = port
        self.ready_path, self.ready_status, self.ready_limit_s, self.ready_interval_s = ready
        self.stop_signal, self.stop_grace_s = stop
        self.restarts_on_failure = restarts_on_failure
        self.restarted = []  # when
        self.process = None
        self.watcher = None

    async def start(self, chute):
        # The startup hook: runs on the main loop and returns once the process answers.
        atexit.register(self.end)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self.leave)
        try:
            await self.begin()
        except BaseException:
            self.end()
            raise
        self.watcher = asyncio.create_task(self.watch())

    def leave(self, number, frame):
        # As the signal itself would, but not without the process.
        self.end()
        os._exit(128 + number)

    async def begin(self):
        while True:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.workdir,
                env={**os.environ, **self.env},
                start_new_session=True,
            )
            if await self.is_ready():
                return
            self.allow_restart()

    async def is_ready(self):
        # False when the process ended instead.
        deadline = time.monotonic() + self.ready_limit_s
        while not await asyncio.to_thread(self.answers):
            if self.process.poll() is not None:
                return False
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server was not ready after {self.ready_limit_s} s")
            await asyncio.sleep(self.ready_interval_s)
        return True

    def answers(self):
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.PROBE_LIMIT_S)
        try:
            upstream.request("GET", self.ready_path)
            return upstream.getresponse().status == self.ready_status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            upstream.close()

    def allow_restart(self):
        status = self.process.returncode
        ended = f"the server ended with status {status}"
        now = time.monotonic()
        self.restarted = [when for when in self.restarted if now - when < self.RESTART_WINDOW_S]
        if not self.restarts_on_failure or status == 0 or len(self.restarted) >= self.RESTARTS:
            raise RuntimeError(ended)
        self.restarted.append(now)
        print(f"{ended}; restart {len(self.restarted)} of {self.RESTARTS}", file=sys.stderr)

    async def watch(self):
        # Without its server the instance is of no use: it ends, and another one can take over.
        try:
            while True:
                while self.process.poll() is None:
                    await asyncio.sleep(self.WATCH_INTERVAL_S)
                self.allow_restart()
                await self.begin()
        except Exception as failure:
            print(f"error: {failure}", file=sys.stderr, flush=True)
            self.end()
            os._exit(1)

    def end(self):
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.stop_grace_s)
            os.killpg(self.process.pid, signal.SIGKILL)  # and what it left running
            self.process.wait()
