# SPDX-License-Identifier: MIT
"""Runs one job to its end: its result is a file of JSON, what else it leaves is in a directory."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chutes_run.adapter import Adapter
from chutes_run.documents import to_json
from chutes_run.failure import (
    EXIT_FAILURE,
    EXIT_JOB,
    EXIT_SIGNAL,
    Failure,
    Stopped,
    print_traceback,
)
from chutes_run.loading import load
from chutes_run.signals import STOP_SIGNALS, end_on_signals


def run_job(options: argparse.Namespace) -> int:
    arguments = _read_arguments(options.args)
    output = os.path.abspath(options.output)
    os.makedirs(output, exist_ok=True)
    chute = load(options.target)
    end_on_signals()  # again: the module may have its own ideas
    arguments["output_dir"] = output
    os.environ["TMPDIR"] = output
    tempfile.tempdir = None  # asked for again
    return asyncio.run(_run(chute, options, arguments))


def _read_arguments(file: str) -> dict[str, Any]:
    try:
        arguments = json.loads(Path(file).read_bytes())
    except (OSError, ValueError) as error:
        raise Failure(f"reading '{file}': {error}") from None
    if not isinstance(arguments, dict):
        raise Failure(f"'{file}' is not an object of JSON")
    return arguments


async def _run(chute: Adapter, options: argparse.Namespace, arguments: dict[str, Any]) -> int:
    function, limit = chute.job(options.name)
    await chute.start()
    try:
        result = await _Work(options.name, limit, options.grace).run(function, arguments)
        _write_result(options.result, options.name, result)
    finally:
        is_clean = await chute.stop()
    return 0 if is_clean else EXIT_FAILURE


def _write_result(file: str, name: str, result: Any) -> None:
    try:
        text = to_json(result)
    except (TypeError, ValueError, RecursionError) as error:
        raise Failure(f"the result of job '{name}' is not JSON: {error}", EXIT_JOB) from None
    try:
        Path(file).write_text(text)
    except OSError as error:
        raise Failure(f"writing '{file}': {error}") from None


class _Work:
    """A job as a task that its limit and signals cancel."""

    def __init__(self, name: str, limit: float | None, grace: int) -> None:
        self._name = name
        self._limit = limit
        self._grace = grace
        self._signal = 0

    async def run(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        task = asyncio.ensure_future(self._call(function, arguments))
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop, task, number)
        done, _ = await asyncio.wait({task}, timeout=self._limit)
        if not done:
            task.cancel()
            await asyncio.wait({task}, timeout=self._grace)
            raise Failure(f"the job '{self._name}' took more than {self._limit} s", EXIT_JOB)
        if self._signal:
            raise Stopped(EXIT_SIGNAL + self._signal)
        if task.cancelled():
            raise Failure(f"the job '{self._name}' cancelled itself", EXIT_JOB)
        return task.result()

    async def _call(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        try:
            awaitable = function(**arguments)
            if not inspect.isawaitable(awaitable):
                raise TypeError("it is not 'async def', and the platform awaits it")
            return await awaitable
        except (Exception, SystemExit) as error:
            print_traceback(error)
            raise Failure(f"the job '{self._name}' failed: {error}", EXIT_JOB) from None

    def _stop(self, task: asyncio.Future[Any], number: signal.Signals) -> None:
        self._signal = number
        task.cancel()
