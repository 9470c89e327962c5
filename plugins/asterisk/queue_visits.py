"""Queue visits: what stands in the queue log of one caller in one queue, from ENTERQUEUE on.

The log has an event a line. A visit is all events of one channel in one queue until the same channel enters that queue again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from telegraphql.plugin import still_wanted
from telegraphql.plugins.asterisk.selecting import Found, Piece, PlacedQuery, first_of
from telegraphql.plugins.asterisk.wire import digest

ENTER = "ENTERQUEUE"
# app_queue.c: nothing of the visit follows these but what a transfer adds in the same moment.
ENDS = frozenset(
    {
        *("ABANDON", "EXITEMPTY", "EXITWITHKEY", "EXITWITHTIMEOUT", "SYSCOMPAT", "AGENTDUMP"),
        *("COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER"),
    }
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class QueueLogEvent(msgspec.Struct, frozen=True):
    """One event: when, of which channel, in which queue, by which agent, and what belongs to it."""

    at: datetime
    channel: str
    queue: str
    agent: str
    word: str
    data: Sequence[str] = ()

    @property
    def id(self) -> str:
        """Return the id of the visit that begins with it."""
        return f"{(self.at - EPOCH) // MICROSECOND}/{self.channel}/{digest(self.queue)}"

    @property
    def visitor(self) -> tuple[str, str]:
        """Return what all events of a visit have in common."""
        return self.channel, self.queue


class Visit(msgspec.Struct, frozen=True):
    """A visit, with its events in order of time."""

    at: datetime
    id: str
    channel: str
    queue: str
    events: Sequence[QueueLogEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery(PlacedQuery[QueueLogEvent]):
    """Events between two moments. `word` and `channels` are what a database can do of `keep` by itself; None: any."""

    word: str | None = None
    channels: Collection[str] | None = None


class ReadEvents(Protocol):
    """One state of a queue log."""

    def __call__(self, query: EventQuery) -> Iterator[Piece[QueueLogEvent]]:
        """Return the events of a query, from the end that it names."""


class QueueLog(Protocol):
    """A place where the events are kept."""

    def check(self) -> None:
        """Read what there is, to see that it can be read."""

    def opened(self) -> AbstractContextManager[ReadEvents]:
        """Open it."""


@dataclass(frozen=True, slots=True)
class Visits:
    """The visits in a log. Its methods read it: they are for `Upstream.run`. `reach` is the longest time of a visit."""

    log: QueueLog
    reach: timedelta

    def slice(
        self, since: datetime | None, until: datetime | None, newest: bool, most: int, queues: Collection[str] | None = None
    ) -> Found[Visit]:
        """Return the first visits that began between two moments."""

        def keep(event: QueueLogEvent) -> bool:
            return event.word == ENTER and (queues is None or event.queue in queues)

        query = EventQuery(since=since, until=until, newest=newest, most=most, keep=keep, word=ENTER)
        with self.log.opened() as read:
            return self._begun(read, query)

    def named(self, ids: Collection[str]) -> Found[Visit]:
        """Return visits by their ids, which tell when they began."""
        known = {key: at for key in ids if (at := entered(key))}
        channels = frozenset(key.split("/")[1] for key in known)
        found = Found[Visit]()
        if not known:
            return found
        with self.log.opened() as read:
            for at in sorted(set(known.values())):
                query = EventQuery(since=at, until=at, newest=False, keep=lambda event: event.id in known, word=ENTER, channels=channels)
                found.placed += self._begun(read, query).placed
        return found

    def _begun(self, read: ReadEvents, query: EventQuery) -> Found[Visit]:
        begun = first_of(read(query), query)
        return Found(visits(begun.placed, read, self.reach), begun.complaints)


def visits(begun: Sequence[QueueLogEvent], read: ReadEvents, reach: timedelta) -> list[Visit]:
    """Return the visits that begin with these events, in their order."""
    if not begun:
        return []
    times = [each.at for each in begun]
    channels = frozenset(each.channel for each in begun)

    def keep(event: QueueLogEvent) -> bool:
        return event.channel in channels

    query = EventQuery(since=min(times), until=max(times) + reach, newest=False, keep=keep, channels=channels)
    grouped = _grouped(read(query), query, {each.id: each for each in begun}, max(times))
    return [Visit(each.at, each.id, each.channel, each.queue, grouped.get(each.id, [each])) for each in begun]


def _grouped(
    pieces: Iterable[Piece[QueueLogEvent]], query: EventQuery, begun: dict[str, QueueLogEvent], last: datetime
) -> dict[str, list[QueueLogEvent]]:
    """Return the events of each visit. Reading ends with the last visit."""
    groups: dict[str, list[QueueLogEvent]] = {}
    current: dict[tuple[str, str], str] = {}
    for piece in pieces:
        still_wanted()
        if piece.earliest > last and not current:
            break
        for event in sorted(filter(query.wants, piece.read().placed), key=lambda each: each.at):
            if event.word == ENTER:
                # Of one that is not wanted only so much is known: the one before has ended.
                current.pop(event.visitor, None)
                if event.id in begun:
                    current[event.visitor] = event.id
            key = current.get(event.visitor)
            if key is not None:
                groups.setdefault(key, []).append(event)
                if event.word in ENDS:
                    del current[event.visitor]
    return groups


def entered(native_id: str) -> datetime | None:
    """Return when a visit began, from its id; None where somebody made it up."""
    digits, _, rest = native_id.partition("/")
    if "/" not in rest or not (digits.isascii() and digits.isdecimal()) or len(digits) > 17:
        return None
    return EPOCH + int(digits) * MICROSECOND
