"""Moments: how the generated client writes them; over a WebSocket it would not know by itself."""

from datetime import datetime


def written(moment: datetime) -> str:
    """RFC 3339 with its offset, as the gateway reads it."""
    return moment.isoformat()
