"""Finding: records and sounds by keys.

A sound is of one record: the one during which it began, of those its name or their `userfield` matches; so both are read where one leads
to the other.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

from telegraphql.plugin import SECOND
from telegraphql.plugins.asterisk import local_time, mapping
from telegraphql.plugins.asterisk.legs import CdrQuery, PlacedCdr, native_id, opened, started
from telegraphql.plugins.asterisk.recordings import Matched, Recordings, Sound
from telegraphql.plugins.asterisk.selecting import Found, PlacedQuery
from telegraphql.plugins.asterisk.voicemail import Mailboxes, StoredMessage
from telegraphql.plugins.asterisk.wire import AsteriskCdr

# A leg begins with its channel, and a sound with its leg, give or take a moment.
SLACK = timedelta(minutes=1)
MOMENT = timedelta(seconds=1)
Span = tuple[datetime, datetime]


class Records(Protocol):
    """A place where records are kept."""

    def check(self) -> None:
        """Read what there is, to see that it can be read."""

    def legs(self, wishes: list[CdrQuery]) -> list[Found[PlacedCdr]]:
        """Return the legs of each wish."""

    def close(self) -> None:
        """Let go of what is held open."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds by keys; its methods read files: they are for `Upstream.run`.

    `reach` is the longest time from a channel's first record to the start of its last.
    """

    records: Records
    zone: ZoneInfo
    reach: timedelta

    def named(self, ids: Collection[str]) -> list[PlacedCdr]:
        """Return records by their native ids, which tell when they began."""
        times = {key: text for key in ids if (text := started(key))}
        spans = [(local_time.earliest(text, self.zone), local_time.latest(text, self.zone) + SECOND) for text in times.values()]
        return self._within(spans, lambda cdr: native_id(cdr) in times)

    def of_sessions(self, keys: Collection[str], near: Span | None = None) -> list[PlacedCdr]:
        """Return the records of conversations."""
        wanted = frozenset(keys)
        return self._within(self._spans(keys, near), lambda cdr: mapping.session_of(cdr) in wanted)

    def matched(self, sounds: Sequence[Sound]) -> list[Matched]:
        """Sounds with their records."""
        spans = [self.span_of(sound.key) or (sound.at - self.reach, sound.at + SLACK) for sound in sounds]
        wanted = {sound.key for sound in sounds}
        groups: dict[str, list[PlacedCdr]] = {}
        for leg in self._within(spans, lambda cdr: mapping.recording_key(cdr) in wanted):
            groups.setdefault(mapping.recording_key(leg.cdr) or "", []).append(leg)
        return [Matched(sound, _during(groups.get(sound.key, []), sound.at)) for sound in sounds]

    def sounds_of(self, legs: Sequence[PlacedCdr], sounds: Recordings) -> list[Matched]:
        """Return the sounds of records; others of the same channels are left out."""
        ids = {leg.id for leg in legs}
        found = sounds.of({key for leg in legs if (key := mapping.recording_key(leg.cdr))})
        return [each for each in self.matched(found) if each.leg is not None and each.leg.id in ids]

    def callers(self, messages: Sequence[StoredMessage]) -> list[StoredMessage]:
        """Messages with the records of the channels on which they were left."""
        wanted = {message.channel for message in messages if message.channel}
        spans = [(message.at - self.reach, message.at + MOMENT) for message in messages if message.channel]
        groups: dict[str, list[PlacedCdr]] = {}
        for leg in self._within(spans, lambda cdr: cdr.channel in wanted):
            groups.setdefault(leg.cdr.channel, []).append(leg)
        return [msgspec.structs.replace(each, leg=_during(groups.get(each.channel, []), each.at)) for each in messages]

    def messages_of(self, legs: Sequence[PlacedCdr], voicemail: Mailboxes) -> list[StoredMessage]:
        """Return the messages that were left during records; others of the same channels are left out."""
        if not legs:
            return []
        ids, channels = {leg.id for leg in legs}, {leg.cdr.channel for leg in legs if leg.cdr.channel}
        since, until = min(leg.at for leg in legs) - MOMENT, max(leg.at for leg in legs) + self.reach
        found = voicemail.read(PlacedQuery(since=since, until=until, keep=lambda message: message.channel in channels))
        return [each for each in self.callers(found.placed) if each.leg is not None and each.leg.id in ids]

    def span_of(self, key: str) -> Span | None:
        """Return when what belongs to a key can have begun; None where the key does not tell."""
        begun, text = opened(key), started(key)
        if begun:
            return begun - SLACK, begun + self.reach
        return (local_time.earliest(text, self.zone), local_time.latest(text, self.zone)) if text else None

    def _spans(self, keys: Collection[str], near: Span | None) -> list[Span]:
        """Return spans by the keys, or else by what they come from."""
        spans = [self.span_of(key) for key in keys]
        if None in spans and near is not None:
            spans.append((near[0] - self.reach, near[1] + self.reach))
        return [span for span in spans if span]

    def _within(self, spans: Iterable[Span], keep: Callable[[AsteriskCdr], bool]) -> list[PlacedCdr]:
        wishes = [CdrQuery(since=since, until=until, newest=False, keep=lambda leg: keep(leg.cdr)) for since, until in merged(spans)]
        return [leg for found in self.records.legs(wishes) for leg in found.placed] if wishes else []


def _during(legs: Sequence[PlacedCdr], at: datetime) -> PlacedCdr | None:
    """Return the last leg that began before a sound did; of several at once one that was talked in, the first where all began later."""
    before = [leg for leg in legs if leg.at <= at + MOMENT]
    return max(before, key=lambda leg: (leg.at, (leg.cdr.billsec or 0) > 0, leg.id)) if before else next(iter(legs), None)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order of time, those that overlap made one."""
    whole: list[Span] = []
    for since, until in sorted(spans):
        if whole and since <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], until)
        else:
            whole.append((since, until))
    return whole
