"""Sound: WAV files made by code, a tone of any length."""

import struct
from functools import lru_cache
from math import pi, sin

RATE = 8000
HEADER = 44


def size(seconds: int) -> int:
    """How many bytes a file of this length has."""
    return HEADER + RATE * seconds


@lru_cache(maxsize=8)
def wav(seconds: int, pitch: int) -> bytes:
    """A mono file of 8-bit samples."""
    second = bytes(int(128 + 64 * sin(2 * pi * pitch * at / RATE)) for at in range(RATE))
    length = RATE * seconds
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + length, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8, b"data", length)
    return head + second * seconds
