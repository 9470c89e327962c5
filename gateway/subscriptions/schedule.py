"""Rhythm: how far back each look reaches - a short way often, a long way seldom - and from when on a look must read to miss nothing."""

from datetime import datetime, timedelta

STEP = 4


class Rhythm:
    """Every 4th look reaches 4 times as far, every 16th 16 times, up to the whole; the first one reaches all the way.

    So a record of age `a` when it appears is found within `STEP * a / short` looks, and a look costs little more than the short window."""

    def __init__(self, short: timedelta, whole: timedelta) -> None:
        self.windows = [min(short, whole)]
        while self.windows[-1] < whole:
            self.windows.append(min(self.windows[-1] * STEP, whole))
        self._done = 0
        self._reached: list[datetime | None] = [None] * len(self.windows)

    @property
    def whole_at(self) -> datetime | None:
        """When the last look began that reached all the way; None before the first."""
        return self._reached[-1]

    @property
    def due(self) -> int:
        """Which window is next."""
        tier = 0
        while tier + 1 < len(self.windows) and self._done % STEP ** (tier + 1) == 0:
            tier += 1
        return tier

    def since(self, now: datetime) -> datetime:
        """From which start on the next look reads: what appeared since the last look of its reach can stand no earlier."""
        return (self._reached[self.due] or now) - self.windows[self.due]

    def reach_all_the_way(self) -> None:
        """Let the next look do so, whatever its turn."""
        self._done = 0

    def succeeded(self, began: datetime) -> None:
        """The next look has been taken; one that failed is taken again, from where the last good one left off."""
        for tier in range(self.due + 1):
            self._reached[tier] = began
        self._done += 1
