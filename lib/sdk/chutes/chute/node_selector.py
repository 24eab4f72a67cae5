# SPDX-License-Identifier: MIT
"""Which machines a chute may run on. Nothing here selects: a local run uses this machine."""

from __future__ import annotations

from typing import Any

LEAST = {"gpu_count": 0, "min_vram_gb_per_gpu": 16, "max_hourly_price_per_gpu": 0}
MOST = {"gpu_count": 8, "min_vram_gb_per_gpu": 140, "max_hourly_price_per_gpu": 10}


class NodeSelector:
    """Unknown arguments say nothing, as for the platform's client. `gpu_count` 0: CPU only."""

    def __init__(
        self,
        gpu_count: int = 1,
        min_vram_gb_per_gpu: int = 16,
        max_hourly_price_per_gpu: float | None = None,
        include: list[str] | None = None,
        exclude: list[str] | None = None,
        **unknown: Any,
    ) -> None:
        self.gpu_count = gpu_count
        self.min_vram_gb_per_gpu = min_vram_gb_per_gpu
        self.max_hourly_price_per_gpu = max_hourly_price_per_gpu
        self.include = include
        self.exclude = exclude
        for name, least in LEAST.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= MOST[name]:
                raise ValueError(f"{name} is {least} to {MOST[name]}, not {value}")

    def model_dump(self) -> dict[str, Any]:
        return dict(vars(self))
