# SPDX-License-Identifier: MIT
"""What the platform's own templates register, recorded from the installed SDK. Run by an interpreter
that has chutes==VERSION; needs no network:

    PYTHON tests/sdk/record_templates.py > tests/vectors/templates_VERSION.json
    PYTHON tests/sdk/record_templates.py lib/sdk/chutes/chute/template

The first is everything, as observed, for tests to compare with. The second is what the program
carries: for each template its cords in the form of a request, one a line, with @NAME@ where the
model's name stands."""
import importlib
import importlib.metadata
import inspect
import json
import pathlib
import sys

from load_real import SETTINGS, cord, hooks

REVISION = "0123456789abcdef0123456789abcdef01234567"
MODEL = "example-org/Example-Model-1.5B"
# the keys of a cord that the SDK's client sends, in its order
SENT = ("method", "path", "public_api_path", "public_api_method", "stream", "function",
        "input_schema", "output_schema", "output_content_type", "minimal_input_schema",
        "passthrough")
KINDS = ("vllm", "sglang", "embedding", "diffusion")


def jsonable(value):
    """A default as JSON; classes and markers by name."""
    if value is inspect.Parameter.empty:
        return "(required)"
    return value if isinstance(value, (str, int, float, bool, dict, type(None))) else repr(value)


def builder(kind):
    return getattr(importlib.import_module(f"chutes.chute.template.{kind}"), f"build_{kind}_chute")


def build(kind, model):
    from chutes.chute import NodeSelector

    names = {"model_name": model}
    if kind == "diffusion":
        names = {"name": "example-diffusion", "model_name_or_url": model}
    return builder(kind)(username="someone", revision=REVISION, node_selector=NodeSelector(),
                         **names)


def record(kind, model):
    chute = build(kind, model).chute
    return {
        "builder": f"chutes.chute.template.{kind}.build_{kind}_chute",
        "parameters": {name: jsonable(parameter.default) for name, parameter
                       in inspect.signature(builder(kind)).parameters.items()},
        "settings": {name: getattr(chute, name) for name in SETTINGS},
        "startup": hooks(chute._startup_hooks),
        "shutdown": hooks(chute._shutdown_hooks),
        "image": chute.image,
        "jobs": len(chute._jobs),
        "cords": [cord(registered) for registered in chute._cords],
    }


def everything():
    return {
        "origin": "chutes " + importlib.metadata.version("chutes") + ", the platform's Python SDK",
        "made": "tests/sdk/record_templates.py, run by an interpreter with that SDK: each template's "
                "builder is called with a user, a model, a revision and a node selector, all else "
                "left at its default, and what it registered is read from the object",
        "model": MODEL,
        "revision": REVISION,
        "templates": {kind: record(kind, MODEL) for kind in KINDS},
    }


def cords(kind):
    """The array of a request; line breaks stand between cords only."""
    registered = [cord(one) for one in build(kind, "@NAME@").chute._cords]
    lines = [json.dumps({key: one[key] for key in SENT}, separators=(",", ":"))
             for one in registered]
    return "[" + ",\n".join(lines) + "]\n"


def main():
    from loguru import logger

    logger.remove()
    if sys.argv[1:]:
        for kind in KINDS:
            (pathlib.Path(sys.argv[1]) / f"{kind}.json").write_text(cords(kind))
    else:
        json.dump(everything(), sys.stdout, indent=1)
        print()


if __name__ == "__main__":
    main()
