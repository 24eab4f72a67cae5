# SPDX-License-Identifier: MIT
"""Jobs: long-running functions instead of routes. They are recorded, not run, by this SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

SSH_PORT = 2202
FIRST_PORT = 8002
LAST_PORT = 65535
MIN_TIMEOUT_S = 30
MAX_TIMEOUT_S = 24 * 60 * 60


class Port(BaseModel):
    name: str = Field(pattern=r"^[a-z]+[0-9]*$")
    port: int
    proto: Literal["tcp", "udp", "http"]

    @field_validator("port")
    @classmethod
    def _in_range(cls, port: int) -> int:
        if port != SSH_PORT and not FIRST_PORT <= port <= LAST_PORT:
            raise ValueError(f"a port is {SSH_PORT} or {FIRST_PORT}..{LAST_PORT}")
        return port


class Job:
    """A decorator that keeps the function and its settings."""

    def __init__(
        self,
        app: Any,
        ports: list[Port | dict[str, Any]] | None = None,
        timeout: int | None = None,
        upload: bool = True,
        ssh: bool = False,
    ) -> None:
        if timeout is not None and not MIN_TIMEOUT_S <= timeout <= MAX_TIMEOUT_S:
            raise ValueError(f"a job's timeout is {MIN_TIMEOUT_S}..{MAX_TIMEOUT_S} seconds")
        self.app = app
        self.timeout = timeout
        self.upload = upload
        self.ssh = ssh
        self.ports = [Port.model_validate(port) for port in ports or []]
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
