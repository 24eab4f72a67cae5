"""Text from English speech: pocketsphinx, which finds the stretches of speech and decodes each."""

import base64
import binascii
import io
import math
import queue
import wave

import numpy as np
from fastapi import HTTPException
from pocketsphinx import Decoder, Segmenter

RATE = 16000  # samples a second that the model wants
RATES = range(8000, 192001)
WIDTHS = range(1, 5)
CHANNELS_MAX = 8
SECONDS_MAX = 600
BLOCK = 1 << 14  # output samples that are computed at once
LOBES = 16  # of the filter, on each side

decoders = queue.SimpleQueue()  # those that nobody uses: a decoder serves one request at a time


def load(self):
    decoders.put(Decoder(samprate=RATE))


def transcribe(self, params):
    if params.language.lower().split("-")[0].split("_")[0] not in ("en", "english"):
        raise HTTPException(400, f"this engine knows English only, not '{params.language}'")
    samples = read_wav(decode(params.audio_b64))
    try:
        decoder = decoders.get_nowait()
    except queue.Empty:
        decoder = Decoder(samprate=RATE)
    try:
        segments = list(recognise(decoder, samples))
    finally:
        decoders.put(decoder)
    return {"text": " ".join(segment["text"] for segment in segments), "segments": segments}


def decode(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise HTTPException(400, "'audio_b64' is no base64") from None


def read_wav(data):
    """The file as 16-bit samples of one channel at RATE."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate, n = file.getparams()[:4]
            check(channels, width, rate, n)
            raw = file.readframes(n)
    except (wave.Error, EOFError, RuntimeError) as problem:  # the last: a chunk ends behind the file
        reason = str(problem) or "it ends too early"
        raise HTTPException(400, f"'audio_b64' is no WAV file with PCM samples: {reason}") from None
    raw = raw[: len(raw) // (channels * width) * channels * width]  # the file may be cut off
    if not raw:
        raise HTTPException(400, "the audio is empty")
    samples = to_float(raw, width).reshape(-1, channels).mean(axis=1, dtype=np.float32)
    samples = resample(samples, rate)
    return np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2")


def check(channels, width, rate, n):
    if width not in WIDTHS:
        raise HTTPException(400, f"a sample of the audio has {width} bytes: 1 to {WIDTHS[-1]} are taken")
    if not 1 <= channels <= CHANNELS_MAX:
        raise HTTPException(400, f"the audio has {channels} channels: 1 to {CHANNELS_MAX} are taken")
    if rate not in RATES:
        raise HTTPException(400, f"the audio has {rate} samples a second: {RATES[0]} to {RATES[-1]} are taken")
    if n > SECONDS_MAX * rate:
        raise HTTPException(400, f"the audio is longer than {SECONDS_MAX} seconds")


def to_float(raw, width):
    """Samples between -1 and 1."""
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    if width == 3:
        padded = np.zeros((len(raw) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return padded.view("<i4")[:, 0].astype(np.float32) / 2**31
    return np.frombuffer(raw, f"<i{width}").astype(np.float32) / 2 ** (8 * width - 1)


def resample(samples, rate):
    """At RATE: a windowed sinc that lets nothing through above half of the lower rate."""
    if rate == RATE:
        return samples
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    scale = min(1.0, RATE / rate)  # of the cut-off
    reach = math.ceil(LOBES / scale)
    taps = np.arange(-reach + 1, reach + 1)
    distance = taps - np.arange(up)[:, None] / up
    window = np.cos(np.pi / 2 * np.clip(distance / reach, -1, 1)) ** 2
    kernels = (scale * np.sinc(distance * scale) * window).astype(np.float32)
    padded = np.pad(samples, reach)
    out = np.empty(len(samples) * up // down, np.float32)
    for start in range(0, len(out), BLOCK):
        position = np.arange(start, min(start + BLOCK, len(out))) * down
        around = padded[(position // up)[:, None] + taps + reach]
        out[start : start + len(position)] = np.einsum("ij,ij->i", around, kernels[position % up])
    return out


def recognise(decoder, samples):
    """Each stretch of speech with what was understood, seconds from the start of the audio."""
    for speech in Segmenter(sample_rate=RATE).segment(io.BytesIO(samples.tobytes())):
        decoder.start_utt()
        decoder.process_raw(speech.pcm, full_utt=True)
        decoder.end_utt()
        best = decoder.hyp()
        if best and best.hypstr:
            yield {
                "start": round(speech.start_time, 2),
                "end": round(speech.end_time, 2),
                "text": best.hypstr,
            }
