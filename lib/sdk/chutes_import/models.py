# SPDX-License-Identifier: MIT
"""What is odd about the pydantic classes of a module."""

from __future__ import annotations

import ast
from typing import Any

FIELD_RULES = {"gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern"}
MISSPELT = {"gte": "ge", "lte": "le", "minimum": "ge", "maximum": "le", "min": "ge", "max": "le",
            "regex": "pattern", "min_items": "min_length", "max_items": "max_length"}  # fmt: skip


def models_of(tree: ast.Module) -> list[dict[str, Any]]:
    """Every class with the rules that its Field() calls misspell: pydantic keeps them as notes."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            odd = [entry for inner in ast.walk(node) for entry in _odd(inner)]
            found.append({"name": node.name, "line": node.lineno, "misspelt": odd})
    return found


def _odd(node: ast.AST) -> list[dict[str, Any]]:
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Field")):
        return []
    return [
        {"word": keyword.arg, "meant": MISSPELT[keyword.arg], "line": keyword.value.lineno}
        for keyword in node.keywords
        if keyword.arg in MISSPELT
    ]
