"""Visit mapping: what the events of a caller in a queue say of the visit."""

from collections.abc import Callable, Sequence

from telegraphql.plugin import PROVIDER, ROW, Column, Mapping, plain, text
from telegraphql.plugins.asterisk.mapping import queue
from telegraphql.plugins.asterisk.queue_visits import ENDS, ENTER, QueueLogEvent, Visit
from telegraphql.schema import QueueEvent, QueueOutcome, QueueVisit

# app_queue.c. CONNECT is not last, but what comes after it does not change the outcome.
OUTCOMES = {
    "CONNECT": QueueOutcome.SERVICED,
    "ABANDON": QueueOutcome.ABANDONED,
    # The caller pressed a key to leave.
    "EXITWITHKEY": QueueOutcome.ABANDONED,
    "EXITWITHTIMEOUT": QueueOutcome.REJECTED,
    "EXITEMPTY": QueueOutcome.REJECTED,
}
# Where the seconds stand in what belongs to an event; from the end in a transfer, whose first parts differ in number.
ANSWERED = {"CONNECT": 0, "COMPLETEAGENT": 0, "COMPLETECALLER": 0, "BLINDTRANSFER": -3, "ATTENDEDTRANSFER": -3, "TRANSFER": 2}
WAITS = ANSWERED | {"ABANDON": 2, "EXITEMPTY": 2, "EXITWITHTIMEOUT": 2, "EXITWITHKEY": 3}
TALKS = {"COMPLETEAGENT": 1, "COMPLETECALLER": 1, "BLINDTRANSFER": -2, "ATTENDEDTRANSFER": -2, "TRANSFER": 3}
ENDED_BY_AGENT = {"COMPLETEAGENT": True, "COMPLETECALLER": False}
OWN_WORDS = ENDS | {ENTER, "CONNECT", "RINGNOANSWER", "RINGCANCELED"}
Events = Sequence[QueueLogEvent]


def outcome(events: Events) -> QueueOutcome:
    """Return how a visit ended."""
    return next((OUTCOMES[each.word] for each in events if each.word in OUTCOMES), QueueOutcome.UNKNOWN)


def wait_seconds(events: Events) -> int | None:
    """Return how long the caller waited."""
    return _first(events, WAITS)


def service_seconds(events: Events) -> int | None:
    """Return how long an agent talked."""
    return _first(events, TALKS)


def agent(events: Events) -> str | None:
    """Return the member of the queue who answered."""
    return next((known(each.agent) for each in events if each.word == "CONNECT"), None)


def was_hung_up_by_agent(events: Events) -> bool | None:
    """Return who hung up; None where nobody did, as after a transfer."""
    return next((ENDED_BY_AGENT[each.word] for each in events if each.word in ENDED_BY_AGENT), None)


def shown(events: Events) -> list[QueueEvent]:
    """Return the events as clients see them. What the dialplan added by QueueLog() keeps its data."""
    return [QueueEvent(at=each.at, type=each.word, agent_id=known(each.agent), custom_data=_data(each)) for each in events]


def known(name: str) -> str | None:
    """Return the name of a member or channel; None for the word that stands for none."""
    return None if name in ("", "NONE") else name


def told(visit: Visit) -> dict[str, object]:
    """Return a visit as `native` shows it."""
    return {"queue": visit.queue, "events": [[each.at.isoformat(), each.agent, each.word, *each.data] for each in visit.events]}


def _data(event: QueueLogEvent) -> str | None:
    return None if event.word in OWN_WORDS else "|".join(event.data).strip("|") or None


def _first(events: Events, places: dict[str, int]) -> int | None:
    found = (_seconds(each.data, places[each.word]) for each in events if each.word in places)
    return next((each for each in found if each is not None), None)


def _seconds(data: Sequence[str], place: int) -> int | None:
    try:
        number = data[place]
    except IndexError:
        return None
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else None


def of_events(read: Callable[[Events], object]) -> Column:
    """Return the column that reads the events."""
    return Column(read, "events")


QUEUE_VISIT = Mapping(
    QueueVisit,
    Visit,
    native_id=plain("id"),
    entered_at=plain("at"),
    raw=Column(told, ROW),
    refs={"queue": text("queue")},
    held={"queue": Column(queue, "queue", PROVIDER)},
    outcome=of_events(outcome),
    wait_seconds=of_events(wait_seconds),
    service_seconds=of_events(service_seconds),
    agent_id=of_events(agent),
    was_hung_up_by_agent=of_events(was_hung_up_by_agent),
    request_id=Column(known, "channel"),
    events=of_events(shown),
)
