# SPDX-License-Identifier: MIT
"""A query as the input of a cord that has no body."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def input_of_query(pairs: Iterable[tuple[str, str]], schema: dict[str, Any] | None) -> Any:
    """An object of texts; where the cord's schema wants something else, what the text is as JSON.
    A name that comes again makes a list where one is wanted, else the last one counts."""
    fields = _fields(schema or {})
    found: dict[str, Any] = {}
    for name, text in pairs:
        field = fields.get(name, {})
        if "array" in _types(field):
            items = _value(text, field.get("items", {}))
            is_whole = isinstance(items, list)
            found.setdefault(name, []).extend(items if is_whole else [items])
        else:
            found[name] = _value(text, field)
    return found


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    """Of the model that the cord takes."""
    reference = schema.get("properties", {}).get("input_args", {}).get("$ref")
    if reference is None:
        references = [field.get("$ref") for field in schema.get("properties", {}).values()]
        reference = next((reference for reference in references if reference), None)
    definitions = schema.get("definitions", {})
    model = definitions.get(reference.split("/")[-1], {}) if reference else schema
    return model.get("properties", {})


def _types(field: dict[str, Any]) -> set[str]:
    one_of = [field, *field.get("anyOf", [])]
    return {form["type"] for form in one_of if isinstance(form.get("type"), str)}


def _value(text: str, field: dict[str, Any]) -> Any:
    types = _types(field)
    if not types or "string" in types:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
