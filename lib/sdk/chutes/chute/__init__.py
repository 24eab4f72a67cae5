# SPDX-License-Identifier: MIT
"""Chute, NodeSelector and what belongs to them."""

from chutes.chute.base import Chute, ChutePack
from chutes.chute.cord import Cord
from chutes.chute.job import Job
from chutes.chute.node_selector import NodeSelector

__all__ = ["Chute", "ChutePack", "Cord", "Job", "NodeSelector"]
