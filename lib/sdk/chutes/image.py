# SPDX-License-Identifier: MIT
"""The image of a chute as its module describes it: recorded, because the spec is what builds it."""

from __future__ import annotations

import json
from typing import Any

DEFAULT_BASE = "parachutes/python:3.12"


class Image:
    """`str(image)` is what was recorded, as a Dockerfile."""

    def __init__(self, username: str, name: str, tag: str, readme: str = "") -> None:
        self.username = username
        self.name = name
        self.tag = tag
        self.readme = readme
        self.base = DEFAULT_BASE
        self.entrypoint: str | None = None
        self.instructions: list[str] = []

    def __str__(self) -> str:
        end = [f"ENTRYPOINT {json.dumps([self.entrypoint])}"] if self.entrypoint else []
        return "\n".join([f"FROM {self.base}", *self.instructions, *end])

    def from_base(self, base_image: str) -> Image:
        self.base = base_image
        return self

    def with_maintainer(self, maintainer: str) -> Image:
        return self._add(f"MAINTAINER {maintainer}")

    def with_python(self, version: str = "3.10.15") -> Image:
        return self._add(f"# Python {version}")

    def with_env(self, key: str, value: str) -> Image:
        return self._add(f"ENV {key}={value}")

    def with_entrypoint(self, entrypoint: str) -> Image:
        self.entrypoint = entrypoint
        return self

    def set_user(self, user: str) -> Image:
        return self._add(f"USER {user}")

    def set_workdir(self, directory: str) -> Image:
        return self._add(f"WORKDIR {directory}")

    def apt_install(self, package: str | list[str]) -> Image:
        return self._add(f"RUN apt-get -y install {_words(package)}")

    def apt_remove(self, package: str | list[str]) -> Image:
        return self._add(f"RUN apt-get -y remove {_words(package)}")

    def run_command(self, command: str) -> Image:
        return self._add(f"RUN {command}")

    def add(self, source: str, dest: str, **options: Any) -> Image:
        flags = "".join(f"--{name}={value} " for name, value in options.items())
        return self._add(f"ADD {flags}{source} {dest}")

    def _add(self, instruction: str) -> Image:
        self.instructions.append(instruction)
        return self


def _words(package: str | list[str]) -> str:
    return package if isinstance(package, str) else " ".join(package)
