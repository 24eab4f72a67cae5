# SPDX-License-Identifier: MIT
"""Cords: one function of a chute behind one route and method.

A cord's function gets the chute and at most one argument, the JSON body. Where that argument is a
pydantic model, the body is checked: 400 with the platform's text when it does not fit. An empty
body means "all defaults".
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import re
import typing
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ValidationError

from chutes.chute._forward import Upstream
from chutes.exception import DuplicatePath, InvalidPath

if typing.TYPE_CHECKING:
    from chutes.chute.base import Chute

CALL_LIMIT_S = 1800  # the platform's limit for one call
CLIENT_CLOSED_REQUEST = 499
EVENT_STREAM = "text/event-stream"
METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
PATH = re.compile(r"(/[a-z0-9_][a-z0-9_-]*)+")

log = logging.getLogger("chutes")


class Cord:
    """A decorator that keeps the function; serving is `handle`."""

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
        output_schema: dict[str, Any] | None = None,
        sglang_passthrough: bool = False,
        **session_kwargs: Any,
    ) -> None:
        self._app = app
        self.stream = stream
        self.path = _checked_path(path) if path else ""
        self.passthrough = passthrough
        self._passthrough_path = _checked_path(passthrough_path) if passthrough_path else ""
        self.passthrough_port = passthrough_port
        self.public_api_path = _checked_path(public_api_path) if public_api_path else None
        self.public_api_method = public_api_method.upper()
        self.method = method.upper()
        self.provision_timeout = provision_timeout
        self.input_schema = input_schema
        self.minimal_input_schema = minimal_input_schema
        self.output_content_type = output_content_type
        self.output_schema = output_schema
        self.sglang_passthrough = sglang_passthrough
        self.session_kwargs = session_kwargs
        self.function: Callable[..., Any] | None = None
        self._model: type[BaseModel] | None = None

    @property
    def name(self) -> str:
        return self.function.__name__ if self.function else ""

    @property
    def passthrough_path(self) -> str:
        return self._passthrough_path

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `function` and give it back: one cord may simply call another."""
        self.function = function
        self.path = self.path or _checked_path(self.name)
        self._passthrough_path = self._passthrough_path or _checked_path(self.name)
        if any(cord is not self and cord.path == self.path for cord in self._app.cords):
            raise DuplicatePath(self.path)
        self._model = self.input_schema if _is_model(self.input_schema) else _model_of(function)
        return function

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        body = await self._body(request)
        if self.passthrough:
            upstream = Upstream(self._app, self)
            if self.stream:
                return await self._answer_stream(upstream.stream, body)
            return await self._answer(request, upstream.call, body)
        assert self.function, "a cord is registered by decorating a function"
        arguments = self._arguments(body)
        if self.stream:
            return await self._answer_stream(self.function, self._app, *arguments)
        return await self._answer(request, self.function, self._app, *arguments)

    async def _body(self, request: Request) -> Any:
        if request.method not in METHODS_WITH_BODY:
            return None
        text = await request.body()
        try:
            return json.loads(text) if text.strip() else None
        except (ValueError, RecursionError):  # not JSON, not UTF-8; nested too deeply
            raise _invalid_input() from None

    def _arguments(self, body: Any) -> list[Any]:
        if self._model is None:
            return [body] if body else []
        try:
            return [self._model.model_validate(body or {})]
        except ValidationError:
            raise _invalid_input() from None

    async def _answer(self, request: Request, function: Callable[..., Any], *args: Any) -> Response:
        call = asyncio.ensure_future(self._app.calls.call(function, *args))
        gone = asyncio.ensure_future(_disconnected(request))
        try:
            done, _ = await asyncio.wait(
                {call, gone}, timeout=CALL_LIMIT_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            if not call.done():
                call.cancel()
        if call in done:
            result = call.result()
            if isinstance(result, Response):
                return result
            return JSONResponse(jsonable_encoder(result))
        if gone in done:
            raise HTTPException(CLIENT_CLOSED_REQUEST, "Client disconnected")
        raise TimeoutError(f"'{self.name}' took more than {CALL_LIMIT_S} seconds")

    async def _answer_stream(self, function: Callable[..., Any], *args: Any) -> Response:
        """Wait for the first item: until then a failure can still have its own status."""
        items = self._app.calls.stream(function, *args)
        try:
            first = await items.__anext__()
        except HTTPException:
            raise
        except Exception as failure:
            if isinstance(failure, StopAsyncIteration):
                log.error("'%s' ended without yielding anything", self.name)
            else:
                log.error("'%s' failed before its first item", self.name, exc_info=failure)
            raise HTTPException(500, "Error initializing stream") from None
        content_type = self.output_content_type or EVENT_STREAM
        return StreamingResponse(_with_first(first, items), media_type=content_type)


def _checked_path(path: str) -> str:
    path = "/" + path.strip("/")
    if not PATH.fullmatch(path):
        raise InvalidPath(path)
    return path


def _is_model(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseModel)


def _model_of(function: Callable[..., Any]) -> type[BaseModel] | None:
    """The model that annotates the only argument behind the chute, if one does."""
    parameters = list(inspect.signature(function).parameters)[1:]
    if len(parameters) != 1:
        return None
    try:
        hint = typing.get_type_hints(function).get(parameters[0])
    except NameError:  # an annotation that cannot be resolved at run time annotates nothing
        return None
    return hint if _is_model(hint) else None


def _invalid_input() -> HTTPException:
    return HTTPException(400, "Invalid input parameters")


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _with_first(first: Any, rest: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield first
    async for item in rest:
        yield item
