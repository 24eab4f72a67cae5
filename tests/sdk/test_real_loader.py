# SPDX-License-Identifier: MIT
"""The platform's own SDK loads here, and load_real.py tells what a module registers."""

import conftest

MODULE = """\
from chutes.chute import Chute, NodeSelector
from chutes.chute.base import ChutePack
from chutes.image import Image
print("not part of the answer")
image = Image(username="me", name="demo", tag="1.0").run_command("true")
chute = Chute(username="me", name="demo", image=image, node_selector=NodeSelector(gpu_count=2))
@chute.on_startup(priority=60)
async def late(self): pass
@chute.on_startup(priority=5)
def early(self): pass
@chute.cord(public_api_path="/add", public_api_method="GET")
async def add(self, n: int) -> int: return n
@chute.job(timeout=60, ssh=True)
async def train(self, **data): pass
pack = ChutePack(chute=chute)
"""


def test_what_a_module_registers(real_python, tmp_path):
    file = tmp_path / "demo.py"
    file.write_text(MODULE)
    got = conftest.load_real(real_python, file, "pack")
    assert got["settings"]["name"] == "demo"
    assert got["image"]["name"] == "demo"
    assert got["image"]["dockerfile"].splitlines()[-1] == "RUN true"
    assert got["node_selector"]["gpu_count"] == 2
    assert got["startup"] == [{"priority": 5, "call": "early"}, {"priority": 60, "call": "late"}]
    assert got["cords"][0]["input_schema"]["properties"] == {"n": {"type": "integer"}}
    assert got["cords"][0]["public_api_method"] == "GET"
    assert got["cords"][0]["output_content_type"] == "text/plain"
    assert [port["port"] for port in got["jobs"][0]["ports"]] == [2202]
    assert "train" in got["names"]
