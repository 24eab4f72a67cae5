# SPDX-License-Identifier: MIT
"""Answers the requests of one cord.

A cord's function gets the chute and at most one argument, the JSON body. Where that argument is a
pydantic model, the body is checked: 400 with the platform's text when it does not fit. An empty
body means "all defaults".
"""

from __future__ import annotations

import asyncio
import logging
import typing
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import ValidationError

from chutes_run.local.calls import Calls
from chutes_run.local.forward import Upstream

if typing.TYPE_CHECKING:
    from chutes.chute import Chute, Cord

CALL_LIMIT_S = 1800  # the platform's limit for one call
CLIENT_CLOSED_REQUEST = 499
EVENT_STREAM = "text/event-stream"

log = logging.getLogger("chutes")


class Answer:
    def __init__(self, app: Chute, cord: Cord, calls: Calls) -> None:
        self._app = app
        self._cord = cord
        self._calls = calls

    async def __call__(self, request: Request, body: Any) -> Response:
        if self._cord.passthrough:
            upstream = Upstream(self._app, self._cord, body, dict(request.query_params))
            if self._cord.stream:
                return await self._stream(request, upstream.lines(), lambda: upstream.content_type)
            return JSONResponse(await self._wait(request, upstream.value()))
        function = self._cord.function
        assert function, "a cord is registered by decorating a function"
        arguments = [self._app, *self._arguments(body)]
        if self._cord.stream:
            items = self._calls.stream(function, *arguments)
            return await self._stream(request, items, lambda: self._cord.output_content_type)
        result = await self._wait(request, self._calls.call(function, *arguments))
        return result if isinstance(result, Response) else JSONResponse(jsonable_encoder(result))

    def _arguments(self, body: Any) -> list[Any]:
        model = self._cord.input_model
        if model is None:
            return [body] if body else []
        try:
            return [model.model_validate(body or {})]
        except ValidationError:
            raise HTTPException(400, "Invalid input parameters") from None

    async def _wait(self, request: Request, work: Awaitable[Any]) -> Any:
        """Its result, unless the client goes or the time is over: then it is cancelled."""
        call = asyncio.ensure_future(work)
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
            return call.result()
        if gone in done:
            raise HTTPException(CLIENT_CLOSED_REQUEST, "Client disconnected")
        raise TimeoutError(f"'{self._cord.name}' took more than {CALL_LIMIT_S} seconds")

    async def _stream(
        self,
        request: Request,
        items: AsyncGenerator[Any, None],
        content_type: Callable[[], str | None],
    ) -> Response:
        """Wait for the first item: until then a failure can still have its own status, and it is
        not known what a server behind the cord sends."""
        items = self._checked(items)
        try:
            first = await self._wait(request, anext(items, None))
        except HTTPException:
            raise
        except Exception as failure:
            log.error("'%s' failed before its first item", self._cord.name, exc_info=failure)
            raise HTTPException(500, "Error initializing stream") from None
        if first is None:
            log.error("'%s' ended without yielding anything", self._cord.name)
            raise HTTPException(500, "Error initializing stream")
        return StreamingResponse(
            _with_first(first, items), media_type=content_type() or EVENT_STREAM
        )

    async def _checked(self, items: AsyncGenerator[Any, None]) -> AsyncGenerator[str | bytes, None]:
        try:
            async for item in items:
                if not isinstance(item, (str, bytes)):
                    raise TypeError(
                        f"'{self._cord.name}' yielded {type(item).__name__}: a stream is made of"
                        " str and bytes"
                    )
                yield item
        finally:
            await items.aclose()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _with_first(first: Any, rest: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    try:
        yield first
        async for item in rest:
            yield item
    finally:
        await rest.aclose()
