# SPDX-License-Identifier: MIT
"""The packages that an image must bring, checked before anything of them is imported."""

import re
from importlib import metadata

MINIMUM = {"fastapi": "0.100", "pydantic": "2.9", "uvicorn": "0.22"}


class RequirementError(ImportError):
    """A package is missing or too old; the message is one sentence with the remedy."""


def check(*packages: str) -> None:
    for package in packages:
        minimum = MINIMUM[package]
        remedy = f"add '{package}>={minimum}' to a pip step of the image"
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:
            raise RequirementError(f"{package} is not installed: {remedy}") from None
        if _numbers(found) < _numbers(minimum):
            raise RequirementError(
                f"{package} {found} is too old, {minimum} or newer is needed: {remedy}"
            )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version)[:2])
