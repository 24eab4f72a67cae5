# SPDX-License-Identifier: MIT
"""What the templates of language models have in common: a chute named after its model, whose cords
hand every request to an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from chutes.chute.base import Chute, ChutePack
from chutes.chute.template.engine import PORT

Pack = TypeVar("Pack", bound=ChutePack)

NAME_KEY = "@NAME@"
RESERVED = {
    "--served-model-name": "the served model's name is the chute's",
    "--api-key": "the key is made for each start",
}
# one cord of a pack has another name than its function
BESIDE = {"get_models": "models"}


def build(
    kind: str, model_name: str, revision: str | None, engine_args: str | None, **settings: Any
) -> Chute:
    """A chute without its cords. ValueError when what the platform asks for is not there."""
    if "--revision" in (engine_args or ""):
        raise ValueError("the revision is an argument of its own: revision=")
    if not revision:
        raise ValueError(f"revision= is missing: the commit of '{model_name}', 40 hex digits")
    return Chute(name=model_name, standard_template=kind, revision=revision, **settings)


def add_cords(chute: Chute, template: str, pack: type[Pack], **options: Any) -> Pack:
    """The cords of a template, each with the function that stands for it."""
    text = Path(__file__).with_name(f"{template}.json").read_text()
    functions = {}
    for cord in json.loads(text.replace(NAME_KEY, chute.name)):
        name = cord.pop("function")
        register = chute.cord(
            passthrough_path=cord["public_api_path"], passthrough_port=PORT, **cord, **options
        )
        functions[BESIDE.get(name, name)] = register(_forwarded(name))
    return pack(chute=chute, **functions)


def words(engine_args: str | None, defaults: dict[str, list[str]]) -> list[str]:
    """An engine's arguments with what is not among them: a flag, and its words."""
    given = (engine_args or "").replace("\\\n", " ").replace("\\", " ")
    return given.split() + missing(given, defaults)


def missing(given: str, defaults: dict[str, list[str]]) -> list[str]:
    for flag, reason in RESERVED.items():
        if flag in given:
            raise ValueError(f"{flag} is not the author's to set: {reason}")
    added: list[str] = []
    for flag, more in defaults.items():
        if flag not in given:
            added += [flag, *more]
    return added


def _forwarded(name: str) -> Any:
    """The runner hands the request on: it never calls the function."""

    async def cord(body):  # without annotations, which would be part of the schema
        raise NotImplementedError(name)

    cord.__name__ = name
    return cord
