# SPDX-License-Identifier: MIT
"""Packages that are not installed here: whatever is asked of one, it is there and does nothing."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from types import FunctionType, ModuleType
from typing import Any


class _Decorating(type):
    """Calling a class with a function alone gives the function: it may be a decorator."""

    def __call__(cls, *args: Any, **keywords: Any) -> Any:
        if len(args) == 1 and not keywords and isinstance(args[0], FunctionType):
            return args[0]
        return super().__call__(*args, **keywords)


class Nothing(metaclass=_Decorating):
    """A class to derive from, a function to call, a decorator, a context, an empty list."""

    _path = "?"

    def __init__(self, *args: Any, **keywords: Any) -> None:
        self.__dict__.update(keywords)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return make(f"{self._path}.{name}")()

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        is_decorating = len(args) == 1 and not keywords and callable(args[0])
        return args[0] if is_decorating else make(self._path)()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def __getitem__(self, key: Any) -> Any:
        return make(self._path)()

    def __class_getitem__(cls, key: Any) -> Any:
        return cls

    def __init_subclass__(cls, **keywords: Any) -> None:
        pass

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 0


def make(path: str) -> type[Nothing]:
    return _Decorating(path.rpartition(".")[2] or path, (Nothing,), {"_path": path})


class StubModule(ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        found = make(f"{self.__name__}.{name}")
        setattr(self, name, found)
        return found


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last. Only for packages that the file names itself: what a library looks for and does
    not find, it can do without."""

    def __init__(self, roots: set[str]) -> None:
        self._roots = roots
        self.used: list[str] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        root = name.partition(".")[0]
        is_inside_stub = isinstance(sys.modules.get(root), StubModule)
        if root not in self._roots or ("." in name and not is_inside_stub):
            return None
        if root not in self.used:
            self.used.append(root)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return StubModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass
