"""What a plugin declares, as clients see it."""

from dataclasses import fields
from typing import Any

from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.provider import (
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Keyset,
    ListRequest,
    Page,
    Push,
    Whole,
    command,
    files,
    gets,
    lists,
)
from telegraphql.gateway.resolvers.capabilities import capabilities
from telegraphql.schema.call import Call
from telegraphql.schema.enums import FilterSupport, TimeOrder
from telegraphql.schema.filters import COMBINATIONS
from telegraphql.schema.kinds import FILTERS
from telegraphql.schema.provider import Capability
from telegraphql.schema.queue import Queue
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session
from tests.support.graphql_client import data
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving


class Able(Memory):
    """Has a bit of everything."""

    plugin = "able"

    @lists(Call, pages=Keyset(most=77), counts=True, filters={"startedAt": Push.EXACT, "number": Push.SUPERSET, "isTracked": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return Page(records=[], read=0)

    @lists(Queue, pages=Whole(most=9))
    async def queues(self, ask: ListRequest) -> Page:
        """Queues."""
        return Page(records=[], read=0)

    @command("deleteRecordings", kind=Recording)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        """Delete."""
        return CommandResult()

    @files("Recording.media")
    @files("Recording.transcription")
    async def media(self, native_id: str) -> Download:
        """Files."""
        raise NotImplementedError


def of(plugin: type[Memory], kind: str) -> Capability:
    (found,) = [each for each in capabilities(plugin) if each.kind == kind]
    return found


def supports(plugin: type[Memory], kind: str) -> dict[str, FilterSupport]:
    return {each.name: each.support for each in of(plugin, kind).filters}


def test_only_what_is_served_is_shown() -> None:
    assert [each.kind for each in capabilities(Able)] == ["Call", "Session", "Queue", "Recording"]


def test_a_list_shows_its_pages_its_orders_and_whether_it_counts() -> None:
    shown = [(each.kind, each.lists, each.gets, each.is_derived, each.page_size, each.counts, each.orders) for each in capabilities(Able)]
    both = list(TimeOrder)
    assert shown == [
        ("Call", True, True, False, 77, True, both),
        ("Session", True, False, True, None, False, both),
        ("Queue", True, False, False, 9, False, []),
        ("Recording", True, False, False, 100, False, both),
    ]
    assert (of(Unpaged, "Call").page_size, of(Small, "Call").page_size) == (None, 7)


def test_every_filter_shows_who_applies_it() -> None:
    found = supports(Able, "Call")
    unshown = {"providers", *COMBINATIONS.values()}
    assert list(found) == [schema_name(each.name) for each in fields(FILTERS[Call]) if each.name not in unshown]
    exact, superset, unsupported = FilterSupport.EXACT, FilterSupport.SUPERSET, FilterSupport.UNSUPPORTED
    special = {"startedAt": exact, "number": superset, "isTracked": exact}
    nobody = dict.fromkeys(["accountId", "applicationId", "applicationName", "ruleName", "customData"], unsupported)
    assert found == dict.fromkeys(found, FilterSupport.GATEWAY) | special | nobody
    assert supports(Able, "Session")["ruleName"] is unsupported
    assert supports(Memory, "Call")["isTracked"] is unsupported


def test_commands_and_files_stand_with_their_kind() -> None:
    assert (of(Able, "Recording").commands, of(Able, "Recording").files) == (["deleteRecordings"], ["media", "transcription"])
    assert (of(Able, "Call").commands, of(Able, "Call").files) == ([], [])


class Single(Memory):
    """Only gets queues."""

    @gets(Queue)
    async def queue(self, wanted: GetRequest) -> Page:
        """A queue."""
        return Page(records=[], read=0)


async def test_a_kind_that_is_only_got_is_shown_without_filters_through_graphql() -> None:
    document = "{ providers { capabilities { kind lists gets filters { name } orders } } }"
    found: Any = await data([serving("a", Single, Store())], document)
    (shown,) = [each for each in found["providers"][0]["capabilities"] if each["kind"] == Queue.__name__]
    assert shown == {"kind": "Queue", "lists": False, "gets": True, "filters": [], "orders": []}
    assert Session.__name__ in {each["kind"] for each in found["providers"][0]["capabilities"]}
