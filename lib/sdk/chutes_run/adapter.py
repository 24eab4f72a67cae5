# SPDX-License-Identifier: MIT
"""What the runner needs of a chute, whichever SDK the module was written with."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from chutes_run.failure import Failure, Stopped, print_traceback

log = logging.getLogger("chutes")


class Hook(NamedTuple):
    priority: int
    name: str
    call: Callable[[], Any]


class Route(NamedTuple):
    """A cord at its public path."""

    name: str
    path: str
    method: str
    is_stream: bool
    takes_query: bool  # its function has an argument that a query can be where there is no body
    schema: dict[str, Any] | None  # of its input
    answer: Callable[[Any, Any], Awaitable[Any]]  # gets the request and its input


class Adapter:
    """A chute of one of the SDKs; `app` is its FastAPI application."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def routes(self) -> list[Route]:
        raise NotImplementedError

    def cords(self) -> list[dict[str, Any]]:
        """As the platform's client sends them."""
        raise NotImplementedError

    def concurrency(self) -> int:
        """How many calls it takes at once."""
        return self.app.concurrency

    def job(self, name: str) -> tuple[Callable[..., Any], float | None]:
        """Its function, bound to the chute, and its limit in seconds."""
        raise NotImplementedError

    def hooks(self, kind: str) -> list[Hook]:
        """Of 'startup' or 'shutdown', in the order of their definition."""
        raise NotImplementedError

    async def start(self) -> None:
        """Run the startup hooks, lower priorities first. A failing one ends it."""
        for hook in self._in_order("startup"):
            try:
                await _run(hook)
            except Stopped:
                raise
            except (Exception, SystemExit) as error:
                print_traceback(error)
                raise Failure(f"the startup hook '{hook.name}' failed") from None

    async def stop(self) -> bool:
        """Run all shutdown hooks, the rest even after a failure; false when one failed."""
        is_clean = True
        for hook in self._in_order("shutdown"):
            try:
                await _run(hook)
            except (Exception, SystemExit) as failure:
                log.error("the shutdown hook '%s' failed", hook.name, exc_info=failure)
                is_clean = False
        return is_clean

    def _in_order(self, kind: str) -> list[Hook]:
        return sorted(self.hooks(kind), key=lambda hook: hook.priority)


def takes_query(function: Callable[..., Any], is_passthrough: bool) -> bool:
    return not is_passthrough and len(inspect.signature(function).parameters) > 1


def find_job(jobs: list[Any], name: str) -> Any:
    for job in jobs:
        if job.name == name:
            return job
    names = ", ".join(f"'{job.name}'" for job in jobs)
    raise Failure(f"there is no job '{name}': {f'there are {names}' if names else 'there is none'}")


async def _run(hook: Hook) -> None:
    result = hook.call()
    if inspect.isawaitable(result):
        await result
