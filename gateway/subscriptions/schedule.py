"""The poll schedule: short time windows often, long ones seldom, without missing a record."""

from datetime import datetime, timedelta

STEP = 4


class PollSchedule:
    """Every 4th poll covers a window 4 times as long, every 16th one 16 times as long, up to the full window. The first poll is a full one.

    A record that appears at age `a` is found within `STEP * a / short` polls, and a poll costs little more than the short window.
    """

    def __init__(self, short: timedelta, full: timedelta) -> None:
        self.windows = [min(short, full)]
        while self.windows[-1] < full:
            self.windows.append(min(self.windows[-1] * STEP, full))
        self._polls = 0
        self._last_poll: list[datetime | None] = [None] * len(self.windows)

    @property
    def last_full_poll(self) -> datetime | None:
        """Return when the last full poll started, or None before the first."""
        return self._last_poll[-1]

    @property
    def due_window(self) -> int:
        """Return the index of the next window."""
        tier = 0
        while tier + 1 < len(self.windows) and self._polls % STEP ** (tier + 1) == 0:
            tier += 1
        return tier

    def next_start(self, now: datetime) -> datetime:
        """Return the start of the next poll's window. A record that appeared since the last poll of this window cannot be older."""
        return (self._last_poll[self.due_window] or now) - self.windows[self.due_window]

    def force_full_poll(self) -> None:
        """Make the next poll a full one."""
        self._polls = 0

    def record_success(self, started_at: datetime) -> None:
        """Record a successful poll. A failed poll is repeated with the start of the last successful one."""
        for tier in range(self.due_window + 1):
            self._last_poll[tier] = started_at
        self._polls += 1
