# SPDX-License-Identifier: MIT
"""Jobs with ports, SSH and limits."""

from chutes.chute import Chute, NodeSelector
from chutes.chute.job import Job, Port

chute = Chute("me", "trainer", "me/trainer:1.0", node_selector=NodeSelector(gpu_count=1))


@chute.job(
    ports=[Port(name="board", port=8265, proto="http"), {"name": "d1", "port": 8002, "proto": "udp"}],
    timeout=3600,
    upload=True,
    ssh=True,
)
async def train(self, epochs: int = 1, **job_data):
    return {"epochs": epochs}


@chute.job(upload=False)
async def rent(self, **job_data): ...


assert isinstance(train, Job) and train.name == "train"
