# SPDX-License-Identifier: MIT
"""Exit status: 0 after a stop or a job, 1 when the module, a hook or the server failed, 2 usage,
6 when the address is taken, 15 when a package is missing or too old, 17 when the job failed, 128+n
when signal n came before the chute was ready or during a job."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import logging
import os
import sys
from typing import NoReturn

from chutes_run.failure import Failure, Stopped
from chutes_run.job import run_job
from chutes_run.serve import serve
from chutes_run.signals import end_on_signals
from chutes_run.tracebacks import Formatter


def main() -> NoReturn:
    options = _parse_arguments()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(levelname)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    end_on_signals()
    try:
        status = options.run(options)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        status = failure.status
    except Stopped as stopped:
        status = int(stopped.code or 0)
    atexit._run_exitfuncs()  # what os._exit() leaves out
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)  # a handler's thread that never returns must not keep the process


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m chutes_run", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="serve the cords of a chute"))
    _add_job(commands.add_parser("job", help="run a job of a chute to its end"))
    options = parser.parse_args()
    module, colon, name = options.target.rpartition(":")
    if not (module and colon and name):
        parser.error(f"'{options.target}' is not FILE:OBJECT")
    return options


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE:OBJECT", help="app.py:chute, or MODULE:OBJECT")
    parser.add_argument(
        "--grace", type=int, default=10, metavar="S", help="seconds that open work gets at stop"
    )


def _add_serve(parser: argparse.ArgumentParser) -> None:
    _add_target(parser)
    parser.add_argument("--fd", type=int, metavar="N", help="a listening socket to take up")
    parser.add_argument("--uds", metavar="PATH", help="listen on a unix socket")
    parser.add_argument("--port", type=int, default=8000, help="listen on this TCP port")
    parser.add_argument("--host", default="127.0.0.1", help="address of the TCP port")
    parser.add_argument("--cords-fd", type=int, metavar="N", help="where the cords go, as JSON")
    parser.add_argument(
        "--quiet", action="store_true", help="no line for each request, as with --fd"
    )
    parser.set_defaults(run=serve)


def _add_job(parser: argparse.ArgumentParser) -> None:
    _add_target(parser)
    parser.add_argument("name", metavar="NAME", help="of the job")
    parser.add_argument("--args", required=True, metavar="FILE", help="its arguments, as JSON")
    parser.add_argument("--output", required=True, metavar="DIR", help="where its files go")
    parser.add_argument("--result", required=True, metavar="FILE", help="where its result goes")
    parser.set_defaults(run=run_job)


if __name__ == "__main__":
    main()
