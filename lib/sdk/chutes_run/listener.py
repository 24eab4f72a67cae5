# SPDX-License-Identifier: MIT
"""The socket that a chute is served on: an inherited one, or one of an address."""

from __future__ import annotations

import argparse
import errno
import os
import socket
from typing import Any

from chutes_run.failure import EXIT_CONFLICT, EXIT_FAILURE, Failure


def open_listener(options: argparse.Namespace) -> socket.socket:
    if options.fd is not None:
        return _inherit(options.fd)
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


def _inherit(fd: int) -> socket.socket:
    """It is not passed on to what the module starts."""
    try:
        listener = socket.socket(fileno=fd)
        if not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            listener.detach()
            raise OSError("it does not listen")
        os.set_inheritable(fd, False)
    except OSError as error:
        raise Failure(f"descriptor {fd} is not a listening socket: {error}") from None
    return listener
