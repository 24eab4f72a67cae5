# SPDX-License-Identifier: MIT
"""Which machines a chute may run on. Nothing here selects: a local run uses this machine."""

from __future__ import annotations

from typing import Any

MAX_GPUS = 8
MIN_VRAM_GB = 16
MAX_VRAM_GB = 140
PRICE_LIMIT_USD = 10  # an hour


class NodeSelector:
    """Unknown arguments say nothing, as for the platform's client. `gpu_count` 0: CPU only."""

    def __init__(
        self,
        gpu_count: int = 1,
        min_vram_gb_per_gpu: int = MIN_VRAM_GB,
        max_hourly_price_per_gpu: float | None = None,
        include: list[str] | None = None,
        exclude: list[str] | None = None,
        **unknown: Any,
    ) -> None:
        self.gpu_count = _whole("gpu_count", gpu_count, 0, MAX_GPUS)
        self.min_vram_gb_per_gpu = _whole(
            "min_vram_gb_per_gpu", min_vram_gb_per_gpu, MIN_VRAM_GB, MAX_VRAM_GB
        )
        self.max_hourly_price_per_gpu = _price(max_hourly_price_per_gpu)
        self.include = _names("include", include)
        self.exclude = _names("exclude", exclude)

    def model_dump(self) -> dict[str, Any]:
        return dict(vars(self))


def _whole(name: str, value: Any, least: int, most: int) -> int:
    number = float(value)
    if number != int(number) or not least <= number <= most:
        raise ValueError(f"{name} is a whole number from {least} to {most}, not {value}")
    return int(number)


def _price(value: Any) -> float | None:
    if value is not None and not 0 < float(value) < PRICE_LIMIT_USD:
        raise ValueError(
            f"max_hourly_price_per_gpu is more than 0 and less than {PRICE_LIMIT_USD}, not {value}"
        )
    return None if value is None else float(value)


def _names(name: str, value: Any) -> list[str] | None:
    if value is not None and not (
        isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
    ):
        raise ValueError(f"{name} is a list of names of GPUs, not {value!r}")
    return None if value is None else list(value)
