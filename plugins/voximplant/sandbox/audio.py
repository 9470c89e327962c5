"""Silent MPEG audio that players accept."""

# MPEG-2 layer III without checksum, 8 kbit/s, 16 kHz, mono: 576 samples, 36 ms, in 36 bytes. Zero side information is silence.
FRAME = bytes((0xFF, 0xF3, 0x18, 0xC0)).ljust(36, b"\0")
FRAME_MS = 36


def size(seconds: int) -> int:
    """Return the number of bytes of this many seconds."""
    return len(FRAME) * frames(seconds)


def frames(seconds: int) -> int:
    """Return the number of frames of this many seconds; at least one."""
    return max(1, -(-seconds * 1000 // FRAME_MS))


def silence(seconds: int) -> bytes:
    """Return this many seconds of silence."""
    return FRAME * frames(seconds)
