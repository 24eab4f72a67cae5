# SPDX-License-Identifier: MIT
"""Chute, NodeSelector and what belongs to them."""

from chutes import _requirements

_requirements.check("fastapi", "pydantic")

from chutes.chute.base import Chute, ChutePack  # noqa: E402
from chutes.chute.cord import Cord  # noqa: E402
from chutes.chute.job import Job, Port  # noqa: E402
from chutes.chute.node_selector import NodeSelector  # noqa: E402

__all__ = ["Chute", "ChutePack", "Cord", "Job", "NodeSelector", "Port"]
