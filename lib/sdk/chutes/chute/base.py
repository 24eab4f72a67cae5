# SPDX-License-Identifier: MIT
"""The application: a FastAPI application that knows its cords, jobs and hooks.

Without FastAPI it can still be described, which is all that reading a module needs.
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Callable
from typing import Any

from chutes.chute.cord import Cord
from chutes.chute.job import Job
from chutes.chute.node_selector import NodeSelector
from chutes.image import Image

try:
    from fastapi import FastAPI as Application
except ModuleNotFoundError:

    class Application:  # type: ignore[no-redef]
        def __init__(self, **kwargs: Any) -> None:
            self.title = kwargs.get("title", "FastAPI")


DEFAULT_PRIORITY = 50

Function = Callable[..., Any]
Hooks = list[tuple[int, Function]]


class Chute(Application):
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
        super().__init__(**kwargs)
        # under these names, as generated modules may change them
        self._username = username
        self._name = name
        self._uid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{username}::chute::{name}"))
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
        self.passthrough_ssl_context: ssl.SSLContext | None = None
        self.tee = tee
        self.lock_modules = lock_modules
        self.cords: list[Cord] = []
        self.jobs: list[Job] = []
        self.startup_hooks: Hooks = []
        self.shutdown_hooks: Hooks = []

    @property
    def username(self) -> str:
        return self._username

    @property
    def name(self) -> str:
        return self._name

    @property
    def uid(self) -> str:
        return self._uid

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
        return _register(self.startup_hooks, priority)

    def on_shutdown(self, priority: int = DEFAULT_PRIORITY) -> Callable[[Function], Function]:
        """Decorator: the same after the last request."""
        return _register(self.shutdown_hooks, priority)


class ChutePack:
    """What the platform's templates return: a chute with something beside it."""

    def __init__(self, chute: Chute, **beside: Any) -> None:
        self.chute = chute
        vars(self).update(beside)


def _register(hooks: Hooks, priority: int) -> Callable[[Function], Function]:
    def decorator(function: Function) -> Function:
        hooks.append((priority, function))
        return function

    return decorator
