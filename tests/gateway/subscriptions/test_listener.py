"""What waits for a subscription, and what its cursor stands for."""

from typing import Any

from telegraphql.gateway.plugin.selection import NOTHING
from telegraphql.gateway.subscriptions.listener import Backlog, EndedCall, Listener
from telegraphql.schema.call import Call
from tests.support.records import at, call


def listener(**options: Any) -> Listener:
    given: dict[str, Any] = {"includes": lambda name: name != "hidden", "select": NOTHING, "max_queue": 2, "joined_at": at(0)}
    return Listener(**given | options)


def ended(native_id: object, provider: str = "a") -> Call:
    return call(native_id, 0, provider, ended_at=at(0))


def waiting(one: Listener) -> list[str]:
    return [event.call.native_id for event in one.queue]


def test_what_is_another_s_is_left_out_and_what_is_too_much_is_remembered() -> None:
    one = listener()
    for number, provider in enumerate(["a", "hidden", "b", "a", "b"]):
        one.offer(EndedCall(ended(number, provider), {}))
    assert (waiting(one), one.is_too_slow) == (["0", "2"], True)


def test_what_is_missed_is_not_told_before_it_is_read() -> None:
    one = listener(backlogs={"a": Backlog(0)}, watermarks={"a": 0})
    one.offer(EndedCall(ended(1), {}))
    assert (waiting(one), one.next_backlog()) == ([], None)
    one.provider_polled("a")
    assert one.next_backlog() == "a"
    one.offer(EndedCall(ended(2), {}))
    assert waiting(one) == ["2"]


def test_what_was_read_and_is_told_as_well_comes_once() -> None:
    one = listener(backlogs={"a": Backlog(0, {"told before", "told later"})}, max_queue=9)
    one.provider_polled("a")
    one.next_backlog()
    for name in ("told before", "another"):
        one.offer(EndedCall(ended(name), {}))
    one.finish_backlog("a", {"told before": 0})
    for name in ("told later", "later still"):
        one.offer(EndedCall(ended(name), {}))
    one.provider_polled("a")
    assert (waiting(one), one.next_backlog()) == (["another", "later still"], None)


def test_what_waited_while_the_reading_failed_is_read_again() -> None:
    one = listener(backlogs={"a": Backlog(0)}, max_queue=9)
    one.provider_polled("a")
    one.next_backlog()
    one.offer(EndedCall(ended(1), {}))
    one.offer(EndedCall(ended(2, "b"), {}))
    one.retry_backlog("a")
    one.offer(EndedCall(ended(3), {}))
    assert waiting(one) == ["2"]


def test_what_is_missed_of_a_provider_stays_in_the_cursor_until_it_is_read() -> None:
    one = listener(backlogs={"a": Backlog(3)}, watermarks={"a": 3})
    event = EndedCall(ended(1, "b"), {"a": 7, "b": 8, "hidden": 9})
    one.advance(event)
    assert one.watermarks == {"a": 3, "b": 8}
    one.finish_backlog("a", {})
    one.advance(event)
    assert one.watermarks == {"a": 7, "b": 8}
