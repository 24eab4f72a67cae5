# SPDX-License-Identifier: MIT
"""What a name can stand for beside plain values, and how all of it is said in JSON."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass
class Unknown:
    """More than can be known without running the module."""

    source: str
    line: int


@dataclasses.dataclass
class Sdk:
    """A name of the SDK: "chutes.image.Image"."""

    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]


@dataclasses.dataclass
class Foreign:
    """A name of any other module, or a function."""

    path: str


@dataclasses.dataclass
class Model:
    """A class of the module."""

    name: str
    line: int = 0


@dataclasses.dataclass
class FileText:
    """The text of a file beside the module."""

    path: str


@dataclasses.dataclass
class Instance:
    """An object that the SDK made: "Chute", "pack", "Image", "NodeSelector", "Port"."""

    kind: str
    record: dict[str, Any]
    name: str = ""


def to_json(value: Any) -> Any:
    """Plain JSON; what is none of it becomes an object with one key that starts with `$`."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else {"$unknown": repr(value)}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return [to_json(item) for item in sorted(value, key=str)]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, Unknown):
        return {"$unknown": value.source, "line": value.line}
    if isinstance(value, Model):
        return {"$model": value.name}
    if isinstance(value, FileText):
        return {"$file": value.path}
    if isinstance(value, Instance):
        return {"$instance": value.kind, **to_json(value.record)}
    if isinstance(value, Sdk | Foreign):
        return {"$name": value.path}
    return {"$unknown": repr(value)[:200]}
