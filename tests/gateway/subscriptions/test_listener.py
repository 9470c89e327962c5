"""What waits for a subscription, and what its cursor stands for."""

from typing import Any

from telegraphql.gateway.plugin.selection import NOTHING
from telegraphql.gateway.subscriptions.listener import Event, Listener, Missed
from telegraphql.schema.call import Call
from tests.support.records import at, call


def listener(**options: Any) -> Listener:
    given: dict[str, Any] = {"wants": lambda name: name != "hidden", "select": NOTHING, "most": 2, "begun": at(0)}
    return Listener(**given | options)


def ended(native_id: object, provider: str = "a") -> Call:
    return call(native_id, 0, provider, ended_at=at(0))


def waiting(one: Listener) -> list[str]:
    return [event.call.native_id for event in one.queue]


def test_what_is_another_s_is_left_out_and_what_is_too_much_is_remembered() -> None:
    one = listener()
    for number, provider in enumerate(["a", "hidden", "b", "a", "b"]):
        one.offer(Event(ended(number, provider), {}))
    assert (waiting(one), one.too_slow) == (["0", "2"], True)


def test_what_is_missed_is_not_told_before_it_is_read() -> None:
    one = listener(missed={"a": Missed(0)}, marks={"a": 0})
    one.offer(Event(ended(1), {}))
    assert (waiting(one), one.readable()) == ([], None)
    one.looked("a")
    assert one.readable() == "a"
    one.offer(Event(ended(2), {}))
    assert waiting(one) == ["2"]


def test_what_was_read_and_is_told_as_well_comes_once() -> None:
    one = listener(missed={"a": Missed(0, {"told before", "told later"})}, most=9)
    one.looked("a")
    one.readable()
    for name in ("told before", "another"):
        one.offer(Event(ended(name), {}))
    one.caught_up("a", {"told before": 0})
    for name in ("told later", "later still"):
        one.offer(Event(ended(name), {}))
    one.looked("a")
    assert (waiting(one), one.readable()) == (["another", "later still"], None)


def test_what_waited_while_the_reading_failed_is_read_again() -> None:
    one = listener(missed={"a": Missed(0)}, most=9)
    one.looked("a")
    one.readable()
    one.offer(Event(ended(1), {}))
    one.offer(Event(ended(2, "b"), {}))
    one.not_caught_up("a")
    one.offer(Event(ended(3), {}))
    assert waiting(one) == ["2"]


def test_what_is_missed_of_a_provider_stays_in_the_cursor_until_it_is_read() -> None:
    one = listener(missed={"a": Missed(3)}, marks={"a": 3})
    event = Event(ended(1, "b"), {"a": 7, "b": 8, "hidden": 9})
    one.passed(event)
    assert one.marks == {"a": 3, "b": 8}
    one.caught_up("a", {})
    one.passed(event)
    assert one.marks == {"a": 7, "b": 8}
