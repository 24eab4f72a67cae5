# SPDX-License-Identifier: MIT
"""The cords of a chute as routes of its application, at their public paths."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, HTTPException, Request

from chutes_run.adapter import Route
from chutes_run.query import input_of_query

METHODS_WITH_BODY = ("POST", "PUT", "PATCH")


def add_routes(app: FastAPI, routes: list[Route]) -> None:
    app.add_api_route("/_ping", _ready, methods=["GET"], include_in_schema=False)
    app.add_api_route("/_ping", _echo, methods=["POST"], include_in_schema=False)
    places: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        places.setdefault((route.path, route.method), []).append(route)
    for (path, method), members in places.items():
        app.add_api_route(
            path, _endpoint(members), methods=[method], name=members[0].name, response_model=None
        )


def _endpoint(members: list[Route]) -> Any:
    async def answer(request: Request) -> Any:
        body = await _read_body(request)
        route = _choose(members, body, request)
        if request.method not in METHODS_WITH_BODY and request.query_params and route.takes_query:
            body = input_of_query(request.query_params.multi_items(), route.schema)
        return await route.answer(request, body)

    return answer


def _choose(members: list[Route], body: Any, request: Request) -> Route:
    """Cords at the same place are told apart by the `stream` flag of the body or the query."""
    flag = body.get("stream") if isinstance(body, dict) else None
    if flag is None:
        flag = request.query_params.get("stream", "").lower() in ("1", "true")
    for route in members:
        if route.is_stream == bool(flag):
            return route
    return members[0]


async def _read_body(request: Request) -> Any:
    """The body as JSON; None where there is none."""
    if request.method not in METHODS_WITH_BODY:
        return None
    text = await request.body()
    try:
        return json.loads(text) if text.strip() else None
    except (ValueError, RecursionError):  # not JSON, not UTF-8; nested too deeply
        raise HTTPException(400, "Invalid input parameters") from None


async def _ready() -> dict[str, bool]:
    return {"ready": True}


async def _echo(request: Request) -> Any:
    return await _read_body(request)
