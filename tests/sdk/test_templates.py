# SPDX-License-Identifier: MIT
"""The platform's templates: what the program knows of them is what the SDK registers."""

import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDER = ROOT / "tests" / "sdk" / "record_templates.py"
VECTOR = ROOT / "tests" / "vectors" / "templates_0.6.9.json"
CARRIED = ROOT / "lib" / "lower" / "templates"


def record(real_python, *args):
    done = subprocess.run(
        [real_python, RECORDER, *args],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_record_is_what_the_sdk_registers(real_python, tmp_path):
    assert record(real_python) == VECTOR.read_text()
    record(real_python, tmp_path)
    files = sorted(path.name for path in CARRIED.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    for name in files:
        assert (tmp_path / name).read_text() == (CARRIED / name).read_text(), name


def test_cords_carried_are_those_recorded():
    vector = json.loads(VECTOR.read_text())
    for kind, template in vector["templates"].items():
        text = (CARRIED / f"{kind}.json").read_text().replace("@NAME@", vector["model"])
        carried = json.loads(text)
        assert [list(cord) for cord in carried] == [list(cord)[:11] for cord in template["cords"]]
        for cord, recorded in zip(carried, template["cords"], strict=True):
            assert cord == {key: recorded[key] for key in cord}, kind
