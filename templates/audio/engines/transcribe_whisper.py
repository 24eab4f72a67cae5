"""Text from speech in many languages: Whisper, by faster-whisper, on the GPU where there is one."""

import base64
import binascii
import ctypes
import importlib.util
import io
import os
import pathlib

from fastapi import HTTPException

RATE = 16000  # samples a second that the model wants
SECONDS_MAX = 3600


def load_libraries():
    """The libraries of CUDA that came as Python packages, so that the engine finds them by name."""
    spec = importlib.util.find_spec("nvidia")
    folders = [pathlib.Path(folder) for folder in spec.submodule_search_locations] if spec else []
    for pattern in ("cublas/lib/libcublasLt.so.*", "cublas/lib/libcublas.so.*", "cudnn/lib/libcudnn*.so.*"):
        for file in sorted(file for folder in folders for file in folder.glob(pattern)):
            try:
                ctypes.CDLL(str(file), mode=ctypes.RTLD_GLOBAL)
            except OSError as problem:  # without a driver the CPU does the work
                print(f"not loaded: {problem}", flush=True)


def load(self):
    load_libraries()
    from faster_whisper import WhisperModel
    from huggingface_hub import snapshot_download

    folder = snapshot_download(
        os.environ["AUDIO_MODEL"], revision=os.environ.get("AUDIO_REVISION") or None
    )
    self.state.whisper = WhisperModel(folder, num_workers=4)


def transcribe(self, params):
    samples = read_audio(decode(params.audio_b64))
    try:
        segments, _ = self.state.whisper.transcribe(samples, language=params.language, vad_filter=True)
    except ValueError as problem:  # a language that the model does not know
        raise HTTPException(400, str(problem)) from None
    found = [
        {"start": round(part.start, 2), "end": round(part.end, 2), "text": part.text.strip()}
        for part in segments
    ]
    return {"text": " ".join(part["text"] for part in found), "segments": found}


def decode(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise HTTPException(400, "'audio_b64' is no base64") from None


def read_audio(data):
    """Any audio file as samples of one channel at RATE. What is packed tightly is long: it is
    unpacked no further than needed to see that."""
    import av
    import numpy as np

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    parts = []
    count = 0
    try:
        with av.open(io.BytesIO(data), metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise HTTPException(400, "'audio_b64' is a file without audio")
            for frame in frames(container):
                new = [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
                parts += new
                count += sum(map(len, new))
                if count > SECONDS_MAX * RATE:
                    raise HTTPException(400, f"the audio is longer than {SECONDS_MAX} seconds")
    except av.FFmpegError:
        raise HTTPException(400, "'audio_b64' is no audio file") from None
    if not count:
        raise HTTPException(400, "the audio is empty")
    return np.concatenate(parts).astype(np.float32) / 32768


def frames(container):
    """Each frame, and None for what the resampler still holds."""
    yield from container.decode(audio=0)
    yield None
