"""Audio of sandboxes: playable files of any length, as WAV and MP3."""

import struct
from functools import lru_cache
from math import pi, sin
from pathlib import Path

RATE = 8000
WAV_HEADER = 44
# MPEG-2 layer III without checksum, 8 kbit/s, 16 kHz, mono: 576 samples, 36 ms, in 36 bytes.
FRAME_BYTES = FRAME_MS = 36
# Six seconds of made-up syllables, so that players have something to play. The first frame needs no other one, so that it can be repeated.
VOICE = Path(__file__).with_name("voice.mp3").read_bytes()


def wav_size(seconds: int) -> int:
    """Return the size of a WAV file of this length, in bytes."""
    return WAV_HEADER + RATE * seconds


@lru_cache(maxsize=8)
def wav(seconds: int, pitch: int = 440) -> bytes:
    """Return a tone as a WAV file: one channel of 8-bit samples."""
    second = bytes(int(128 + 64 * sin(2 * pi * pitch * index / RATE)) for index in range(RATE))
    length = RATE * seconds
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + length, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8, b"data", length)
    return header + second * seconds


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
