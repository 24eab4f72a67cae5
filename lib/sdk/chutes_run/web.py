# SPDX-License-Identifier: MIT
"""The web server in front of the application: uvicorn, or hypercorn where only that is there."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import socket
from collections.abc import Iterator
from typing import Any, Protocol

from chutes_run.failure import EXIT_MISSING, Failure
from chutes_run.requirements import pip_step

KEEP_ALIVE_S = 75  # as deployed


class Server(Protocol):
    async def serve_until_stop(self) -> bool:
        """Serve until stop(), then until the open requests are answered or their grace is over.
        False when it could not start."""

    def stop(self) -> None:
        """The second call does not wait for open requests."""


def make_server(app: Any, listener: socket.socket, grace: int, is_quiet: bool) -> Server:
    if importlib.util.find_spec("uvicorn"):
        return _uvicorn(app, listener, grace, is_quiet)
    if importlib.util.find_spec("hypercorn"):
        return _Hypercorn(app, listener, grace, is_quiet)
    raise Failure(f"the image has no uvicorn: {pip_step('uvicorn')}", EXIT_MISSING)


def _uvicorn(app: Any, listener: socket.socket, grace: int, is_quiet: bool) -> Server:
    import uvicorn

    class Uvicorn(uvicorn.Server):
        """Signals are ours: shutdown hooks come after the last request."""

        async def serve_until_stop(self) -> bool:
            await self.serve(sockets=[listener])
            return self.started

        def stop(self) -> None:
            self.force_exit = self.should_exit
            self.should_exit = True

        def install_signal_handlers(self) -> None:
            pass

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    access = logging.getLogger("uvicorn.access")
    access.setLevel(logging.INFO)
    access.addFilter(_is_request)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=not is_quiet,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    return Uvicorn(config)


class _Hypercorn:
    def __init__(self, app: Any, listener: socket.socket, grace: int, is_quiet: bool) -> None:
        from hypercorn.config import Config

        self._app = app
        self._stopped = asyncio.Event()
        self._config = Config()
        self._config.bind = [f"fd://{listener.detach()}"]
        self._config.graceful_timeout = grace
        self._config.keep_alive_timeout = KEEP_ALIVE_S
        self._config.errorlog = logging.getLogger("hypercorn.error")
        self._config.accesslog = None if is_quiet else logging.getLogger("hypercorn.access")

    async def serve_until_stop(self) -> bool:
        from hypercorn.asyncio import serve

        await serve(self._app, self._config, shutdown_trigger=self._stopped.wait)
        return True

    def stop(self) -> None:
        if self._stopped.is_set():
            self._config.graceful_timeout = 0
        self._stopped.set()


def _is_request(record: logging.LogRecord) -> bool:
    """No line for the question whether we are ready, which comes again and again."""
    args = record.args if isinstance(record.args, tuple) else ()
    return args[1:3] != ("GET", "/_ping")
