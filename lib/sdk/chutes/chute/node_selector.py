# SPDX-License-Identifier: MIT
"""Which machines a chute may run on. Nothing here selects: a local run uses this machine."""

from __future__ import annotations

from pydantic import BaseModel, Field


class NodeSelector(BaseModel):
    gpu_count: int = Field(1, ge=0, le=8)  # 0: CPU only
    min_vram_gb_per_gpu: int = Field(16, ge=16, le=140)
    max_hourly_price_per_gpu: float | None = Field(None, gt=0, lt=10)
    include: list[str] | None = None
    exclude: list[str] | None = None
