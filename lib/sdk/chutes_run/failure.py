# SPDX-License-Identifier: MIT
"""How the runner ends when something is wrong."""

from __future__ import annotations

import traceback

from chutes_run.tracebacks import author_part

EXIT_FAILURE = 1  # the module, a hook or the server failed
EXIT_CONFLICT = 6  # the address is taken
EXIT_MISSING = 15  # a package is missing or too old
EXIT_JOB = 17  # the job failed, or took too long
EXIT_SIGNAL = 128  # plus its number: a signal came before the chute was ready, or during a job


class Failure(Exception):
    """Ends the program: one sentence and an exit status."""

    def __init__(self, message: str, status: int = EXIT_FAILURE) -> None:
        super().__init__(message)
        self.status = status


class Stopped(SystemExit):
    """A signal came before the chute was ready."""


def print_traceback(error: BaseException) -> None:
    """The author's part of it, on standard error."""
    traceback.print_exception(type(error), error, author_part(error.__traceback__))
