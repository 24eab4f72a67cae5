# SPDX-License-Identifier: MIT
# Inputs with a model. The author may have called a handler `list` or `str`.
from builtins import bool, bytes, float, int, list, str
from typing import Annotated, Any, Dict, Literal, Optional, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


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
