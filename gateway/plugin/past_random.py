"""Random ages of what happened before a sandbox began: spread evenly, or as a day's curve of office hours."""

from bisect import bisect_right
from itertools import accumulate
from random import Random

HOUR, DAY = 3600, 86_400
# How busy each hour of a day is in UTC, as offices in Europe work.
HOURS = (2, 1, 1, 1, 2, 4, 12, 26, 34, 34, 28, 20, 26, 32, 30, 24, 14, 9, 7, 6, 5, 4, 3, 2)
SUMS = (0, *accumulate(HOURS))


class PastRandom(Random):
    """Random numbers, and random ages in seconds.

    Attributes:
        now: the moment that ages count from, in seconds since 1970.
        has_office_hours: True if most ages are in the office hours of their day. The same draws are made either way.
    """

    def __init__(self, seed: int, now: int, has_office_hours: bool) -> None:
        super().__init__(seed)
        self.now, self.has_office_hours = now, has_office_hours

    def age(self, least: int, most: int) -> int:
        """Return a random age between two, of which the greater one may be exceeded by less than a day."""
        age = self.randint(least, most)
        return self.now - busy(self.now - age, self.now - least) if self.has_office_hours else age


def busy(moment: int, last: int) -> int:
    """Return a moment of the same day in UTC: even moments become as frequent as the hours are busy. None is after `last`."""
    day = moment // DAY * DAY
    length = min(DAY, last - day)
    if length <= 0:
        return moment
    return day + int(_second_at(_calls_until(length) * (moment - day) / length))


def _calls_until(second: int) -> float:
    """Return which part of a day's calls is before a second of it, in the unit of `HOURS`."""
    hour, rest = divmod(second, HOUR)
    return SUMS[hour] + (HOURS[hour] * rest / HOUR if rest else 0)


def _second_at(calls: float) -> float:
    """Return the second of a day before which there is this part of its calls."""
    hour = min(bisect_right(SUMS, calls) - 1, len(HOURS) - 1)
    return (hour + (calls - SUMS[hour]) / HOURS[hour]) * HOUR
