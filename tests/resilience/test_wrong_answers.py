"""Wrong answers: whatever one upstream sends, all readable rows are there once and in order, or a problem says what is missing."""

from collections.abc import Iterator, Mapping
from itertools import cycle, product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from tests.resilience.simulated_gateway import Place
from tests.resilience.wrong_answers import LIARS, LISTED, MODES, NEWEST, OLDEST, SIZED, Walk, check, lying_place, misbehave, read
from tests.support.examples import examples

# Each mode once in large pages, once in small ones and once backward, each at another provider; the long tests walk them all.
QUICK = [(mode, Walk.of("Call", LIARS[(number + 1) % len(LIARS)], 100)) for number, mode in enumerate(MODES)]
QUICK += [(mode, Walk.of("Call", LIARS[number % len(LIARS)], 7, OLDEST)) for number, mode in enumerate(MODES)]
QUICK += [(mode, Walk.of("Call", LIARS[(number + 2) % len(LIARS)], 100, backward=True)) for number, mode in enumerate(MODES)]
QUICK += [(mode, Walk.of("Call", sick, 7)) for mode, sick in zip(SIZED, cycle(LIARS), strict=False)]
SIZES, ORDERS, WAYS = (1, 7, 100, 500), (NEWEST, OLDEST), (False, True)
WHOLE = [
    (mode, Walk.of("Call", sick, size, order, backward))
    for mode, sick, size, order, backward in product((*MODES, *SIZED), LIARS, SIZES, ORDERS, WAYS)
]
KINDS = [(mode, Walk.of(kind, sick, 7, NEWEST)) for mode, sick in product(MODES, LIARS) for kind in LISTED[sick] if kind != "Call"]


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with lying_place(tmp_path_factory.mktemp("wrong")) as found:
        yield found


def proves(lying: Place, walk: Walk, modes: Mapping[str, str]) -> None:
    """Walk through faults, and check what came of them."""
    misbehave(lying, modes)
    try:
        check(lying, walk, modes, read(lying, walk))
    finally:
        lying.behave()
    assert lying.ears.leaks == []


@pytest.mark.parametrize(("mode", "walk"), QUICK, ids=str)
def test_a_wrong_answer_costs_as_little_as_it_can(lying: Place, mode: str, walk: Walk) -> None:
    proves(lying, walk, {walk.providers[0]: mode})


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "walk"), WHOLE, ids=str)
def test_a_walk_through_wrong_answers(lying: Place, mode: str, walk: Walk) -> None:
    proves(lying, walk, {walk.providers[0]: mode})


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "walk"), KINDS, ids=str)
def test_a_walk_of_another_kind(lying: Place, mode: str, walk: Walk) -> None:
    proves(lying, walk, {walk.providers[0]: mode})


@settings(max_examples=examples(25), phases=[Phase.generate])
@given(
    modes=some.dictionaries(some.sampled_from(LIARS), some.sampled_from((*MODES, *SIZED)), min_size=2, max_size=4),
    size=some.sampled_from((5, 30, 100)),
    order=some.sampled_from(ORDERS),
    backward=some.booleans(),
)
def test_several_that_send_wrong_answers_at_once(lying: Place, modes: dict[str, str], size: int, order: str, backward: bool) -> None:
    proves(lying, Walk("Call", LIARS, size, order, backward), modes)
