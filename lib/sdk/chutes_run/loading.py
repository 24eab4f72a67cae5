# SPDX-License-Identifier: MIT
"""From ``FILE:OBJECT`` to the chute in that file."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType

from chutes_run import requirements, sdk
from chutes_run.adapter import Adapter
from chutes_run.failure import Failure, Stopped, print_traceback


def load(target: str) -> Adapter:
    """Import the module under the SDK that the image has, or ours; the chute, ready to be started.

    `target` is FILE.py:OBJECT, or MODULE:OBJECT with a module that the working directory or
    PYTHONPATH has."""
    has_own_sdk = sdk.prepare()
    if not has_own_sdk:
        requirements.check()
    module_name, _, name = target.rpartition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = _import(module_name)
    except Stopped:
        raise
    except (Exception, SystemExit) as error:
        print_traceback(error)
        raise Failure(f"importing '{module_name}' failed") from None
    found = getattr(module, name, None)
    chute = getattr(found, "chute", found)  # a ChutePack holds it
    from chutes.chute import Chute

    if not isinstance(chute, Chute):
        raise Failure(f"'{target}' is not a Chute")
    if has_own_sdk:
        from chutes_run.platform import PlatformChute

        return PlatformChute(chute)
    from chutes_run.local.chute import LocalChute

    return LocalChute(chute)


def _import(module: str) -> ModuleType:
    if not module.endswith(".py"):
        return importlib.import_module(module)
    name = os.path.basename(module).removesuffix(".py")
    spec = importlib.util.spec_from_file_location(name, module)
    assert spec and spec.loader, "every .py file has a loader"
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found  # before it runs: pydantic looks up annotations there
    sys.path.append(os.path.dirname(os.path.abspath(module)))  # for processes that it spawns
    spec.loader.exec_module(found)
    return found
