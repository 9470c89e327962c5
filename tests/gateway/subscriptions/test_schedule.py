"""How far back looks reach."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.subscriptions.schedule import STEP, PollSchedule
from tests.support.records import at

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_the_first_look_reaches_all_the_way_and_then_each_fourth_four_times_as_far() -> None:
    rhythm = PollSchedule(5 * MINUTE, 4 * HOUR)
    reached = []
    for number in range(129):
        reached.append(rhythm.windows[rhythm.due_window])
        rhythm.record_success(at(number))
    assert [window // MINUTE for window in rhythm.windows] == [5, 20, 80, 240]
    assert reached[:9] == [4 * HOUR, *[5 * MINUTE] * 3, 20 * MINUTE, *[5 * MINUTE] * 3, 20 * MINUTE]
    assert Counter(reached[1:]) == {5 * MINUTE: 96, 20 * MINUTE: 24, 80 * MINUTE: 6, 240 * MINUTE: 2}


def test_a_look_reads_from_where_the_last_of_its_reach_left_off() -> None:
    rhythm = PollSchedule(MINUTE, MINUTE)
    assert rhythm.next_start(at(0)) == at(-60)
    assert rhythm.next_start(at(500)) == at(440)
    rhythm.record_success(at(0))
    assert rhythm.next_start(at(3)) == at(-60)
    assert rhythm.next_start(at(900)) == at(-60)
    rhythm.record_success(at(900))
    assert rhythm.next_start(at(903)) == at(840)


@given(st.integers(1, 240), st.integers(0, 200))
def test_what_appears_is_read_within_so_many_looks_as_its_age_wants(age: int, first: int) -> None:
    rhythm = PollSchedule(5 * MINUTE, 4 * HOUR)
    for number in range(first + 1):
        rhythm.record_success(at(3 * number))
    appeared, stands = at(3 * first + 1), at(3 * first + 1) - age * MINUTE
    looks = 0
    while True:
        looks += 1
        began = appeared + timedelta(seconds=3 * looks - 1)
        if rhythm.next_start(began) < stands:
            break
        rhythm.record_success(began)
    assert looks <= max(1, STEP * age / 5)
