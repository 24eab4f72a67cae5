# SPDX-License-Identifier: MIT
"""Passthrough cords: the body goes as JSON to a server inside the container, its reply comes back.

Headers of the client are not forwarded, only the chute's own. Cancelling closes the connection; an
SGLang engine is told besides.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
import typing
import uuid
from collections.abc import AsyncGenerator, Awaitable
from typing import Any
from urllib.parse import urlencode

from fastapi import HTTPException

from chutes_run.local.http import Exchange, connect

if typing.TYPE_CHECKING:
    from chutes.chute import Chute, Cord

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
CONNECT_LIMIT_S = 5
SGLANG_CONNECT_LIMIT_S = 30
TOTAL_LIMIT_S = 1800
ABORT_LIMIT_S = 15

log = logging.getLogger("chutes")

_aborts: set[asyncio.Task[None]] = set()  # which would otherwise be collected


class Upstream:
    """One request to the server behind a cord."""

    def __init__(self, app: Chute, cord: Cord, body: Any, query: dict[str, str]) -> None:
        self._port = cord.passthrough_port or DEFAULT_PORT
        self._tls = app.passthrough_ssl_context
        self._headers = {"Host": f"{HOST}:{self._port}", **app.passthrough_headers}
        self._method = cord.method
        self._path = cord.passthrough_path + (f"?{urlencode(query)}" if query else "")
        self._body = body
        self._request_id: str | None = None
        self.content_type: str | None = None  # of the reply, once it begins
        self._connect_limit_s: float = CONNECT_LIMIT_S
        self._limit_s: float | None = cord.session_kwargs.get("timeout", TOTAL_LIMIT_S)
        if cord.sglang_passthrough:
            self._connect_limit_s, self._limit_s = SGLANG_CONNECT_LIMIT_S, None
            if isinstance(body, dict):
                self._request_id = body.get("rid", uuid.uuid4().hex)
                self._body = {**body, "rid": self._request_id}

    async def value(self) -> Any:
        """A reply of JSON."""
        return json.loads(b"".join([part async for part in self._parts()]))

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """The lines of the reply, each as soon as it is whole."""
        rest = b""
        async with contextlib.aclosing(self._parts()) as parts:
            async for part in parts:
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    yield line + b"\n"
        if rest:
            yield rest

    async def _parts(self) -> AsyncGenerator[bytes, None]:
        """The reply's bytes as they arrive; HTTPException with the status of one that failed."""
        within = _Deadline(self._limit_s).within
        try:
            async with self._connect() as exchange:
                await within(self._send(exchange))
                status = await within(exchange.status())
                if not 200 <= status < 300:
                    raise HTTPException(status, await within(_detail(exchange)))
                self.content_type = exchange.content_type
                while data := await within(exchange.data()):
                    yield data
        except (asyncio.CancelledError, GeneratorExit):
            self._abort()
            raise

    def _connect(self) -> contextlib.AbstractAsyncContextManager[Exchange]:
        return connect(HOST, self._port, self._tls, self._connect_limit_s)

    async def _send(self, exchange: Exchange) -> None:
        data = json.dumps(self._body).encode() if self._body else b""
        kind = {"Content-Type": "application/json"} if data else {}
        await exchange.send(self._method, self._path, {**kind, **self._headers}, data)

    def _abort(self) -> None:
        """Tell an SGLang engine that nobody waits, beside what is being cancelled."""
        if self._request_id:
            task = asyncio.get_running_loop().create_task(self._send_abort())
            _aborts.add(task)
            task.add_done_callback(_aborts.discard)

    async def _send_abort(self) -> None:
        headers = {**self._headers, "Content-Type": "application/json"}
        body = json.dumps({"rid": self._request_id}).encode()
        within = _Deadline(ABORT_LIMIT_S).within
        try:
            async with self._connect() as exchange:
                await within(exchange.send("POST", "/abort_request", headers, body))
                await within(exchange.status())
        except Exception as failure:
            log.warning("telling the engine to abort failed: %r", failure)


class _Deadline:
    """A limit for several steps together."""

    def __init__(self, limit_s: float | None) -> None:
        self._end = None if limit_s is None else time.monotonic() + limit_s

    async def within(self, step: Awaitable[Any]) -> Any:
        left = None if self._end is None else max(0.0, self._end - time.monotonic())
        return await asyncio.wait_for(step, left)


async def _detail(exchange: Exchange) -> Any:
    text = b""
    while data := await exchange.data():
        text += data
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")
