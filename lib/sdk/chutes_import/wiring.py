# SPDX-License-Identifier: MIT
"""The file of the author without what registers it: decorators, the constructor, the image.

Everything else stays byte for byte, so that it can be the `handlers.file` of a spec.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from chutes_import import surface
from chutes_import.read import Reader
from chutes_import.values import Instance, Sdk

WIRING = ("Chute", "Image", "NodeSelector", "Port", "pack")


class NotSeparable(Exception):
    """The wiring and the rest cannot be told apart; the text says why."""


class Wiring:
    def __init__(self, source: str, reader: Reader) -> None:
        self._lines = source.splitlines(keepends=True)
        self._reader = reader
        self._gone: set[int] = set()  # numbers of lines
        self._names: set[str] = set()  # that the removed statements bound
        self._instead: dict[int, str] = {}  # what stands where an import was

    def without(self) -> str:
        tree = self._reader.tree
        for statement in tree.body:
            self._look(statement)
        self._imports(tree)
        self._check(tree)
        return "".join(self._text())

    def _text(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, 1):
            if number in self._instead:
                yield self._instead[number]
            elif number not in self._gone:
                yield line

    def _remove(self, first: int, last: int | None) -> None:
        self._gone.update(range(first, (last or first) + 1))

    def _look(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if self._is_registration(decorator):
                    self._remove(decorator.lineno, decorator.end_lineno)
            return
        targets = _targets(node)
        if targets and all(self._is_wiring(name) for name in targets):
            self._names.update(targets)
            self._remove(node.lineno, node.end_lineno)
        elif isinstance(node, ast.Expr) and self._is_wiring(_root(node.value)):
            self._remove(node.lineno, node.end_lineno)

    def _is_wiring(self, name: str | None) -> bool:
        value = self._reader.names.get(name) if name else None
        return isinstance(value, Instance) and value.kind in WIRING

    def _is_registration(self, decorator: ast.expr) -> bool:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        return (
            isinstance(function, ast.Attribute)
            and function.attr in surface.DECORATORS
            and self._is_wiring(_root(function))
        )

    def _remaining(self, tree: ast.Module) -> Iterator[ast.Name]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.lineno not in self._gone:
                yield node

    def _imports(self, tree: ast.Module) -> None:
        """Imports of the SDK that nothing needs any more."""
        used = {node.id for node in self._remaining(tree)}
        for node in tree.body:
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
            if not all(isinstance(self._reader.names.get(name), Sdk) for name in names):
                continue
            kept = [alias for alias, name in zip(node.names, names, strict=True) if name in used]
            if len(kept) == len(node.names):
                continue
            self._remove(node.lineno, node.end_lineno)
            if kept and isinstance(node, ast.ImportFrom):
                left = ast.ImportFrom(node.module, kept, node.level)
                self._instead[node.lineno] = ast.unparse(left) + "\n"

    def _check(self, tree: ast.Module) -> None:
        for node in self._remaining(tree):
            if node.id in self._names:
                raise NotSeparable(f"line {node.lineno} uses '{node.id}'")
        for node in tree.body:
            if node.lineno not in self._gone and node.end_lineno in self._gone:
                raise NotSeparable(f"line {node.end_lineno} has more than one statement")
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and node.lineno in self._gone:
                if not self._is_gone_with(node):
                    raise NotSeparable(f"line {node.lineno} has more than one statement")

    def _is_gone_with(self, node: ast.stmt) -> bool:
        return all(n in self._gone for n in range(node.lineno, (node.end_lineno or 0) + 1))


def _targets(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _root(node: ast.expr) -> str | None:
    """The name at the bottom of `name.method(...).method(...)`."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def separate(source: str, reader: Reader) -> dict[str, Any]:
    """`text`: the file without wiring; or `why_not`."""
    try:
        text = Wiring(source, reader).without()
        ast.parse(text)
    except NotSeparable as reason:
        return {"why_not": str(reason)}
    except SyntaxError as error:
        return {"why_not": f"line {error.lineno} means nothing without it"}
    return {"text": text}
