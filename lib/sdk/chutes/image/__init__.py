# SPDX-License-Identifier: MIT
"""The image of a chute as its module describes it: recorded, because the spec is what builds it."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, NamedTuple

from chutes.image.python import steps_of_python

DEFAULT_BASE = "parachutes/python:3.12"
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*", re.IGNORECASE)
PACKAGE = re.compile(r"[a-zA-Z0-9_:*-]+")
REFERENCE = re.compile(
    r"(([a-z0-9.-]+)(:[0-9]+)?/)?[a-z0-9._-]+(/[a-z0-9._-]+)*(:[\w.-]+)?(@sha256:[a-f0-9]{64})?",
    re.IGNORECASE,
)
CHECKSUM = re.compile(r"sha(256|384|512):[a-f0-9]+")
OWNER = re.compile(r"([a-z_][a-z0-9_-]{0,31}|\d+)(:([a-z_][a-z0-9_-]{0,31}|\d+))?", re.IGNORECASE)
MODE = re.compile(r"[0-7]{3}")
VARIABLE = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)


class Step(NamedTuple):
    """One call, as the module made it; what it means in a Dockerfile."""

    call: str  # "run_command"
    arguments: dict[str, Any]
    lines: list[str]


class Image:
    """`str(image)` is what was recorded, as a Dockerfile."""

    def __init__(self, username: str, name: str, tag: str, readme: str = "") -> None:
        self.username = username
        self.name = _checked(NAME, "name of an image", name)
        self.tag = _checked(NAME, "tag of an image", tag)
        self.readme = readme
        self.uid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{username}/{name}:{tag}".lower()))
        self.base = DEFAULT_BASE
        self.steps: list[Step] = []
        self._workdir = "/root"

    def __str__(self) -> str:
        lines = [line for step in self.steps for line in step.lines]
        return "\n".join([f"FROM {self.base}", *lines])

    def from_base(self, base_image: str) -> Image:
        self.base = _checked(REFERENCE, "reference of an image", base_image)
        return self

    def with_maintainer(self, maintainer: str) -> Image:
        return self._add("with_maintainer", f"MAINTAINER {maintainer}", maintainer=maintainer)

    def with_python(self, version: str = "3.10.15") -> Image:
        lines = steps_of_python(version, self._workdir)
        return self._add("with_python", *lines, version=version)

    def with_env(self, key: str, value: str) -> Image:
        _checked(VARIABLE, "name of a variable", key)
        return self._add("with_env", f"ENV {key}={value}", key=key, value=value)

    def with_entrypoint(self, entrypoint: str | list[str]) -> Image:
        """The last one counts."""
        self.steps = [step for step in self.steps if step.call != "with_entrypoint"]
        words = [entrypoint] if isinstance(entrypoint, str) else entrypoint
        line = f"ENTRYPOINT {json.dumps(words)}"
        return self._add("with_entrypoint", line, entrypoint=words)

    def set_user(self, user: str) -> Image:
        return self._add("set_user", f"USER {user}", user=user)

    def set_workdir(self, directory: str) -> Image:
        self._workdir = directory
        return self._add("set_workdir", f"WORKDIR {directory}", directory=directory)

    def apt_install(self, package: str | list[str]) -> Image:
        return self._apt("install", package)

    def apt_remove(self, package: str | list[str]) -> Image:
        return self._apt("remove", package)

    def run_command(self, command: str) -> Image:
        return self._add("run_command", f"RUN {command}", command=command)

    def add(
        self,
        source: str,
        dest: str,
        keep_git_dir: bool = False,
        checksum: str | None = None,
        chown: str | None = None,
        chmod: str | None = None,
        exclude: list[str] | None = None,
        build_dir: str | None = None,
    ) -> Image:
        """No file is looked at: who builds knows what is there."""
        is_url = "://" in source
        for pattern, what, text in (
            (CHECKSUM, "checksum", checksum if is_url else None),
            (OWNER, "owner of files", chown),
            (MODE, "mode of files", chmod),
        ):
            if text:
                _checked(pattern, what, text)
        flags = {
            "keep-git-dir": "true" if is_url and keep_git_dir else None,
            "checksum": checksum if is_url else None,
            "chown": chown,
            "chmod": chmod,
        }
        words = [f"--{name}={value}" for name, value in flags.items() if value]
        options = {
            "keep_git_dir": keep_git_dir or None,
            "checksum": checksum,
            "chown": chown,
            "chmod": chmod,
            "exclude": exclude,
            "build_dir": build_dir,
        }
        given = {name: value for name, value in options.items() if value is not None}
        line = " ".join(["ADD", *words, source, dest])
        return self._add("add", line, source=source, dest=dest, **given)

    def _apt(self, verb: str, package: str | list[str]) -> Image:
        packages = [package] if isinstance(package, str) else list(package)
        for name in packages:
            _checked(PACKAGE, "package", name)
        line = f"RUN apt-get -y {verb} {' '.join(packages)}"
        return self._add(f"apt_{verb}", line, package=packages)

    def _add(self, call: str, *lines: str, **arguments: Any) -> Image:
        self.steps.append(Step(call, arguments, list(lines)))
        return self


def _checked(pattern: re.Pattern[str], what: str, text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"'{text}' is no {what}")
    return text
