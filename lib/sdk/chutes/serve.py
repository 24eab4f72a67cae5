# SPDX-License-Identifier: MIT
"""Serve a chute: ``python3 -m chutes.serve MODULE:OBJECT [--host H --port P | --uds PATH]``.

MODULE is a name that the working directory or PYTHONPATH has, or the path of a ``.py`` file.

Exit status: 0 after a stop, 1 when the module, a hook or the server failed, 2 usage, 6 when the
address is taken, 15 when a package is missing or too old, 128+n when signal n came before
the chute was ready.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import contextlib
import errno
import importlib
import importlib.util
import logging
import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any, NoReturn

from chutes import _requirements
from chutes._tracebacks import Formatter, author_part

EXIT_FAILURE = 1
EXIT_CONFLICT = 6
EXIT_MISSING = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

log = logging.getLogger("chutes")


class Failure(Exception):
    """Ends the program: one sentence and an exit status."""

    def __init__(self, message: str, status: int = EXIT_FAILURE) -> None:
        super().__init__(message)
        self.status = status


class Stopped(SystemExit):
    """A signal came before the chute was ready."""


def main() -> NoReturn:
    options = _parse_arguments()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(levelname)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    for number in STOP_SIGNALS:
        signal.signal(number, _leave)
    try:
        status = _serve(options)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        status = failure.status
    except Stopped as stopped:
        status = int(stopped.code or 0)
    atexit._run_exitfuncs()  # what os._exit() leaves out
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)  # a handler's thread that never returns must not keep the process


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m chutes.serve", description="Serve a chute.")
    parser.add_argument("target", metavar="MODULE:OBJECT", help="app:chute, or FILE.py:chute")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="TCP port")
    parser.add_argument("--uds", metavar="PATH", help="listen on a unix socket instead")
    parser.add_argument(
        "--grace", type=int, default=10, metavar="S", help="seconds that open requests get at stop"
    )
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    options = parser.parse_args()
    module, colon, name = options.target.rpartition(":")
    if not (module and colon and name):
        parser.error(f"'{options.target}' is not MODULE:OBJECT")
    return options


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped(128 + number)


def _serve(options: argparse.Namespace) -> int:
    try:
        _requirements.check("fastapi", "pydantic", "uvicorn")
    except _requirements.RequirementError as missing:
        raise Failure(str(missing), EXIT_MISSING) from None
    # Before the module is loaded: whoever loads a model for minutes learns of a taken port first.
    with _bind(options) as listener:
        chute = _load(options.target)
        return asyncio.run(_run(chute, listener, options))


def _bind(options: argparse.Namespace) -> socket.socket:
    if options.uds:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address: Any = options.uds
    else:
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        address = (options.host, options.port)
    try:
        listener.bind(address)
        if options.uds:
            os.chmod(options.uds, 0o666)  # the directory around it says who may connect
    except (OSError, OverflowError) as error:
        listener.close()
        where = options.uds or f"{options.host}:{options.port}"
        is_taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        status = EXIT_CONFLICT if is_taken else EXIT_FAILURE
        raise Failure(f"listening on {where}: {error}", status) from None
    return listener


def _load(target: str) -> Any:
    module_name, _, name = target.rpartition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = _import(module_name)
    except _requirements.RequirementError as missing:
        raise Failure(str(missing), EXIT_MISSING) from None
    except Stopped:
        raise
    except (Exception, SystemExit) as error:
        _print_traceback(error)
        raise Failure(f"importing '{module_name}' failed") from None
    found = getattr(module, name, None)
    chute = getattr(found, "chute", found)  # a ChutePack holds it
    from chutes.chute import Chute

    if not isinstance(chute, Chute):
        raise Failure(f"'{target}' is not a Chute")
    return chute


def _import(module: str) -> ModuleType:
    if not module.endswith(".py"):
        return importlib.import_module(module)
    name = os.path.basename(module).removesuffix(".py")
    spec = importlib.util.spec_from_file_location(name, module)
    assert spec and spec.loader, "every .py file has a loader"
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found  # before it runs: pydantic looks up annotations there
    spec.loader.exec_module(found)
    return found


async def _run(chute: Any, listener: socket.socket, options: argparse.Namespace) -> int:
    try:
        await chute.initialize()
    except Stopped:
        raise
    except (Exception, SystemExit) as error:
        _print_traceback(error)
        raise Failure("a startup hook failed") from None
    server = _make_server(chute, options)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.force_exit = server.should_exit  # the second signal does not wait
        server.should_exit = True

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    await server.serve(sockets=[listener])
    is_clean = await chute.finalize()
    return 0 if server.started and is_clean else EXIT_FAILURE


def _make_server(chute: Any, options: argparse.Namespace) -> Any:
    import uvicorn

    class Server(uvicorn.Server):
        """Signals are ours: shutdown hooks come after the last request."""

        def install_signal_handlers(self) -> None:
            pass

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    access = logging.getLogger("uvicorn.access")
    access.setLevel(logging.INFO)
    access.addFilter(_is_request)
    config = uvicorn.Config(
        chute,
        log_config=None,
        access_log=not options.quiet,
        timeout_graceful_shutdown=options.grace,
    )
    return Server(config)


def _is_request(record: logging.LogRecord) -> bool:
    """No line for the question whether we are ready, which comes again and again."""
    args = record.args if isinstance(record.args, tuple) else ()
    return args[1:3] != ("GET", "/_ping")


def _print_traceback(error: BaseException) -> None:
    traceback.print_exception(type(error), error, author_part(error.__traceback__))


if __name__ == "__main__":
    main()
