# SPDX-License-Identifier: MIT
"""Passthrough cords: the body goes as JSON to a server inside the container, its reply comes back.

Runs in a cord's thread, so it is plain blocking code. Headers of the client are not forwarded.
"""

from __future__ import annotations

import http.client
import json
import typing
from collections.abc import Iterator
from typing import Any

from fastapi import HTTPException, Response

if typing.TYPE_CHECKING:
    from chutes.chute.base import Chute
    from chutes.chute.cord import Cord

DEFAULT_PORT = 8000
TOTAL_LIMIT_S = 1800
READ_SIZE = 64 * 1024


class Upstream:
    def __init__(self, app: Chute, cord: Cord) -> None:
        self._headers = {"Content-Type": "application/json", **app.passthrough_headers}
        self._method = cord.method
        self._path = cord.passthrough_path
        self._port = cord.passthrough_port or DEFAULT_PORT
        self._timeout = cord.session_kwargs.get("timeout", TOTAL_LIMIT_S)

    def call(self, body: Any) -> Response:
        """One JSON reply."""
        connection = self._connection()
        try:
            reply = self._reply(connection, body)
            return Response(json.dumps(json.loads(reply.read())), media_type="application/json")
        finally:
            connection.close()

    def stream(self, body: Any) -> Iterator[bytes]:
        """The reply's bytes as they arrive."""
        connection = self._connection()
        try:
            reply = self._reply(connection, body)
            while data := reply.read1(READ_SIZE):
                yield data
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout)

    def _reply(self, connection: http.client.HTTPConnection, body: Any) -> http.client.HTTPResponse:
        data = json.dumps(body) if body else None
        connection.request(self._method, self._path, body=data, headers=self._headers)
        reply = connection.getresponse()
        if not 200 <= reply.status < 300:
            raise HTTPException(reply.status, _detail(reply.read()))
        return reply


def _detail(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")
