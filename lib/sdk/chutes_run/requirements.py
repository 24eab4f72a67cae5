# SPDX-License-Identifier: MIT
"""The packages that an image must bring, checked before anything of them is imported."""

from __future__ import annotations

import re
from importlib import metadata

from chutes_run.failure import EXIT_MISSING, Failure

MINIMUM = {"fastapi": "0.100", "pydantic": "2.9", "uvicorn": "0.22"}


def check() -> None:
    """Of what our SDK is served with."""
    wrong = {package: _fault(package, minimum) for package, minimum in MINIMUM.items()}
    faults = [fault for fault in wrong.values() if fault]
    if faults:
        wanted = ", ".join(
            f'"{package}>={MINIMUM[package]}"' for package, fault in wrong.items() if fault
        )
        raise Failure(f"{'; '.join(faults)}: {pip_step(wanted)}", EXIT_MISSING)


def pip_step(packages: str) -> str:
    return f"add this to 'image.steps' in chute.yaml: '- pip: [{packages}]'"


def _fault(package: str, minimum: str) -> str:
    try:
        found = metadata.version(package)
    except metadata.PackageNotFoundError:
        return f"the image has no {package}"
    if _numbers(found) < _numbers(minimum):
        return f"{package} {found} of the image is too old, {minimum} or newer is needed"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version)[:2])
