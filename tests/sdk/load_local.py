# SPDX-License-Identifier: MIT
"""As load_real.py, for the SDK of this project: what both of them know.

    python -I load_local.py SDK FILE [OBJECT]
"""

import inspect
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from load_real import SETTINGS, load_module


def hooks(registered):
    ordered = sorted(registered, key=lambda hook: hook[0])
    return [{"priority": priority, "call": function.__name__} for priority, function in ordered]


def image(recorded):
    if isinstance(recorded, str):
        return {"reference": recorded}
    return {
        "uid": recorded.uid,
        "name": recorded.name,
        "tag": recorded.tag,
        "dockerfile": str(recorded),
    }


def cord(registered):
    return {
        **registered.describe(),
        "passthrough_path": registered.passthrough_path,
        "passthrough_port": registered.passthrough_port,
        "provision_timeout": registered.provision_timeout,
        "session": registered.session_kwargs,
        "sglang_passthrough": registered.sglang_passthrough,
    }


def job(registered):
    return {
        "ports": [{"name": p.name, "port": p.port, "proto": p.proto} for p in registered.ports],
        "timeout": registered.timeout,
        "name": registered.name,
        "upload": registered.upload,
        "ssh": registered.ssh,
        "is_async": inspect.iscoroutinefunction(registered.function),
    }


def describe(chute):
    selector = chute.node_selector
    return {
        "settings": {name: getattr(chute, name) for name in SETTINGS},
        "username": chute.username,
        "title": chute.title,
        "image": image(chute.image),
        "node_selector": selector and selector.model_dump(),
        "startup": hooks(chute.startup_hooks),
        "shutdown": hooks(chute.shutdown_hooks),
        "cords": [cord(registered) for registered in chute.cords],
        "jobs": [job(registered) for registered in chute.jobs],
    }


def main():
    result = sys.stdout
    sys.stdout = sys.stderr  # what the module prints is not the answer
    sdk, file, *name = sys.argv[1:]
    sys.path.insert(0, sdk)
    found = getattr(load_module(pathlib.Path(file).resolve()), *(name or ["chute"]))
    chute = getattr(found, "chute", found)
    json.dump(describe(chute), result, default=str)


if __name__ == "__main__":
    main()
