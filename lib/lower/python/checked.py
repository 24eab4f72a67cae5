# SPDX-License-Identifier: MIT
# Cords whose function gets an object of a model.
import inspect

from fastapi import HTTPException
from pydantic import ValidationError


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
