# SPDX-License-Identifier: MIT
"""Reads a module without running it: literals, names bound to them, calls of the SDK.

What cannot be known this way is an `Unknown`, never a guess.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chutes_import import surface
from chutes_import.evaluate import Evaluator
from chutes_import.values import Foreign, Instance, Model, Sdk, Unknown

CONTEXT_VARIABLE = "CHUTES_EXECUTION_CONTEXT"
PROCESSES = ("multiprocessing", "torch.multiprocessing", "concurrent.futures.ProcessPoolExecutor")


class Reader:
    """Walks over the statements of a module from top to bottom."""

    def __init__(self, source: str, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(source, str(path))
        self.names: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
        self.eval = Evaluator(source, path, self.names)
        self.doc: dict[str, Any] = {
            "how": "read",
            "chutes": [],
            "env": [],
            "env_reads": self.eval.env_reads,
            "remote_only": [],
            "programmatic": [],
            "imports_sdk": False,
            "siblings": [],
            "spawns": [],
        }

    def read(self) -> dict[str, Any]:
        for statement in self.tree.body:
            self._statement(statement)
        self.doc["chutes"] = self._chutes()
        self.doc["siblings"] = self._siblings()
        return self.doc

    def _chutes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for name, value in self.names.items():
            if not isinstance(value, Instance) or value.kind not in ("Chute", "pack"):
                continue
            if all(value.record is not other["record"] for other in found):
                found.append({"object": name, "record": value.record})
        return [{"object": entry["object"], **entry["record"]} for entry in found]

    def _siblings(self) -> list[str]:
        """Modules beside the file that it imports."""
        modules = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                modules.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
        folder = self.path.parent
        return sorted(
            name
            for name in modules
            if name != self.path.stem
            and (os.path.isfile(folder / f"{name}.py") or os.path.isdir(folder / name))
        )

    # --- statements

    def _statement(self, node: ast.stmt) -> None:
        method = getattr(self, "_" + type(node).__name__, None)
        if method:
            method(node)
        elif isinstance(node, ast.For | ast.While | ast.With | ast.AsyncFor | ast.AsyncWith):
            self._blur(node, "a loop or block")

    def _blur(self, node: ast.stmt, what: str) -> None:
        """Names bound in here are unknown; the SDK used in here is more than can be read."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                self.names[inner.id] = Unknown(inner.id, inner.lineno)
            elif isinstance(inner, ast.Name) and self._is_chute(inner):
                self._programmatic(inner, f"{what} that uses '{inner.id}'")
            elif isinstance(inner, ast.Name):
                self._may_change(inner)

    def _may_change(self, node: ast.expr) -> None:
        """Somebody has the object in hand: what was known of it may be true no more."""
        if isinstance(node, ast.Name) and isinstance(self.names.get(node.id), list | dict | set):
            self.names[node.id] = Unknown(node.id, node.lineno)

    def _is_chute(self, node: ast.expr) -> bool:
        value = self.names.get(node.id) if isinstance(node, ast.Name) else None
        return isinstance(value, Instance) and value.kind in ("Chute", "pack")

    def _programmatic(self, node: ast.AST, what: str) -> None:
        entry = {"what": what, "line": getattr(node, "lineno", 0)}
        if entry not in self.doc["programmatic"]:
            self.doc["programmatic"].append(entry)

    def _Import(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            target = alias.name if alias.asname else bound
            self.names[bound] = self._origin(target)
            self._note_processes(alias.name, node)

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            self.names[alias.asname or alias.name] = self._origin(f"{module}.{alias.name}")
            self._note_processes(f"{module}.{alias.name}", node)
            self._note_processes(module, node)

    def _note_processes(self, module: str, node: ast.stmt) -> None:
        if module in PROCESSES:
            self.doc["spawns"].append({"what": module, "line": node.lineno})

    def _origin(self, path: str) -> Any:
        is_sdk = path.partition(".")[0] == "chutes"
        self.doc["imports_sdk"] |= is_sdk
        return Sdk(path) if is_sdk else Foreign(path)

    def _ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self.eval.value(base) for base in node.bases]
        if any(isinstance(base, Sdk) for base in bases):
            self._programmatic(node, f"class '{node.name}' is derived from the SDK's")
        self.names[node.name] = Model(node.name, node.lineno)

    def _Assign(self, node: ast.Assign) -> None:
        value = self.eval.value(node.value)
        for target in node.targets:
            self._bind(target, value, node)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self._bind(node.target, self.eval.value(node.value), node)

    def _AugAssign(self, node: ast.AugAssign) -> None:
        load = ast.copy_location(ast.Name(node.target.id, ast.Load()), node) if isinstance(
            node.target, ast.Name
        ) else None
        if load is None:
            self._blur(node, "an assignment")
            return
        whole = ast.copy_location(ast.BinOp(load, node.op, node.value), node)
        self._bind(node.target, self.eval.value(whole), node)

    def _bind(self, target: ast.expr, value: Any, node: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            if isinstance(value, Instance) and not value.name:
                value.name = target.id
            self.names[target.id] = value
        elif isinstance(target, ast.Subscript) and self.eval.is_environ(target.value):
            self._set_env(self.eval.value(target.slice), value, node)
        elif isinstance(target, ast.Tuple | ast.List):
            values = value if isinstance(value, list | tuple) else []
            known = len(values) == len(target.elts)
            for i, element in enumerate(target.elts):
                self._bind(element, values[i] if known else self.eval.unknown(node), node)
        elif isinstance(target, ast.Attribute):
            owner = self.eval.value(target.value)
            if isinstance(owner, Sdk | Instance):
                self._programmatic(node, f"'{ast.unparse(target)}' is replaced")

    def _set_env(self, name: Any, value: Any, node: ast.stmt) -> None:
        self.doc["env"].append({"name": name, "value": value, "line": node.lineno})

    def _Expr(self, node: ast.Expr) -> None:
        call = node.value
        if not isinstance(call, ast.Call):
            return
        function = call.func
        if isinstance(function, ast.Attribute) and self.eval.is_environ(function.value):
            self._environ_call(function.attr, call, node)
        elif isinstance(function, ast.Attribute) and self._is_chute(function.value):
            self._programmatic(call, f"'{ast.unparse(function)}' is called")
        elif isinstance(function, ast.Call):
            self._blur(node, "a call")
        elif not self._list_call(function, call):
            self.eval.value(call)
            for argument in [getattr(function, "value", function), *call.args]:
                self._may_change(argument)

    def _list_call(self, function: ast.expr, call: ast.Call) -> bool:
        """`words.append("x")` and `words.extend([...])`."""
        if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
            return False
        owner = self.names.get(function.value.id)
        if type(owner) is not list or len(call.args) != 1 or call.keywords:
            return False
        value = self.eval.value(call.args[0])
        if function.attr == "append":
            owner.append(value)
        elif function.attr == "extend" and isinstance(value, list | tuple):
            owner.extend(value)
        else:
            return False
        return True

    def _environ_call(self, method: str, call: ast.Call, node: ast.stmt) -> None:
        args = [self.eval.value(arg) for arg in call.args]
        if method == "setdefault" and len(args) == 2:
            self._set_env(args[0], args[1], node)
        elif method == "update":
            pairs = args[0] if args and isinstance(args[0], dict) else {}
            for name, value in pairs.items():
                self._set_env(name, value, node)
            for keyword in call.keywords:
                self._set_env(keyword.arg, self.eval.value(keyword.value), node)

    def _If(self, node: ast.If) -> None:
        if self._is_remote_test(node.test):
            self.doc["remote_only"].append({"line": node.lineno, "end": node.end_lineno})
            self._branch(node.orelse)
            return
        test = self.eval.value(node.test)
        if isinstance(test, Unknown):
            self._blur(node, "a condition")
        else:
            self._branch(node.body if test else node.orelse)

    def _branch(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _is_remote_test(self, test: ast.expr) -> bool:
        text = ast.unparse(test)
        return "is_remote(" in text or CONTEXT_VARIABLE in text

    def _Try(self, node: ast.Try) -> None:
        self._branch([*node.body, *node.orelse, *node.finalbody])
        for handler in node.handlers:
            for inner in ast.walk(handler):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    self.names.setdefault(inner.id, Unknown(inner.id, inner.lineno))

    def _Assert(self, node: ast.Assert) -> None:
        self.eval.value(node.test)

    # --- functions

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.names[node.name] = Foreign(node.name)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                for name in inner.names:
                    self.names[name] = Unknown(name, inner.lineno)
        for decorator in node.decorator_list:
            self._decorator(decorator, node)

    _AsyncFunctionDef = _FunctionDef

    def _decorator(
        self, decorator: ast.expr, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        call = decorator if isinstance(decorator, ast.Call) else None
        function = call.func if call else decorator
        if not isinstance(function, ast.Attribute):
            return
        owner = self.eval.value(function.value)
        if not isinstance(owner, Instance) or owner.kind not in ("Chute", "pack"):
            return
        if function.attr not in surface.DECORATORS or not call:
            self._programmatic(decorator, f"decorator '{ast.unparse(function)}'")
            return
        arguments = surface.bind(
            surface.DECORATORS[function.attr],
            [self.eval.value(arg) for arg in call.args],
            self.eval.keywords(call),
        )
        self._register(owner.record, function.attr, node, arguments)

    def _register(
        self,
        record: dict[str, Any],
        kind: str,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        arguments: dict[str, Any],
    ) -> None:
        entry = {"function": node.name, "line": node.lineno, "arguments": arguments}
        if kind.startswith("on_"):
            entry["on"] = kind.removeprefix("on_")
            record["hooks"].append(entry)
            return
        entry["is_async"] = isinstance(node, ast.AsyncFunctionDef)
        entry["is_generator"] = any(_own_yields(node))
        record["jobs" if kind == "job" else "cords"].append(entry)


def _own_yields(function: ast.AST) -> Iterable[bool]:
    """True for each `yield` that is the function's own."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.Yield | ast.YieldFrom):
            yield True
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own_yields(child)


def read(path: Path) -> dict[str, Any]:
    source = path.read_text(encoding="utf-8-sig")
    return Reader(source, path).read()
