# SPDX-License-Identifier: MIT
"""Schemas of cords: of pydantic models, and of what a function is annotated with, in the form in
which the platform's client sends them. Nothing here needs pydantic: without it there are no models.
"""

from __future__ import annotations

import enum
import inspect
import sys
import typing
from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

PLAIN: list[tuple[Any, Schema]] = [
    (str, {"type": "string"}),
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (bool, {"type": "boolean"}),
    (list, {"type": "array", "items": {}}),
    (dict, {"type": "object"}),
]
ENUM_TYPES = {str: "string", int: "integer", float: "number"}


def is_model(thing: Any) -> bool:
    pydantic = sys.modules.get("pydantic")
    return (
        pydantic is not None and isinstance(thing, type) and issubclass(thing, pydantic.BaseModel)
    )


def model_of(function: Callable[..., Any]) -> Any:
    """The model that annotates the only argument behind the chute, if one does."""
    parameters = list(inspect.signature(function).parameters)[1:]
    if len(parameters) != 1:
        return None
    hint = typing.get_type_hints(function).get(parameters[0])
    return hint if is_model(hint) else None


def of_input(given: Any) -> Schema | None:
    """Of `input_schema` and `minimal_input_schema`: a model, or a schema that is kept."""
    if not is_model(given):
        return _kept(given)
    definitions: Schema = {}
    reference = _of_model(given, definitions)
    return {
        "type": "object",
        "properties": {"input_args": reference},
        "required": ["input_args"],
        "definitions": definitions,
    }


def of_output(given: Any) -> Schema | None:
    return given.model_json_schema() if is_model(given) else _kept(given)


def of_function(function: Callable[..., Any]) -> tuple[Schema, Schema | None]:
    """Of its annotated arguments, and of what it returns if that is annotated."""
    hints = typing.get_type_hints(function)
    returned = hints.pop("return", None)
    definitions: Schema = {}
    arguments = {name: _of_type(hint, definitions) for name, hint in hints.items()}
    given = {
        "type": "object",
        "properties": arguments,
        "required": list(arguments),
        "definitions": definitions,
    }
    if not returned:
        return given, None
    output = _of_type(returned, definitions)
    if "$ref" in output:
        output = {"type": "object", **definitions[output["$ref"].split("/")[-1]]}
    return given, output


def _kept(given: Any) -> Schema | None:
    if given is not None and not isinstance(given, dict):
        raise TypeError(f"a schema is a pydantic model or a dict, not {type(given).__name__}")
    return given


def _of_model(model: Any, definitions: Schema) -> Schema:
    name = model.__name__
    if name not in definitions:
        described = model.model_json_schema(ref_template="#/definitions/{model}")
        definitions[name] = {key: value for key, value in described.items() if key != "title"}
    return {"$ref": f"#/definitions/{name}"}


def _of_type(hint: Any, definitions: Schema) -> Schema:
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _of_enum(hint)
    if is_model(hint):
        return _of_model(hint, definitions)
    for plain, described in PLAIN:
        if hint is plain:
            return dict(described)
    return _of_generic(typing.get_origin(hint), typing.get_args(hint), definitions)


def _of_enum(kind: type[enum.Enum]) -> Schema:
    values = [member.value for member in kind]
    for type_, name in ENUM_TYPES.items():
        if all(isinstance(value, type_) for value in values):
            return {"type": name, "enum": values}
    return {"enum": values}


def _of_generic(origin: Any, args: tuple[Any, ...], definitions: Schema) -> Schema:
    """`Union[X, Y]` says what it is; `X | Y` says nothing, as for the platform's client."""
    if origin is typing.Literal:
        return {"enum": list(args)}
    inner = [_of_type(arg, definitions) for arg in args]
    if origin is typing.Union:
        return {"oneOf": inner}
    if origin is list:
        return {"type": "array", "items": inner[0] if inner else {}}
    if origin is dict:
        return {"type": "object", "additionalProperties": inner[1]} if inner else {"type": "object"}
    if origin is tuple:
        return {"type": "array", "items": inner, "minItems": len(args), "maxItems": len(args)}
    if origin is set:
        return {"type": "array", "items": inner[0] if inner else {}, "uniqueItems": True}
    return {}
