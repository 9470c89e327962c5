"""One plugin for each promise of gateway/conformance/listing.py that breaks it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.plugin.columns import Column
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import ListRequest, Page, Push, Windows, lists
from telegraphql.schema.call import Call
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.session import Session
from telegraphql.schema.voicemessage import Voicemessage
from tests.gateway.conformance.acme import QUEUE, VOICEMESSAGE, Acme, changed
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class OneWay(Acme):
    @same_as(Acme.recordings)
    async def recordings(self, ask: ListRequest) -> Page:
        return await super().recordings(replace(ask, order=TimeOrder.NEWEST_FIRST))


class Local(Acme):
    def voicemessage(self) -> Mapping[Any]:
        return changed(VOICEMESSAGE, received_at=Column(lambda at: at.astimezone(timezone(timedelta(hours=1))), "at"))


class Lagging(Acme):
    def voicemessage(self) -> Mapping[Any]:
        return changed(VOICEMESSAGE, position_time=Column(lambda at: at - timedelta(microseconds=1), "at"))


class Coarse(Acme):
    @lists(Voicemessage, pages=Windows(), filters={"receivedAt": Push.SUPERSET, "mailbox": Push.EXACT}, time_resolution=timedelta(hours=1))
    async def voicemessages(self, ask: ListRequest) -> Page:
        return await super().voicemessages(ask)


class Nameless(Acme):
    def queue(self) -> Mapping[Any]:
        return changed(QUEUE, native_id=Column(lambda id: "" if id == "q3" else id, "id"))


class Selfish(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        page = await super().queues(ask)
        page.records = [replace(view.record(), provider_name="acme") for view in page.records]
        return page


class Fickle(Acme):
    numbers = count()

    @same_as(Acme.voicemessages)
    async def voicemessages(self, ask: ListRequest) -> Page:
        page = await super().voicemessages(ask)
        page.records = [replace(view.record(), transcript=f"number {next(self.numbers)}") for view in page.records]
        return page


class Narrow(Acme):
    @same_as(Acme.voicemessages)
    async def voicemessages(self, ask: ListRequest) -> Page:
        return await super().voicemessages(replace(ask, since=ask.since and ask.since + timedelta(seconds=2)))


class Boundless(Acme):
    @same_as(Acme.voicemessages)
    async def voicemessages(self, ask: ListRequest) -> Page:
        return await super().voicemessages(replace(ask, since=None, until=None))


class Stuck(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        return await super().queues(replace(ask, offset=0))


class Greedy(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        return await super().queues(replace(ask, size=50))


class Shifted(Acme):
    @same_as(Acme.session)
    def session(self, parts: Sequence[Call]) -> Session:
        made = super().session(parts)
        made.started_at -= timedelta(hours=5)
        return made


class Boastful(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        page = await super().queues(ask)
        page.total = page.total and page.total + 1
        return page


BROKEN = [
    Broken(OneWay, "sorts_in_both_orders", "send the order", frozenset({"follows_every_page_of_gets"})),
    Broken(
        Local, "has_position_times_in_utc", "convert the upstream's times to aware UTC datetimes", frozenset({"matches_the_field_types"})
    ),
    Broken(
        Lagging,
        "has_position_times_in_utc",
        "leave the column `position_time` out, or declare `position_time=True`",
        frozenset({"declares_its_time_resolution"}),
    ),
    Broken(Coarse, "declares_its_time_resolution", "declare `time_resolution` as fine as the upstream's clock"),
    Broken(Nameless, "has_ids", "has no native_id: set it to a non-empty text from the row", frozenset({"delivers_every_row"})),
    Broken(Selfish, "names_its_provider", "set it to Provider.id"),
    Broken(
        Fickle,
        "delivers_stable_records",
        "derive ids and fields from the row",
        frozenset({"ignores_and_keeps_unknown_fields", "believes_no_nonsense"}),
    ),
    Broken(Narrow, "loses_nothing_between_bounds", "rounding outwards"),
    Broken(Boundless, "sends_time_bounds", "changes nothing in the request: send it", frozenset({"understands_every_empty_answer"})),
    Broken(Stuck, "continues_by_offset", "count ListRequest.offset in upstream rows", frozenset({"follows_every_page"})),
    Broken(Greedy, "respects_the_size", "send ListRequest.size as the limit"),
    Broken(Shifted, "pages_through_the_gateway", "paging loses Session"),
    Broken(Boastful, "counts_exactly", "declare `counts` only if"),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
