# SPDX-License-Identifier: MIT
"""Modules as people write them for the platform's SDK: ours records the same."""

import json
import pathlib
import subprocess

import conftest
import pytest

MODULES = pathlib.Path(__file__).with_name("modules")
NAMES = ["classifier", "speech", "painter", "workshop", "trainer", "llama"]
PACKS = {"llama": ["chute", "pack"]}


@pytest.mark.parametrize("name", NAMES)
def test_both_record_the_same(python, real_python, name):
    for variable in PACKS.get(name, ["chute"]):
        file = MODULES / f"{name}.py"
        real = conftest.load_real(real_python, file, variable)
        conftest.same_in_both(real, conftest.load_local(python, file, variable))


def test_a_project_that_is_a_module(python, real_python):
    file = MODULES.with_name("projects") / "old_module" / "chute.py"
    real = conftest.load_real(real_python, file)
    conftest.same_in_both(real, conftest.load_local(python, file))


HEAD = """
from typing import Optional
from chutes.chute import Chute, NodeSelector
from chutes.chute.job import Port
from chutes.image import Image
from pydantic import BaseModel
image = Image("me", "name", "1")
chute = Chute("me", "name", image)
async def f(self): ...
"""
REFUSED = [
    "chute.cord(path='/Upper')(f)",
    "chute.cord(path='/a//b')(f)",
    "chute.cord(public_api_path='/a b')(f)",
    "chute.cord(passthrough_path='/v1.0')(f)",
    "chute.cord()(f); chute.cord()(f)",
    "chute.cord(path='/a'); chute.cord(path='/a/')",
    "chute.cord(input_schema=5)(f)",
    "chute.cord(output_schema=[])(f)",
    "chute.job(timeout=29)",
    "chute.job(timeout=86401)",
    "chute.job(ports=[{'name': 'a', 'port': 8001, 'proto': 'tcp'}])",
    "chute.job(ports=[{'name': 'a', 'port': 65536, 'proto': 'tcp'}])",
    "chute.job(ports=[{'name': n, 'port': 8002, 'proto': 'tcp'} for n in 'ab'])",
    "NodeSelector(gpu_count=9)",
    "NodeSelector(min_vram_gb_per_gpu=15)",
    "NodeSelector(min_vram_gb_per_gpu=141)",
    "NodeSelector(max_hourly_price_per_gpu=0)",
    "NodeSelector(max_hourly_price_per_gpu=10)",
    "NodeSelector(gpu_count='x')",
    "NodeSelector(include=5)",
    "Image('me', '-a', '1')",
    "Image('me', 'a', '_1')",
    "image.apt_install('a;b')",
    "image.apt_install(['a', 'b c'])",
    "image.with_env('1A', 'x')",
    "image.from_base('A B')",
    "image.add('https://e/a', '/a', checksum='md5:1')",
    "image.add('https://e/a', '/a', chown='a b')",
    "image.add('https://e/a', '/a', chmod='rwx')",
    "Chute('me', 'name')",
    "chute.cord(nope)",
    "async def g(self, x: 'Unknown'): ...\nchute.cord()(g)",
]
ACCEPTED = [
    "chute.cord(path='a/b_c-1')(f)",
    "chute.cord(path='//a/')(f)",
    "chute.job(timeout=30); chute.job(timeout=86400)",
    "chute.job(ports=[{'name': 'a', 'port': 8002, 'proto': 'tcp'}])",
    "NodeSelector(gpu_count=8, min_vram_gb_per_gpu=140, max_hourly_price_per_gpu=9.99)",
    "NodeSelector(gpu_count='2')",
    "NodeSelector(num_gpus=99)",
    "image.apt_install('python3:any'); image.apt_install('lib*')",
    "image.from_base('registry.example.com:5000/a/b_c:1.0@sha256:' + '0' * 64)",
    "image.add('https://e/a', '/a', chown='1000:a_b', chmod='644')",
    "Image('ME', 'A-b_c.d', '1.0_x')",
]
# What only ours refuses: names and protocols of ports that the platform would refuse later.
STRICTER = [
    "Port(name='A', port=8002, proto='tcp')",
    "Port(name='a', port=8002, proto='sctp')",
]


JUDGE = """
import sys, json
accepted = []
for code in json.load(sys.stdin):
    scope = {}
    try:
        exec(sys.argv[1], scope)
        exec(code, scope)
        accepted.append(True)
    except Exception:
        accepted.append(False)
print(json.dumps(accepted))
"""


def judge(python, *path):
    """Which of the lines an SDK accepts."""
    every = REFUSED + ACCEPTED + STRICTER
    env = {"PYTHONPATH": ":".join(map(str, path)), "HOME": "/nonexistent"}
    done = subprocess.run([python, "-c", JUDGE, HEAD], input=json.dumps(every), text=True,
                          capture_output=True, env=env, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(zip(every, json.loads(done.stdout.splitlines()[-1]), strict=True))


def test_both_refuse_the_same(python, real_python):
    real = judge(real_python)
    local = judge(python, conftest.SDK)
    for code in REFUSED:
        assert (real[code], local[code]) == (False, False), code
    for code in ACCEPTED:
        assert (real[code], local[code]) == (True, True), code
    for code in STRICTER:
        assert (real[code], local[code]) == (True, False), code
