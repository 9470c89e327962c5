"""Audio of sandboxes: playable files of any length, as WAV and MP3, with what sounds like two people who talk."""

import struct
from functools import lru_cache
from math import pi, sin
from pathlib import Path
from random import Random

RATE = 8000
WAV_HEADER = 44
# MPEG-2 layer III without checksum, 8 kbit/s, 16 kHz, mono: 576 samples, 36 ms, in 36 bytes.
FRAME_BYTES = FRAME_MS = 36
SYLLABLES = 12
SILENCE = bytes([128])
# Six seconds of made-up syllables, so that players have something to play. The first frame needs no other one, so that it can be repeated.
VOICE = Path(__file__).with_name("voice.mp3").read_bytes()


def wav_size(seconds: int) -> int:
    """Return the size of a WAV file of this length, in bytes."""
    return WAV_HEADER + RATE * seconds


@lru_cache(maxsize=8)
def wav(seconds: int, pitch: int = 440) -> bytes:
    """Return a talk of two voices as a WAV file: one channel of 8-bit samples. Each pitch in Hz makes another talk."""
    length = RATE * seconds
    talk = _talk(pitch)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + length, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8, b"data", length)
    return header + (talk * (length // len(talk) + 1))[:length]


@lru_cache(maxsize=32)
def _talk(pitch: int) -> bytes:
    """Return some seconds of syllables of different length and loudness: one voice speaks, and another one answers after a pause."""
    random = Random(pitch)
    talk = bytearray()
    for voice in (pitch / 2, pitch):
        for _ in range(SYLLABLES):
            talk += _syllable(voice * random.uniform(0.9, 1.15), random.randint(RATE // 10, RATE // 4), random.uniform(15, 100))
            talk += SILENCE * random.choice((0, 0, RATE // 40, RATE // 5))
        talk += SILENCE * (RATE // 2)
    return bytes(talk)


def _syllable(pitch: float, samples: int, loudness: float) -> bytes:
    step, swell = 2 * pi * pitch / RATE, pi / samples
    return bytes(int(128 + loudness * sin(swell * at) * (sin(step * at) + 0.4 * sin(2 * step * at)) / 1.4) for at in range(samples))


def mp3_size(seconds: int) -> int:
    """Return the size of an MP3 file of this length, in bytes; of one frame at the least."""
    return FRAME_BYTES * max(1, -(-seconds * 1000 // FRAME_MS))


def mp3(seconds: int) -> bytes:
    """Return a voice as an MP3 file."""
    return mp3_frames(mp3_size(seconds) // FRAME_BYTES)


def mp3_frames(count: int) -> bytes:
    """Return this many frames of a voice, 36 bytes each."""
    size = count * FRAME_BYTES
    return (VOICE * (size // len(VOICE) + 1))[:size]
