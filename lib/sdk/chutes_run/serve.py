# SPDX-License-Identifier: MIT
"""Serves the cords of a chute until a signal comes."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket

from chutes_run.adapter import Adapter
from chutes_run.documents import to_json
from chutes_run.failure import EXIT_FAILURE, Failure, Stopped
from chutes_run.listener import open_listener
from chutes_run.loading import load
from chutes_run.signals import STOP_SIGNALS, end_on_signals
from chutes_run.web import make_server


def serve(options: argparse.Namespace) -> int:
    # Before the module is loaded: whoever loads a model for minutes learns of a taken port first.
    with open_listener(options) as listener:
        chute = load(options.target)
        end_on_signals()  # again: the module may have its own ideas
        if options.cords_fd is not None:
            _write_cords(chute, options.cords_fd)
        try:
            return asyncio.run(_serve(chute, listener, options))
        except Stopped:
            raise
        except SystemExit as leaving:
            raise Failure(f"the chute called sys.exit({leaving.code!r})") from None


def _write_cords(chute: Adapter, fd: int) -> None:
    described = {"cords": chute.cords(), "concurrency": chute.concurrency()}
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as out:
            out.write(to_json(described, default=str))
    except OSError as error:
        raise Failure(f"writing the cords to descriptor {fd}: {error}") from None


async def _serve(chute: Adapter, listener: socket.socket, options: argparse.Namespace) -> int:
    from chutes_run.routes import add_routes

    await chute.start()
    add_routes(chute.app, chute.routes())
    is_quiet = options.quiet or options.fd is not None  # who made the socket tells of requests
    server = make_server(chute.app, listener, options.grace, is_quiet)
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, server.stop)
    has_started = await server.serve_until_stop()
    is_clean = await chute.stop()
    return 0 if has_started and is_clean else EXIT_FAILURE
