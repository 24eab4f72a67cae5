# SPDX-License-Identifier: MIT
"""Jobs: long-running functions instead of routes."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable
from typing import Any

if typing.TYPE_CHECKING:
    from chutes.chute.base import Chute

SSH_PORT = 2202
FIRST_PORT = 8002
LAST_PORT = 65535
PROTOCOLS = ("tcp", "udp", "http")
PORT_NAME = re.compile(r"[a-z]+[0-9]*")
MIN_TIMEOUT_S = 30
MAX_TIMEOUT_S = 24 * 60 * 60


class Port:
    def __init__(self, name: str, port: int, proto: str) -> None:
        if not PORT_NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no name of a port: letters, then digits")
        if port != SSH_PORT and not FIRST_PORT <= port <= LAST_PORT:
            raise ValueError(f"a port is {SSH_PORT} or {FIRST_PORT}..{LAST_PORT}, not {port}")
        if proto not in PROTOCOLS:
            raise ValueError(f"a port's proto is one of {', '.join(PROTOCOLS)}, not '{proto}'")
        self.name = name
        self.port = port
        self.proto = proto

    def model_dump(self) -> dict[str, Any]:
        return dict(vars(self))


class Job:
    """A decorator that keeps the function and its settings."""

    def __init__(
        self,
        app: Chute,
        ports: list[Port | dict[str, Any]] | None = None,
        timeout: int | None = None,
        upload: bool = True,
        ssh: bool = False,
    ) -> None:
        if timeout is not None and not MIN_TIMEOUT_S <= timeout <= MAX_TIMEOUT_S:
            raise ValueError(f"a job's timeout is {MIN_TIMEOUT_S}..{MAX_TIMEOUT_S} seconds")
        self.app = app
        self.timeout = timeout
        self.upload = bool(upload)
        self.ssh = ssh
        self.ports = [Port(**port) if isinstance(port, dict) else port for port in ports or []]
        if ssh:
            self.ports.append(Port(name="ssh", port=SSH_PORT, proto="tcp"))
        if len({port.port for port in self.ports}) != len(self.ports):
            raise ValueError("two ports of a job are equal")
        self.function: Callable[..., Any] | None = None
        self.name = ""

    def __call__(self, function: Callable[..., Any]) -> Job:
        self.function = function
        self.name = function.__name__
        return self
