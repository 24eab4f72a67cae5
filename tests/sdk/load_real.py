# SPDX-License-Identifier: MIT
"""Prints as JSON what a chute's module registers under the platform's own SDK.

    python -I load_real.py FILE [OBJECT]

Runs inside an environment with chutes==0.6.9. Loads the module as that SDK's client does: from the
module's directory, which is on the path, and known to `sys.modules` before it runs.
"""

import importlib.util
import inspect
import json
import os
import pathlib
import sys

SETTINGS = [
    "name",
    "uid",
    "tagline",
    "readme",
    "standard_template",
    "revision",
    "concurrency",
    "max_instances",
    "scaling_threshold",
    "shutdown_after_seconds",
    "allow_external_egress",
    "encrypted_fs",
    "tee",
    "lock_modules",
    "passthrough_headers",
]


def load_module(path):
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def load(path, name):
    module = load_module(path)
    found = getattr(module, name)
    from chutes.chute import ChutePack

    return module, found.chute if isinstance(found, ChutePack) else found


def image(chute):
    if isinstance(chute.image, str):
        return {"reference": chute.image}
    contexts = [step._build_context for step in chute.image._directives]
    return {
        "uid": chute.image.uid,
        "name": chute.image.name,
        "tag": chute.image.tag,
        "dockerfile": str(chute.image),
        "context": [str(file) for files in contexts for file in files or []],
    }


def hooks(registered):
    """Sorted by priority as they run; the name of a hook is in the closure of its wrapper."""
    ordered = sorted(registered, key=lambda hook: hook[0])
    names = [inspect.getclosurevars(wrapper).nonlocals["func"].__name__ for _, wrapper in ordered]
    return [
        {"priority": priority, "call": name}
        for (priority, _), name in zip(ordered, names, strict=True)
    ]


def cord(registered):
    """The keys of the request first, as the client sends them, then the rest."""
    return {
        "method": registered._method,
        "path": registered.path,
        "public_api_path": registered.public_api_path,
        "public_api_method": registered._public_api_method,
        "stream": registered._stream,
        "function": registered._func.__name__,
        "input_schema": registered.input_schema,
        "output_schema": registered.output_schema,
        "output_content_type": registered.output_content_type,
        "minimal_input_schema": registered.minimal_input_schema,
        "passthrough": registered._passthrough,
        "passthrough_path": registered.passthrough_path,
        "passthrough_port": registered._passthrough_port,
        "provision_timeout": registered._provision_timeout,
        "session": registered._session_kwargs,
        "sglang_passthrough": registered._sglang_passthrough,
    }


def job(registered):
    return {
        "ports": [{"name": p.name, "port": p.port, "proto": p.proto} for p in registered.ports],
        "timeout": registered.timeout,
        "name": registered._name,
        "upload": registered.upload,
        "ssh": registered.ssh,
        "is_async": inspect.iscoroutinefunction(registered._func),
    }


def describe(module, chute):
    selector = chute.node_selector
    return {
        "settings": {name: getattr(chute, name) for name in SETTINGS},
        "username": chute._username,
        "title": chute.title,
        "image": image(chute),
        "node_selector": selector and selector.model_dump(),
        "startup": hooks(chute._startup_hooks),
        "shutdown": hooks(chute._shutdown_hooks),
        "cords": [cord(registered) for registered in chute._cords],
        "jobs": [job(registered) for registered in chute._jobs],
        "names": sorted(name for name in vars(module) if not name.startswith("__")),
    }


def main():
    result = sys.stdout
    sys.stdout = sys.stderr  # what the module prints is not the answer
    path = pathlib.Path(sys.argv[1]).resolve()
    module, chute = load(path, sys.argv[2] if len(sys.argv) > 2 else "chute")
    json.dump(describe(module, chute), result, default=str)


if __name__ == "__main__":
    main()
