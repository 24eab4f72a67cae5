# SPDX-License-Identifier: MIT
"""The packages that an image must bring, checked before anything of them is imported."""

from __future__ import annotations

import re
from importlib import metadata

from chutes_run.failure import EXIT_MISSING, Failure

MINIMUM = {"fastapi": "0.100", "pydantic": "2.9", "uvicorn": "0.22"}


def check() -> None:
    """Of what our SDK is served with."""
    found = {package: _version(package) for package in MINIMUM}
    missing = [package for package, version in found.items() if not version]
    old = {
        package: version
        for package, version in found.items()
        if version and _numbers(version) < _numbers(MINIMUM[package])
    }
    faults = [f"the image has no {', '.join(missing)}"] if missing else []
    for package, version in old.items():
        needed = MINIMUM[package]
        faults.append(f"{package} {version} of the image is too old, {needed} or newer is needed")
    if faults:
        wanted = ", ".join(f'"{package}>={MINIMUM[package]}"' for package in [*missing, *old])
        raise Failure(f"{'; '.join(faults)}: {pip_step(wanted)}", EXIT_MISSING)


def pip_step(packages: str) -> str:
    return f"add this to 'image.steps' in chute.yaml: '- pip: [{packages}]'"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version)[:2])
