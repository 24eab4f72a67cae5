# SPDX-License-Identifier: MIT
"""Cords: one function of a chute behind one route and method, as its decorator describes it."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable
from typing import Any

from chutes.chute import schema
from chutes.exception import DuplicatePath, InvalidPath

if typing.TYPE_CHECKING:
    from chutes.chute.base import Chute

PATH = re.compile(r"(/[a-z0-9_][a-z0-9_-]*)+")


class Cord:
    """A decorator that keeps the function and its settings."""

    def __init__(
        self,
        app: Chute,
        stream: bool = False,
        path: str | None = None,
        passthrough_path: str | None = None,
        passthrough: bool = False,
        passthrough_port: int | None = None,
        public_api_path: str | None = None,
        public_api_method: str = "POST",
        method: str = "POST",
        provision_timeout: int = 180,
        input_schema: Any = None,
        minimal_input_schema: Any = None,
        output_content_type: str | None = None,
        output_schema: Any = None,
        sglang_passthrough: bool = False,
        **session_kwargs: Any,
    ) -> None:
        self._app = app
        self.stream = stream
        self.path = self._unique(path) if path else ""
        self.passthrough = passthrough
        self._passthrough_path = _checked_path(passthrough_path) if passthrough_path else ""
        self.passthrough_port = passthrough_port
        self.public_api_path = _checked_path(public_api_path) if public_api_path else None
        self.public_api_method = public_api_method
        self.method = method
        self.provision_timeout = provision_timeout
        self.input_model = input_schema if schema.is_model(input_schema) else None
        self.input_schema = schema.of_input(input_schema)
        self.minimal_input_schema = schema.of_input(minimal_input_schema)
        self.output_content_type = output_content_type
        self.output_schema = schema.of_output(output_schema)
        self.sglang_passthrough = sglang_passthrough
        self.session_kwargs = session_kwargs
        self.function: Callable[..., Any] | None = None

    @property
    def name(self) -> str:
        return self.function.__name__ if self.function else ""

    @property
    def passthrough_path(self) -> str:
        return self._passthrough_path

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `function` and give it back: one cord may simply call another."""
        self.function = function
        self.path = self.path or self._unique(self.name)
        self._passthrough_path = self._passthrough_path or _checked_path(self.name)
        self.input_model = self.input_model or schema.model_of(function)
        given, returned = schema.of_function(function)
        self.input_schema = self.input_schema or given
        self.output_schema = self.output_schema or returned
        if not self.output_content_type and isinstance(returned, dict):
            is_object = returned.get("type") == "object"
            self.output_content_type = "application/json" if is_object else "text/plain"
        return function

    def describe(self) -> dict[str, Any]:
        """As the platform's client sends it."""
        return {
            "method": self.method,
            "path": self.path,
            "public_api_path": self.public_api_path,
            "public_api_method": self.public_api_method,
            "stream": self.stream,
            "function": self.name,
            "input_schema": self.input_schema,
            "output_schema": self.output_schema,
            "output_content_type": self.output_content_type,
            "minimal_input_schema": self.minimal_input_schema,
            "passthrough": self.passthrough,
        }

    def _unique(self, path: str) -> str:
        path = _checked_path(path)
        if any(cord.path == path for cord in self._app.cords):
            raise DuplicatePath(path)
        return path


def _checked_path(path: str) -> str:
    path = "/" + path.strip("/")
    if not PATH.fullmatch(path):
        raise InvalidPath(path)
    return path
