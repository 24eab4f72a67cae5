# SPDX-License-Identifier: MIT
"""A chute of our SDK."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from chutes_run.adapter import Adapter, Hook, Route, find_job, takes_query
from chutes_run.local.answer import Answer
from chutes_run.local.calls import Calls


class LocalChute(Adapter):
    def routes(self) -> list[Route]:
        calls = Calls(self.concurrency())
        return [
            Route(
                cord.name,
                cord.public_api_path,
                cord.public_api_method.upper(),
                cord.stream,
                takes_query(cord.function, cord.passthrough),
                cord.input_schema,
                Answer(self.app, cord, calls),
            )
            for cord in self.app.cords
            if cord.public_api_path
        ]

    def cords(self) -> list[dict[str, Any]]:
        return [cord.describe() for cord in self.app.cords]

    def job(self, name: str) -> tuple[Callable[..., Any], float | None]:
        job = find_job(self.app.jobs, name)
        return functools.partial(job.function, self.app), job.timeout

    def hooks(self, kind: str) -> list[Hook]:
        registered = self.app.startup_hooks if kind == "startup" else self.app.shutdown_hooks
        return [
            Hook(priority, function.__name__, functools.partial(function, self.app))
            for priority, function in registered
        ]
