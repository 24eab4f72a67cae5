"""Speech from text: espeak-ng, one process for each request."""

import pathlib
import subprocess
import tempfile

from fastapi import HTTPException, Response

LIMIT_S = 120
WORDS_PER_MINUTE = "160"  # a little slower than its default: listeners and recognisers get more of it
HEADER_BYTES = 44  # of a WAV file


def speak(self, params):
    if not params.text.strip() or "\0" in params.text:
        raise HTTPException(400, "'text' has nothing that can be said")
    with tempfile.TemporaryDirectory(prefix="speak-") as folder:
        file = pathlib.Path(folder) / "speech.wav"
        words = ["espeak-ng", "-v", params.voice, "-s", WORDS_PER_MINUTE, "-w", str(file), "--stdin"]
        try:
            done = subprocess.run(
                words, input=params.text.encode(errors="replace"), capture_output=True, timeout=LIMIT_S
            )
        except subprocess.TimeoutExpired:
            raise HTTPException(504, f"speaking took more than {LIMIT_S} seconds") from None
        message = done.stderr.decode(errors="replace")
        if done.returncode and "voice" in message:
            raise HTTPException(400, f"there is no voice '{params.voice}'")
        if done.returncode:
            raise RuntimeError(f"espeak-ng ended with {done.returncode}: {message}")
        speech = file.read_bytes() if file.exists() else b""
    if len(speech) <= HEADER_BYTES:
        raise HTTPException(400, "'text' has nothing that can be said")
    return Response(speech, media_type="audio/wav")
