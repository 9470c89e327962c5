"""Compiled answers are graphql-core's: a fixed share of what `python -m tests.gateway.executing.differential` asks."""

import pytest

from tests.gateway.executing.differential import RATES, run

# graphql-core leaves coroutines that it never began behind where an answer is given up: as many with compiled code as without.
pytestmark = [pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"), pytest.mark.slow]


def test_answers_and_errors_are_the_same_whatever_upstreams_send() -> None:
    told = run(240, derandomize=True)
    assert told.answers > 500
    assert told.errors > 100
    assert told.left_open < told.answers / 50
    assert told.programs.fell > 100


def test_with_well_behaved_upstreams_nearly_all_is_compiled() -> None:
    told = run(200, RATES[:1], derandomize=True)
    assert told.programs.ran > 500
    assert told.share() > 0.95
