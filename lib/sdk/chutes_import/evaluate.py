# SPDX-License-Identifier: MIT
"""The value of an expression, as far as it can be told without running anything."""

from __future__ import annotations

import ast
import operator
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chutes_import import surface
from chutes_import.values import FileText, Foreign, Instance, Model, Sdk, Unknown

LONGEST = 1 << 20  # of a value that is computed here, in characters or items

# Methods of plain values that do nothing but compute.
PURE_METHODS = {
    str: {"strip", "lstrip", "rstrip", "format", "join", "lower", "upper", "replace", "split",
          "title", "removeprefix", "removesuffix", "splitlines"},
    list: {"copy", "index", "count"},
    dict: {"get", "copy", "keys", "values", "items"},
}  # fmt: skip
PURE_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict,
    "tuple": tuple, "len": len, "min": min, "max": max, "sorted": sorted, "set": set, "sum": sum,
}  # fmt: skip
OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Mod: operator.mod,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.BitOr: operator.or_,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


class Evaluator:
    def __init__(self, source: str, path: Path, names: dict[str, Any]) -> None:
        self._source = source
        self._path = path
        self._names = names
        self.env_reads: list[dict[str, Any]] = []

    def unknown(self, node: ast.AST) -> Unknown:
        text = ast.get_source_segment(self._source, node) or ast.unparse(node)
        return Unknown(text[:200], getattr(node, "lineno", 0))

    def value(self, node: ast.expr) -> Any:
        method = getattr(self, "_" + type(node).__name__, None)
        if method is None:
            return self.unknown(node)
        try:
            return method(node)
        except (
            ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError,
            ValueError,
        ):  # fmt: skip
            return self.unknown(node)

    def keywords(self, call: ast.Call) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for keyword in call.keywords:
            value = self.value(keyword.value)
            if keyword.arg:
                found[keyword.arg] = value
            elif isinstance(value, dict):
                found.update({str(key): item for key, item in value.items()})
            else:
                found["**"] = self.unknown(keyword.value)
        return found

    def is_environ(self, node: ast.expr) -> bool:
        """Is it `os.environ`, by whatever name? Looks at names only."""
        inner = node
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        return isinstance(inner, ast.Name) and self.value(node) == Foreign("os.environ")

    # --- plain

    def _Constant(self, node: ast.Constant) -> Any:
        if node.value is Ellipsis or isinstance(node.value, bytes | complex):
            return self.unknown(node)
        return node.value

    def _Name(self, node: ast.Name) -> Any:
        if node.id in self._names:
            return self._names[node.id]
        return Foreign(node.id) if node.id in ("open", *PURE_FUNCTIONS) else self.unknown(node)

    def _List(self, node: ast.List) -> Any:
        return self._items(node.elts)

    def _Tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._items(node.elts))

    def _Set(self, node: ast.Set) -> Any:
        return self._items(node.elts)

    def _items(self, elements: list[ast.expr]) -> list[Any]:
        found: list[Any] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                inner = self.value(element.value)
                found.extend(inner if isinstance(inner, list | tuple) else [self.unknown(element)])
            else:
                found.append(self.value(element))
        return found

    def _Dict(self, node: ast.Dict) -> Any:
        found: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.value(item)
                if not isinstance(inner, dict):
                    return self.unknown(node)
                found.update(inner)
            else:
                found[self._plain(key)] = self.value(item)
        return found

    def _plain(self, node: ast.expr) -> Any:
        """A value with nothing unknown in it; ValueError otherwise."""
        value = self.value(node)
        if not _is_plain(value):
            raise ValueError
        return value

    def _JoinedStr(self, node: ast.JoinedStr) -> Any:
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                spec = self._plain(part.format_spec) if part.format_spec else ""
                convert = {114: repr, 115: str, 97: ascii}.get(part.conversion, lambda value: value)
                parts.append(format(convert(self._plain(part.value)), spec))
            else:
                parts.append(str(self._plain(part)))
        return _bounded("".join(parts))

    def _BinOp(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, Foreign) and isinstance(right, str):
            return self.unknown(node)
        is_joined = isinstance(node.op, ast.Add) and isinstance(left, list) and isinstance(right, list)
        if not is_joined and not (_is_plain(left) and _is_plain(right)):
            return self.unknown(node)
        if isinstance(node.op, ast.Mult) and _size(left) * _size(right) > LONGEST:
            return self.unknown(node)
        return _bounded(OPERATORS[type(node.op)](left, right))

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self._plain(node.operand)
        return {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}[
            type(node.op)
        ](value)

    def _BoolOp(self, node: ast.BoolOp) -> Any:
        is_or = isinstance(node.op, ast.Or)
        value: Any = None
        for element in node.values:
            value = self._plain(element)
            if bool(value) == is_or:
                break
        return value

    def _Compare(self, node: ast.Compare) -> Any:
        left = self._plain(node.left)
        for operation, element in zip(node.ops, node.comparators, strict=True):
            right = self._plain(element)
            if not OPERATORS[type(operation)](left, right):
                return False
            left = right
        return True

    def _IfExp(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self._plain(node.test) else node.orelse)

    def _Subscript(self, node: ast.Subscript) -> Any:
        if self.is_environ(node.value):
            name = self._plain(node.slice)
            self.env_reads.append({"name": name, "line": node.lineno, "is_required": True})
            return self.unknown(node)
        owner = self.value(node.value)
        if isinstance(owner, str | list | tuple | dict) and not isinstance(node.slice, ast.Slice):
            return owner[self._plain(node.slice)]
        return self.unknown(node)

    def _Attribute(self, node: ast.Attribute) -> Any:
        return self._attribute(self.value(node.value), node)

    def _attribute(self, owner: Any, node: ast.Attribute) -> Any:
        if isinstance(owner, Sdk):
            return Sdk(f"{owner.path}.{node.attr}")
        if isinstance(owner, Foreign):
            return Foreign(f"{owner.path}.{node.attr}")
        if isinstance(owner, Instance) and owner.kind == "pack" and node.attr == "chute":
            return owner
        if isinstance(owner, Instance) and node.attr in owner.record.get("arguments", {}):
            return owner.record["arguments"][node.attr]
        return self.unknown(node)

    # --- calls

    def _Call(self, node: ast.Call) -> Any:
        function = node.func
        if isinstance(function, ast.Attribute):
            owner = self.value(function.value)  # once: it may add a step to an image
            found = self._method(owner, function.attr, node)
            if found is not NotImplemented:
                return found
            called = self._attribute(owner, function)
        else:
            called = self.value(function)
        if isinstance(called, Sdk):
            return self._sdk_call(called, node)
        if isinstance(called, Foreign):
            return self._foreign_call(called.path, node)
        return self.unknown(node)

    def _method(self, owner: Any, method: str, node: ast.Call) -> Any:
        if isinstance(owner, Instance) and owner.kind == "Image":
            return self._image_method(owner, method, node)
        if isinstance(owner, FileText) and method in ("read", "read_text", "strip"):
            return owner
        for kind, methods in PURE_METHODS.items():
            if type(owner) is kind and method in methods and _is_plain(owner):
                args = [self._plain(arg) for arg in node.args]
                result = _bounded(getattr(owner, method)(*args, **self._plain_keywords(node)))
                return list(result) if method in ("keys", "values", "items") else result
        return NotImplemented

    def _plain_keywords(self, node: ast.Call) -> dict[str, Any]:
        found = self.keywords(node)
        if not _is_plain(found):
            raise ValueError
        return found

    def _image_method(self, image: Instance, method: str, node: ast.Call) -> Any:
        if method not in surface.IMAGE_METHODS:
            return self.unknown(node)
        arguments = surface.bind(
            surface.IMAGE_METHODS[method],
            [self.value(arg) for arg in node.args],
            self.keywords(node),
        )
        line = node.func.end_lineno or node.lineno
        image.record["steps"].append({"do": method, "arguments": arguments, "line": line})
        return image

    def _sdk_call(self, called: Sdk, node: ast.Call) -> Any:
        name = called.name
        if name not in surface.PARAMETERS:
            return self.unknown(node)
        arguments = surface.bind(
            surface.PARAMETERS[name], self._items(node.args), self.keywords(node)
        )
        record = {"call": name, "module": called.path, "arguments": arguments, "line": node.lineno}
        if name == "Image":
            return Instance("Image", {**record, "steps": []})
        if name in ("NodeSelector", "Port"):
            return Instance(name, record)
        if name == "ChutePack":
            return arguments.get("chute", self.unknown(node))
        record |= {"cords": [], "jobs": [], "hooks": []}
        return Instance("pack" if name in surface.TEMPLATES else "Chute", record)

    def _foreign_call(self, path: str, node: ast.Call) -> Any:
        if path in ("os.getenv", "os.environ.get"):
            args = [self._plain(arg) for arg in node.args]
            keywords = self._plain_keywords(node)
            default = args[1] if len(args) > 1 else keywords.get("default")
            entry = {"name": args[0], "line": node.lineno, "default": default}
            if entry not in self.env_reads:
                self.env_reads.append(entry)
            return default
        if path in ("textwrap.dedent", "inspect.cleandoc"):
            text = self._plain(node.args[0])
            return textwrap.dedent(text) if path == "textwrap.dedent" else text.strip()
        if path == "os.path.join":
            return "/".join(self._plain(arg).rstrip("/") for arg in node.args)
        if path in PURE_FUNCTIONS and "." not in path:
            return PURE_FUNCTIONS[path](
                *(self._plain(arg) for arg in node.args), **self._plain_keywords(node)
            )
        return self._file(path, node)

    def _file(self, path: str, node: ast.Call) -> Any:
        """`open("README.md").read()`, `Path("README.md").read_text()`: which file it is."""
        if path == "open" and node.args:
            name = self._plain(node.args[0])
            if isinstance(name, str) and not name.startswith("/"):
                return FileText(name)
        if path in ("pathlib.Path", "Path") and len(node.args) == 1:
            name = self._plain(node.args[0])
            return FileText(name) if not name.startswith("/") else self.unknown(node)
        return self.unknown(node)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple | set):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, bool | str | int | float)


def _size(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else abs(int(value))


def _bounded(value: Any) -> Any:
    """ValueError for what nobody means to write."""
    if hasattr(value, "__len__") and len(value) > LONGEST:
        raise ValueError
    return value


__all__ = ["Evaluator", "Model"]
