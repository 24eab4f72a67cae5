# SPDX-License-Identifier: MIT
"""A chute of the platform's SDK: its cords answer with that SDK's own code, as deployed.

Its mode for development has routes that differ from what is deployed: of two cords at one place
only one is reached, and the query is lost. Here both are there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from chutes.chute import cord as cord_module
from fastapi import Request

from chutes_run.adapter import Adapter, Hook, Route, find_job, takes_query

SENT = ("input_schema", "output_schema", "output_content_type", "minimal_input_schema")


class PlatformChute(Adapter):
    def routes(self) -> list[Route]:
        prepare = getattr(cord_module, "init_user_code_executor", None)
        if prepare:  # the threads for the author's functions; older releases had none
            prepare(max(1, self.concurrency()))
        return [
            Route(
                cord._func.__name__,
                cord.public_api_path,
                cord._public_api_method.upper(),
                bool(cord._stream),
                takes_query(cord._func, cord._passthrough),
                cord.input_schema,
                _answer(cord),
            )
            for cord in self.app.cords
            if cord.public_api_path
        ]

    def cords(self) -> list[dict[str, Any]]:
        return [
            {
                "method": cord._method,
                "path": cord.path,
                "public_api_path": cord.public_api_path,
                "public_api_method": cord._public_api_method,
                "stream": cord._stream,
                "function": cord._func.__name__,
                **{key: getattr(cord, key) for key in SENT},
                "passthrough": cord._passthrough,
            }
            for cord in self.app.cords
        ]

    def job(self, name: str) -> tuple[Callable[..., Any], float | None]:
        job = find_job(self.app.jobs, name)
        return lambda **arguments: job._func(self.app, **arguments), job.timeout

    def hooks(self, kind: str) -> list[Hook]:
        return [_hook(registered) for registered in getattr(self.app, f"_{kind}_hooks")]


def _hook(registered: Any) -> Hook:
    """Older releases had no priorities."""
    priority, wrapper = registered if isinstance(registered, tuple) else (0, registered)
    return Hook(priority, _name(wrapper), wrapper)


def _name(wrapper: Callable[..., Any]) -> str:
    """Of the author's function inside of what the SDK has registered."""
    return inspect.getclosurevars(wrapper).nonlocals.get("func", wrapper).__name__


def _answer(cord: Any) -> Callable[[Request, Any], Any]:
    async def answer(request: Request, body: Any) -> Any:
        if cord._passthrough and request.query_params:
            body = {"json": body, "params": dict(request.query_params)}
        request.state.serialized = False
        request.state.decrypted = body
        return await cord._request_handler(request)

    return answer
