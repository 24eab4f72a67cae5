# SPDX-License-Identifier: MIT
"""The audio templates for real: what one chute speaks, another understands."""
import base64
import contextlib
import io
import json
import re
import urllib.error
import wave
from concurrent.futures import ThreadPoolExecutor

import pytest
from real import UNREACHABLE, Serving

BARE = """\
version: 1
name: listener
template: {kind: audio, task: transcribe}
"""


@pytest.fixture
def serving(images, port):
    """serving(task) -> the chute of the project as it is started, or of a spec that is nothing but its
    template, built and served."""
    stack = contextlib.ExitStack()

    def start(task):
        if task == "speak":
            images("init", "--template", "audio", "--name", "speaker", check=0)
        else:
            images.write(BARE)
        done = images.build(check=None)
        if done.code and re.search(UNREACHABLE, done.err):
            pytest.skip(f"the packages for '{task}' cannot be reached")
        assert done.code == 0, repr(done)
        served = stack.enter_context(Serving(images, port, "--port", str(port)))
        assert f"POST /{task}" in served.wait_ready()
        return served

    with stack:
        yield start


def refused(served, path, body):
    with pytest.raises(urllib.error.HTTPError) as wrong:
        served.post(path, body)
    assert wrong.value.code == 400, wrong.value.read()
    return json.load(wrong.value)["detail"]


def encoded(data):
    return base64.b64encode(data).decode()


def silence(seconds, rate=16000, channels=1, width=2):
    out = io.BytesIO()
    with wave.open(out, "w") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(int(seconds * rate) * channels * width))
    return out.getvalue()


@pytest.fixture(scope="session")
def recording(tmp_path_factory):
    """Where the first test leaves what was spoken for the second."""
    return tmp_path_factory.mktemp("audio") / "hello.wav"


def test_speak(serving, recording):
    served = serving("speak")
    with served.post("/speak", {"text": "hello world"}) as reply:
        assert reply.headers["Content-Type"] == "audio/wav"
        speech = reply.read()
    assert speech[:4] == b"RIFF"
    with wave.open(io.BytesIO(speech)) as file:
        assert 0.5 < file.getnframes() / file.getframerate() < 3
        assert any(file.readframes(file.getnframes()))
    recording.write_bytes(speech)
    # nothing of a text is a command or an option
    for text in ("; rm -rf / $(id) `id`", "--help", "-f /etc/passwd", "ä\n\"'\\ 你好"):
        with served.post("/speak", {"text": text, "voice": "de"}) as reply:
            assert reply.read(4) == b"RIFF"
    assert refused(served, "/speak", {"text": " \n"}) == "'text' has nothing that can be said"
    assert refused(served, "/speak", {"text": "a", "voice": "xq"}) == "there is no voice 'xq'"
    for wrong in ({}, {"text": ""}, {"text": "x" * 5001}, {"text": "a", "voice": "-w/etc/x"},
                  {"text": "a", "voice": "en us"}, {"text": 1}):
        assert refused(served, "/speak", wrong) == "Invalid input parameters"
    with served.post("/speak", {"text": "x " * 2500}) as reply:
        assert len(reply.read()) > len(speech)
    with ThreadPoolExecutor(6) as pool:
        replies = pool.map(lambda _: served.post("/speak", {"text": "hello world"}).read(), range(6))
        assert list(replies) == [speech] * 6


def test_transcribe(serving, recording):
    if not recording.exists():
        pytest.skip("nothing was spoken")
    served = serving("transcribe")
    speech = recording.read_bytes()

    def ask(data, **more):
        with served.post("/transcribe", {"audio_b64": encoded(data), **more}) as reply:
            return json.load(reply)

    got = ask(speech)
    assert {"hello", "world"} & set(got["text"].split()), got
    assert got["text"] == " ".join(part["text"] for part in got["segments"])
    assert 0 <= got["segments"][0]["start"] < got["segments"][-1]["end"] < 3
    with ThreadPoolExecutor(2) as pool:  # its concurrency: a third one is refused
        assert list(pool.map(ask, [speech] * 3)) == [got] * 3
    for data in (silence(1), silence(0.5, 44100, 2, 3), silence(0.5, 8000, 1, 1),
                 silence(0.1, 192000, 8, 4)):
        assert ask(data, language="en-US") == {"text": "", "segments": []}

    def why(data, **more):
        return refused(served, "/transcribe", {"audio_b64": encoded(data), **more})

    assert why(silence(0)) == "the audio is empty"
    assert why(b"no sound").startswith("'audio_b64' is no WAV file with PCM samples: ")
    assert why(speech[:30]).startswith("'audio_b64' is no WAV file")
    assert why(silence(0.1, 7999)) == ("the audio has 7999 samples a second: "
                                       "8000 to 192000 are taken")
    assert why(silence(0.1, channels=9)) == "the audio has 9 channels: 1 to 8 are taken"
    assert why(silence(601, 8000, 1, 1)) == "the audio is longer than 600 seconds"
    assert why(speech, language="de") == "this engine knows English only, not 'de'"
    for wrong in ("!!!!", "YQ=", "é"):
        assert refused(served, "/transcribe", {"audio_b64": wrong}) == "'audio_b64' is no base64"
    for wrong in ({}, {"audio_b64": ""}, {"audio_b64": 1}, {"audio_b64": "a" * 28000001}):
        assert refused(served, "/transcribe", wrong) == "Invalid input parameters"
