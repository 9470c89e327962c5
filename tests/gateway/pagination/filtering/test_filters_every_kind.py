"""Every kind: listed, filtered by each of its filters, and got by its id, over a provider that has them all."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.pagination.filtering.filters import criteria_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Push, Whole
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Page, gets, lists
from telegraphql.schema.call import Note
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.kinds import FILTERS, KINDS
from telegraphql.schema.message import Attachment
from telegraphql.schema.node import global_id
from telegraphql.schema.record import Record
from telegraphql.schema.session import ResourceUsage
from tests.gateway.pagination.filtering.filter_cases import TRUTHS, Truth
from tests.support.graphql_client import NEWEST, OLDEST, data, page
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at


class Museum(Memory):
    """Has a few records of every kind; filters none of them, but can tell whatever a filter asks."""

    plugin = "museum"
    exhibits: dict[type[Record], list[Any]]


def listing(kind: type[Record]) -> Callable[..., Any]:
    async def listed(self: Museum, ask: ListRequest) -> Page:
        part = self.exhibits.get(kind, [])[ask.offset : ask.offset + ask.size]
        return Page(records=part, read=len(part))

    pushed = [name for name, found in criteria_of(kind).items() if found.declared_only]
    return lists(kind, pages=Whole(most=2), filters=dict.fromkeys(pushed, Push.SUPERSET))(listed)


def getting(kind: type[Record]) -> Callable[..., Any]:
    async def got(self: Museum, wanted: GetRequest) -> Page:
        found = [each for each in self.exhibits.get(kind, []) if each.native_id in wanted.keys]
        return Page(records=found, read=len(found))

    return gets(kind, at_most=10)(got)


for each in FILTERS:
    setattr(Museum, f"list_{each.__name__}", listing(each))
for each in KINDS.values():
    setattr(Museum, f"get_{each.__name__}", getting(each))
# A museum groups nothing and declares each kind once.
for name in ("calls", "recordings", "calls_by_id", "session"):
    setattr(Museum, name, None)


def museum(*records: Any) -> Any:
    served = serving("a", Museum, Store())
    provider: Any = served.provider
    provider.exhibits = {}
    for number, record in enumerate(records):
        record.native_id = str(number)
        provider.exhibits.setdefault(type(record), []).append(record)
    return served


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: f"{truth.kind.__name__}.{truth.field}")
async def test_a_list_under_a_filter_is_what_it_names_in_order(truth: Truth) -> None:
    served = museum(*truth.match, *truth.differ)
    attribute = next(each.name for each in fields(FILTERS[truth.kind]) if schema_name(each.name) == truth.field)
    wanted = FILTERS[truth.kind](**{attribute: truth.value})
    for order in TimeOrder if truth.kind.time_field else [OLDEST]:
        found = await page([served], truth.kind, filter=wanted, order=order)
        assert found.problems == []
        assert found.nodes == sorted(truth.match, key=position, reverse=order is NEWEST)


SAMPLES = {truth.kind: truth.match[0] for truth in reversed(TRUTHS)}
OTHERS = {
    Note: Note(provider_name="a", native_id="0", text="x"),
    Attachment: Attachment(provider_name="a", native_id="0", mime_type="image/png"),
    ResourceUsage: ResourceUsage(provider_name="a", native_id="0", type="asr", used_at=at(0)),
}


def sample(kind: type[Record]) -> Any:
    """A record of a kind."""
    found = {**SAMPLES, **OTHERS}
    assert kind in found, f"add a case for {kind.__name__} in filter_cases.py"
    return found[kind]


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.__name__)
async def test_every_kind_has_a_list(kind: type[Record]) -> None:
    root = kind.declaration.root
    assert root is not None
    plural = root.name
    found = await data([museum(sample(kind))], f"{{ {plural} {{ totalCount nodes {{ __typename id nativeId }} }} }}")
    node = {"__typename": kind.__name__, "id": global_id(kind.__name__, "a", "0"), "nativeId": "0"}
    assert found == {plural: {"totalCount": 1, "nodes": [node]}}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
async def test_every_kind_is_a_node(kind: type[Record]) -> None:
    id = global_id(kind.__name__, "a", "0")
    document = f'{{ node(id: "{id}") {{ __typename id }} nodes(ids: ["{id}"]) {{ ... on {kind.__name__} {{ nativeId }} }} }}'
    found = await data([museum(sample(kind))], document)
    assert found == {"node": {"__typename": kind.__name__, "id": id}, "nodes": [{"nativeId": "0"}]}
