"""Soak, in short: under load and random faults nothing grows without end, nothing is left behind, nothing secret is said."""

from pathlib import Path

import pytest

from tests.resilience.soak import Bounds, slope, soak

pytestmark = pytest.mark.slow
SECONDS = 15.0
# So short a time still warms up: only what grows with every request is seen.
BOUNDS = Bounds(slope=150.0)


def test_a_short_soak_leaves_nothing_behind(tmp_path: Path) -> None:
    report = soak(SECONDS, tmp_path)
    assert report.complaints(BOUNDS) == [], "\n".join(report.lines())
    assert report.heard.requests > 50
    assert len(report.heard.ears.secrets) >= 6
    assert report.heard.problems


def test_the_slope_is_that_of_the_line_nearest_to_all_points() -> None:
    assert slope([(0, 10), (1, 12), (2, 14)]) == 2
    assert slope([(0, 10), (1, 11), (2, 10), (3, 11)]) == 0.2
    assert slope([(0, 10)]) == 0
