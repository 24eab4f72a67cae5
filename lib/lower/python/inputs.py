# SPDX-License-Identifier: MIT
# Cords whose input has a model. The author may have called a handler `list` or `str`.
import base64
import inspect
from builtins import bool, bytes, float, int, list, str
from typing import Annotated, Any, Dict, Literal, Optional, Union

from fastapi import HTTPException
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)


def decoded(value):
    # a file: base64 in JSON, bytes for the function
    if not isinstance(value, str):
        raise ValueError("base64 text is wanted")
    data = base64.b64decode(value, validate=True)
    if len(value) != (len(data) + 2) // 3 * 4:
        raise ValueError("this is not base64")
    return data


def checked(function, model):
    # an empty body means all defaults
    def read(body):
        try:
            return model.model_validate(body or {})
        except ValidationError:
            raise HTTPException(400, "Invalid input parameters") from None

    if inspect.isasyncgenfunction(function):
        async def cord(self, body=None):
            async for item in function(self, read(body)):
                yield item
    elif inspect.isgeneratorfunction(function):
        def cord(self, body=None):
            yield from function(self, read(body))
    elif inspect.iscoroutinefunction(function):
        async def cord(self, body=None):
            return await function(self, read(body))
    else:
        def cord(self, body=None):
            return function(self, read(body))
    cord.__name__ = function.__name__
    cord.__wrapped__ = function  # whose module the annotation belongs to
    if "return" in function.__annotations__:
        cord.__annotations__ = {"return": function.__annotations__["return"]}
    return cord


def described(model):
    # the form in which schemas of a body are listed
    schema = model.model_json_schema(ref_template="#/definitions/{model}")
    schema.pop("title", None)
    definitions = {model.__name__: schema, **schema.pop("$defs", {})}
    return {
        "type": "object",
        "properties": {"input_args": {"$ref": "#/definitions/" + model.__name__}},
        "required": ["input_args"],
        "definitions": definitions,
    }
