# SPDX-License-Identifier: MIT
"""One exchange of HTTP/1.1 as a client, over h11, which every web server for Python brings."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any

import h11

HEAD_LIMIT = 64 * 1024
READ_SIZE = 64 * 1024


class Exchange:
    """A request and its reply, in the order: send(), status(), data() until it is empty."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._state = h11.Connection(h11.CLIENT, HEAD_LIMIT)
        self.content_type: str | None = None  # of the reply, once its status is known

    async def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        lines = [*headers.items(), ("Content-Length", str(len(body))), ("Connection", "close")]
        request = h11.Request(method=method, target=target, headers=lines)
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            self._writer.write(self._state.send(event) or b"")
        await self._writer.drain()

    async def status(self) -> int:
        while True:
            event = await self._next()
            if isinstance(event, h11.Response):
                kind = dict(event.headers).get(b"content-type")
                self.content_type = kind.decode("latin-1") if kind else None
                return event.status_code

    async def data(self) -> bytes:
        """Some bytes of the body; none at its end."""
        while True:
            event = await self._next()
            if isinstance(event, h11.EndOfMessage):
                return b""
            if event.data:
                return bytes(event.data)

    async def _next(self) -> Any:
        while (event := self._state.next_event()) is h11.NEED_DATA:
            self._state.receive_data(await self._reader.read(READ_SIZE))
        return event


@contextlib.asynccontextmanager
async def connect(
    host: str, port: int, tls: ssl.SSLContext | None, limit_s: float
) -> AsyncIterator[Exchange]:
    opening = asyncio.open_connection(host, port, ssl=tls)
    reader, writer = await asyncio.wait_for(opening, limit_s)
    try:
        yield Exchange(reader, writer)
    finally:
        writer.close()
