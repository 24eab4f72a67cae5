# SPDX-License-Identifier: MIT
"""Runs a module with the SDK's public names replaced by ones that only write down their calls.

The caller has put this process where it can harm nothing: without network, on a file system that
cannot be written, with little time and memory. The audit hook here says what was tried.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from chutes_import import surface
from chutes_import.stubs import Finder, StubModule
from chutes_import.values import Instance, Model, Sdk

MODULES = (
    "chutes",
    "chutes.chute",
    "chutes.chute.base",
    "chutes.chute.cord",
    "chutes.chute.job",
    "chutes.chute.node_selector",
    "chutes.chute.template",
    "chutes.chute.template.vllm",
    "chutes.chute.template.sglang",
    "chutes.chute.template.embedding",
    "chutes.chute.template.tei",
    "chutes.chute.template.diffusion",
    "chutes.image",
    "chutes.image.standard",
    "chutes.image.standard.vllm",
    "chutes.image.standard.sglang",
    "chutes.image.standard.diffusion",
    "chutes.util",
    "chutes.util.context",
)
BLOCKED = {
    "socket.connect": "a connection",
    "socket.getaddrinfo": "a name lookup",
    "subprocess.Popen": "a process",
    "os.system": "a process",
    "os.posix_spawn": "a process",
    "os.exec": "a process",
    "os.fork": "a process",
}


class Recorder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.blocked: list[dict[str, Any]] = []
        self.doc: dict[str, Any] = {"how": "recorded", "env_reads": [], "programmatic": []}
        self.made: list[Recorded] = []

    def line(self) -> int:
        """Of the module's code that is running."""
        frame = sys._getframe()
        while frame:
            if frame.f_code.co_filename == str(self.path):
                return frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        return 0

    def watch(self, event: str, args: tuple[Any, ...]) -> None:
        what = BLOCKED.get(event)
        if event == "open" and self._is_writing(args):
            what = f"writing '{args[0]}'"
        if what:
            self.blocked.append({"what": what, "line": self.line()})
            raise PermissionError(f"{what} is not allowed while importing")

    @staticmethod
    def _is_writing(args: tuple[Any, ...]) -> bool:
        name, mode, flags = args
        if not isinstance(name, str | bytes | os.PathLike):
            return False
        is_asked = any(c in (mode or "") for c in "wax+") or (flags or 0) & (
            os.O_WRONLY | os.O_RDWR
        )
        return bool(is_asked) and os.fsdecode(name) != os.devnull

    def modules(self) -> None:
        """Register the SDK's modules, each with all public names."""
        names: dict[str, Any] = {
            name: self._constructor(name) for name in surface.PARAMETERS
        }
        names |= {name: Sdk(f"chutes.image.standard.{name}") for name in surface.STANDARD_IMAGES}
        names |= {"is_remote": lambda: False, "is_local": lambda: True}
        for path in MODULES:
            module = ModuleType(path)
            module.__path__ = []  # type: ignore[attr-defined]
            vars(module).update(names)
            sys.modules[path] = module
            parent, _, last = path.rpartition(".")
            if parent:
                setattr(sys.modules[parent], last, module)

    def _constructor(self, name: str) -> Any:
        if name == "ChutePack":
            return lambda *args, **keywords: surface.bind(["chute"], list(args), keywords)["chute"]
        recorder = self

        def __init__(self: Recorded, *args: Any, **keywords: Any) -> None:
            arguments = surface.bind(surface.PARAMETERS[name], list(args), keywords)
            Recorded.__init__(self, recorder, name, arguments)

        return type(name, (Recorded,), {"__init__": __init__})


class Recorded:
    """A Chute, an Image, a NodeSelector, a Port, or what a template made."""

    def __init__(self, recorder: Recorder, call: str, arguments: dict[str, Any]) -> None:
        record: dict[str, Any] = {"call": call, "arguments": arguments, "line": recorder.line()}
        kind = "pack" if call in surface.TEMPLATES else call
        if call == "Image":
            record["steps"] = []
        elif kind in ("Chute", "pack"):
            record |= {"cords": [], "jobs": [], "hooks": []}
        self.__dict__.update(_recorder=recorder, _instance=Instance(kind, record))
        recorder.made.append(self)

    def __getattr__(self, name: str) -> Any:
        instance: Instance = self.__dict__["_instance"]
        if instance.kind == "pack" and name == "chute":
            return self
        if instance.kind == "Image" and name in surface.IMAGE_METHODS:
            return lambda *args, **keywords: self._step(name, args, keywords)
        if instance.kind in ("Chute", "pack") and name in surface.DECORATORS:
            return lambda *args, **keywords: self._decorator(name, args, keywords)
        if name in instance.record["arguments"]:
            return instance.record["arguments"][name]
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **keywords: self._other(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._other(name)

    def _other(self, name: str) -> None:
        recorder: Recorder = self.__dict__["_recorder"]
        what = f"'{self._instance.kind}.{name}' is used"
        recorder.doc["programmatic"].append({"what": what, "line": recorder.line()})

    def _step(self, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Recorded:
        arguments = surface.bind(surface.IMAGE_METHODS[name], list(args), keywords)
        step = {"do": name, "arguments": arguments, "line": self._recorder.line()}
        self._instance.record["steps"].append(step)
        return self

    def _decorator(
        self, kind: str, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Callable[[Any], Any]:
        arguments = surface.bind(surface.DECORATORS[kind], list(args), keywords)

        def register(function: Any) -> Any:
            name = getattr(function, "__name__", "<unnamed>")
            code = getattr(function, "__code__", None)
            entry = {
                "function": name,
                "line": code.co_firstlineno if code else self._recorder.line(),
                "arguments": arguments,
            }
            if kind.startswith("on_"):
                entry["on"] = kind.removeprefix("on_")
                self._instance.record["hooks"].append(entry)
                return function
            entry["is_async"] = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(
                function
            )
            entry["is_generator"] = inspect.isgeneratorfunction(
                function
            ) or inspect.isasyncgenfunction(function)
            self._instance.record["jobs" if kind == "job" else "cords"].append(entry)
            return function

        return register


def _plain(value: Any) -> Any:
    """Recorded objects and classes of the module as values."""
    if isinstance(value, Recorded):
        instance = value._instance
        return Instance(instance.kind, _plain(instance.record))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, type):
        return Model(value.__name__)
    return value


def _roots(path: Path) -> set[str]:
    """The packages that the file and the modules beside it name."""
    roots: set[str] = {"fastapi", "pydantic"}
    for file in [path, *path.parent.glob("*.py")]:
        try:
            tree = ast.parse(file.read_text(encoding="utf-8-sig"))
        except (SyntaxError, UnicodeDecodeError, OSError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                roots.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                roots.add(node.module.partition(".")[0])
    return roots - {"chutes"}


def _run(path: Path) -> ModuleType:
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader, "every file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _where(error: BaseException, path: Path) -> int:
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return lines[-1] or 0 if lines else 0


def record(path: Path) -> dict[str, Any]:
    recorder = Recorder(path)
    recorder.modules()
    finder = Finder(_roots(path))
    sys.meta_path.append(finder)
    before = dict(os.environ)
    sys.addaudithook(recorder.watch)
    try:
        module = _run(path)
    except BaseException as error:  # whatever it is, it is the module's
        what = f"{type(error).__name__}: {error}"[:500]
        name = error.args[0] if isinstance(error, KeyError) and error.args else None
        is_variable = isinstance(name, str) and name.isupper() and name not in before
        return {
            "error": what,
            "line": _where(error, path),
            "variable": name if is_variable else None,
            "blocked": recorder.blocked,
        }
    env = [
        {"name": name, "value": value, "line": 0}
        for name, value in os.environ.items()
        if before.get(name) != value
    ]
    chutes = []
    for name, value in vars(module).items():
        if isinstance(value, Recorded) and value._instance.kind in ("Chute", "pack"):
            record_of = _plain(value._instance.record)
            if all(record_of != {k: v for k, v in c.items() if k != "object"} for c in chutes):
                chutes.append({"object": name, **record_of})
    stubs = [name for name in finder.used if isinstance(sys.modules.get(name), StubModule)]
    return {
        **recorder.doc,
        "chutes": chutes,
        "env": env,
        "stubs": stubs,
        "blocked": recorder.blocked,
    }
