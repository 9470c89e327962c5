"""One plugin for each promise of gateway/conformance/getting.py that breaks it."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from telegraphql.gateway.errors import BadAnswer
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, TimeWindowJoin, lists
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.call import Call
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session
from tests.gateway.conformance.acme import ROWS, Acme, Rows
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class Singly(Acme):
    @same_as(Acme.calls_by_id)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        pages = [await super(Singly, self).calls_by_id(replace(wanted, keys=[key])) for key in wanted.keys]
        return Page(records=[record for page in pages for record in page.records], read=len(pages))


class Strict(Acme):
    @same_as(Acme.recording_by_id)
    async def recording_by_id(self, wanted: GetRequest) -> Page:
        page = await super().recording_by_id(wanted)
        if not page.records:
            raise BadAnswer("has no such recording")
        return page


class Gullible(Acme):
    async def rows(self, path: str, params: dict[str, str]) -> Rows:
        ids = params.pop("ids", None)
        path = f"{path}?ids={ids}" if ids else path
        return (await self.upstream.ask(Request(operation="GET", path=path, params=params))).decode(ROWS)


class Crashing(Acme):
    @same_as(Acme.recording_by_id)
    async def recording_by_id(self, wanted: GetRequest) -> Page:
        return await super().recording_by_id(replace(wanted, keys=[f"r{int(wanted.keys[0][1:])}"]))


class Different(Acme):
    @same_as(Acme.recording_by_id)
    async def recording_by_id(self, wanted: GetRequest) -> Page:
        page = await super().recording_by_id(wanted)
        page.records = [replace(view.record(), file_name="sound.wav") for view in page.records]
        return page


class Tight(Acme):
    @lists(Recording, pages=Keyset(most=50), joins={"call": TimeWindowJoin(before=timedelta(hours=-12), after=timedelta(hours=-12))})
    async def recordings(self, ask: ListRequest) -> Page:
        return await super().recordings(ask)


class Dropping(Acme):
    @same_as(Acme.calls_of_talks)
    async def calls_of_talks(self, wanted: GetRequest) -> Page:
        page = await super().calls_of_talks(wanted)
        return Page(records=[call for call in page.records if call.native_id[-1] != "7"], read=page.read)


class Orphaned(Acme):
    @same_as(Acme.session)
    def session(self, parts: Sequence[Call]) -> Session:
        made = super().session(parts)
        made.held = {"calls": [copy.copy(part) for part in parts]}
        for call in made.held["calls"]:
            call.refs = {"session": ""}
        return made


BROKEN = [
    Broken(Singly, "batches_keys", "send all of GetRequest.keys together, or declare at_most=1"),
    Broken(Strict, "omits_unknown_keys", "leave unknown keys out of the page"),
    Broken(Gullible, "quotes_keys", "quote keys in paths and filters"),
    Broken(Crashing, "quotes_keys", "the plugin raised ValueError"),
    Broken(Different, "gets_what_is_listed", "map both with the same mapping, or declare fields that only the get delivers as `detail`"),
    Broken(Tight, "finds_all_children", "widen TimeWindowJoin(before, after)"),
    Broken(Dropping, "finds_all_children", "read all records of the key", frozenset({"gets_what_is_listed"})),
    Broken(Orphaned, "follows_relations_both_ways", "has no refs['session']: set it to the parent's key"),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
