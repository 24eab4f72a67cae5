# SPDX-License-Identifier: MIT
"""The application: a FastAPI application with cords, jobs and hooks."""

from __future__ import annotations

import inspect
import logging
import uuid
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict

from chutes._calls import Calls
from chutes.chute.cord import Cord
from chutes.chute.job import Job
from chutes.chute.node_selector import NodeSelector
from chutes.image import Image

DEFAULT_PRIORITY = 50

Function = Callable[..., Any]
Hooks = list[tuple[int, Function]]

log = logging.getLogger("chutes")


class Chute(FastAPI):
    """`kwargs` are FastAPI's own arguments."""

    def __init__(
        self,
        username: str,
        name: str,
        image: str | Image,
        tagline: str = "",
        readme: str = "",
        standard_template: str | None = None,
        revision: str | None = None,
        node_selector: NodeSelector | None = None,
        concurrency: int = 1,
        max_instances: int = 1,
        shutdown_after_seconds: int = 300,
        scaling_threshold: float = 0.75,
        allow_external_egress: bool = False,
        encrypted_fs: bool = False,
        passthrough_headers: dict[str, str] | None = None,
        tee: bool = False,
        lock_modules: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"title": name, **kwargs})
        self.username = username
        self.name = name
        self.uid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{username}::chute::{name}"))
        self.image = image
        self.tagline = tagline
        self.readme = readme
        self.standard_template = standard_template
        self.revision = revision
        self.node_selector = node_selector
        self.concurrency = concurrency
        self.max_instances = max_instances
        self.shutdown_after_seconds = shutdown_after_seconds
        self.scaling_threshold = scaling_threshold
        self.allow_external_egress = allow_external_egress
        self.encrypted_fs = encrypted_fs
        self.passthrough_headers = passthrough_headers or {}
        self.tee = tee
        self.lock_modules = lock_modules
        self.cords: list[Cord] = []
        self.jobs: list[Job] = []
        self.calls = Calls(concurrency)
        self._startup_hooks: Hooks = []
        self._shutdown_hooks: Hooks = []

    def cord(self, **kwargs: Any) -> Cord:
        """Decorator: serve a function. Arguments as in `Cord`."""
        cord = Cord(self, **kwargs)
        self.cords.append(cord)
        return cord

    def job(self, **kwargs: Any) -> Job:
        """Decorator: record a function as a job. Arguments as in `Job`."""
        job = Job(self, **kwargs)
        self.jobs.append(job)
        return job

    def on_startup(self, priority: int = DEFAULT_PRIORITY) -> Callable[[Function], Function]:
        """Decorator: run before traffic, lower priorities first, with the chute as argument."""
        return _register(self._startup_hooks, priority)

    def on_shutdown(self, priority: int = DEFAULT_PRIORITY) -> Callable[[Function], Function]:
        """Decorator: the same after the last request."""
        return _register(self._shutdown_hooks, priority)

    async def initialize(self) -> None:
        """Run the startup hooks, then open the public routes. A failing hook ends it."""
        for hook in _in_order(self._startup_hooks):
            await self._run_hook(hook)
        self.add_api_route("/_ping", _ready, methods=["GET"], include_in_schema=False)
        self.add_api_route("/_ping", _echo, methods=["POST"], include_in_schema=False)
        for cord in self.cords:
            if cord.public_api_path is None:
                continue
            self.add_api_route(
                cord.public_api_path,
                cord.handle,
                methods=[cord.public_api_method],
                name=cord.name,
                response_model=None,
            )

    async def finalize(self) -> bool:
        """Run all shutdown hooks, the rest even after a failure; false when one failed."""
        is_clean = True
        for hook in _in_order(self._shutdown_hooks):
            try:
                await self._run_hook(hook)
            except Exception as failure:
                log.error("shutdown hook '%s' failed", hook.__name__, exc_info=failure)
                is_clean = False
        return is_clean

    async def _run_hook(self, hook: Function) -> None:
        result = hook(self)
        if inspect.isawaitable(result):
            await result


class ChutePack(BaseModel):
    """What the platform's templates return: a chute with something beside it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chute: Chute


def _register(hooks: Hooks, priority: int) -> Callable[[Function], Function]:
    def decorator(function: Function) -> Function:
        hooks.append((priority, function))
        return function

    return decorator


def _in_order(hooks: Hooks) -> list[Function]:
    return [function for _, function in sorted(hooks, key=lambda hook: hook[0])]


async def _ready() -> dict[str, bool]:
    return {"ready": True}


async def _echo(request: Request) -> Any:
    return await request.json()
