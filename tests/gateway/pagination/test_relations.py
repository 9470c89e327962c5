"""What hangs on a record, through GraphQL: in batches, null where unknown, an error where it failed and only there."""

from decimal import Decimal
from typing import Any

import pytest

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.pagination.relations import window_of
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, Push, TimeWindowJoin, Whole, gets, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call, Note
from telegraphql.schema.kinds import KINDS, RELATIONS
from telegraphql.schema.node import global_id
from telegraphql.schema.queue import Queue, QueueVisit
from telegraphql.schema.recording import Recording
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.values import Money
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Singly, Store, serving
from tests.support.records import at, call, queue, recording, session, visit

EVERYTHING = """
{ calls(first: 100) { nodes { nativeId session { nativeId isDerived calls { nativeId } } recordings { nativeId } parent { nativeId } } } }
"""


def conversations(number: int) -> Store:
    """As many sessions of two legs, the second out of the first and recorded."""
    legs, sounds = [], []
    for each in range(number):
        refs = {"recordings": f"{each}b"}
        legs.append(call(f"{each}a", each * 60, session=f"s{each}"))
        legs.append(call(f"{each}b", each * 60 + 20, session=f"s{each}", refs={"parent": f"{each}a", **refs}))
        sounds.append(recording(f"r{each}", f"{each}b", each * 60 + 30))
    return Store(legs, sounds)


def shown(each: int, leg: str) -> dict[str, Any]:
    return {
        "nativeId": f"{each}{leg}",
        "session": {"nativeId": f"s{each}", "isDerived": True, "calls": [{"nativeId": f"{each}a"}, {"nativeId": f"{each}b"}]},
        "recordings": [{"nativeId": f"r{each}"}] if leg == "b" else [],
        "parent": {"nativeId": f"{each}a"} if leg == "b" else None,
    }


@pytest.mark.parametrize(("number", "parents"), [(1, 1), (9, 1), (36, 4)])
async def test_relations_of_a_page_cost_a_few_requests_however_many_records_there_are(number: int, parents: int) -> None:
    store = conversations(number)
    found = await data([serving("a", Memory, store)], EVERYTHING)
    assert found["calls"]["nodes"] == [shown(each, leg) for each in range(number - 1, -1, -1) for leg in "ba"]
    assert (len(store.asks), len(store.wanted)) == (3, parents)


async def test_each_provider_is_asked_for_its_own_relations() -> None:
    stores = {name: conversations(3) for name in "ab"}
    for store in stores.values():
        for each in [*store.calls, *store.recordings]:
            each.provider_name = "a" if store is stores["a"] else "b"
    found = await data([serving(name, Memory, store) for name, store in stores.items()], EVERYTHING)
    assert found["calls"]["nodes"] == [shown(each, leg) for each in range(2, -1, -1) for leg in "ba" for _ in "ab"]
    assert [(len(store.asks), len(store.wanted)) for store in stores.values()] == [(3, 1), (3, 1)]


async def test_what_is_not_selected_is_not_asked_for() -> None:
    store = conversations(3)
    await data([serving("a", Memory, store)], "{ calls { nodes { nativeId } } }")
    assert len(store.asked) == 1


async def test_what_came_with_the_record_is_not_asked_for_again() -> None:
    held = {"session": session("S", provider="a"), "recordings": [recording("r", 1, provider="a")], "parent": None, "notes": []}
    store = Store([call(1, 1, "a", held=held)])
    document = "{ calls { nodes { session { nativeId } recordings { nativeId } parent { nativeId } notes { text } } } }"
    found = await data([serving("a", Memory, store)], document)
    assert found["calls"]["nodes"] == [{"session": {"nativeId": "S"}, "recordings": [{"nativeId": "r"}], "parent": None, "notes": []}]
    assert len(store.asked) == 1


async def test_what_the_upstream_does_not_know_is_null() -> None:
    refs = {"queue": "7", "voicemessages": "8", "transaction": "9", "notes": "1"}
    store = Store([call(1, 1, "a", refs=refs)])
    document = "{ calls { nodes { session { id } queue { id } voicemessages { id } transaction { id } notes { id } } } }"
    assert set((await data([serving("a", Memory, store)], document))["calls"]["nodes"][0].values()) == {None}


async def test_a_relation_to_nothing_is_an_empty_list_or_null() -> None:
    store = Store([call(1, 1, "a", refs={"recordings": "1", "parent": "gone"}), call(2, 0, "a")])
    found = await data([serving("a", Memory, store)], "{ calls { nodes { recordings { id } parent { id } } } }")
    assert found["calls"]["nodes"] == [{"recordings": [], "parent": None}] * 2


class Mute(Memory):
    """Its recordings fail."""

    @lists(Recording, pages=Keyset(most=100), joins={"call": TimeWindowJoin()})
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        raise Unavailable("is down; try again later", retry_after=5)


async def test_a_failed_relation_spoils_only_itself() -> None:
    answer = await ask(
        [serving("a", Mute, conversations(2))],
        "{ calls { nodes { nativeId recordings { id } parent { nativeId } } told: problems { message code field count retryAfter } } }",
    )
    assert (answer.errors, answer.data is not None) == (None, True)
    assert [each["nativeId"] for each in answer.data["calls"]["nodes"]] == ["1b", "1a", "0b", "0a"]
    assert [each["parent"] for each in answer.data["calls"]["nodes"]] == [{"nativeId": "1a"}, None, {"nativeId": "0a"}, None]
    assert [each["recordings"] for each in answer.data["calls"]["nodes"]] == [None, [], None, []]
    problem = {"message": "is down; try again later", "code": "UNAVAILABLE", "field": "recordings", "count": 2, "retryAfter": 5}
    assert answer.data["calls"]["told"] == [problem]
    path = ["calls", "nodes", 0, "recordings"]
    assert answer.extensions["problems"] == [{"path": path, "provider": "a", "retryable": True, **problem}]


async def test_a_parent_that_failed_spoils_neither_the_others_nor_what_hangs_on_them() -> None:
    store = conversations(3)
    store.failing = {"1a": Unavailable("is down")}
    document = "{ calls(first: 5) { nodes { nativeId parent { nativeId session { nativeId } } } } }"
    answer = await ask([serving("a", Singly, store)], document)
    assert answer.data is not None
    assert answer.data["calls"]["nodes"] == [
        {"nativeId": "2b", "parent": {"nativeId": "2a", "session": {"nativeId": "s2"}}},
        {"nativeId": "2a", "parent": None},
        {"nativeId": "1b", "parent": None},
        {"nativeId": "1a", "parent": None},
        {"nativeId": "0b", "parent": {"nativeId": "0a", "session": {"nativeId": "s0"}}},
    ]
    (told,) = answer.extensions["problems"]
    assert (answer.errors, told["message"], told["path"]) == (None, "is down", ["calls", "nodes", 2, "parent"])
    assert ([wanted.keys for wanted in store.wanted], len(store.asks)) == ([["2a"], ["1a"], ["0a"]], 2)


class Costly(Memory):
    """Only a single get delivers cost and transaction."""

    @lists(Call, pages=Keyset(most=100), detail=["cost", "transaction"], joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ask)

    @gets(Call)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """A call, in full."""
        await self.store.answer(wanted)
        self.store.fail(wanted)
        (key,) = wanted.keys
        return Page(records=[call(key, cost=Money(amount=Decimal(key)), refs={"transaction": f"t{key}"})], read=1)

    @gets(Transaction, at_most=100)
    async def transactions(self, wanted: GetRequest) -> Page:
        """Transactions."""
        await self.store.answer(wanted)
        cost = Money(amount=Decimal("1.20"), currency="CHF")
        made = [Transaction(provider_name="a", native_id=key, performed_at=at(0), amount=cost, type="call") for key in wanted.keys]
        return Page(records=made, read=len(made))


COST = "cost { amount }"


async def test_details_are_fetched_for_the_records_of_the_page_when_selected() -> None:
    store = Store([call(number, number, "a") for number in range(30)])
    served = [serving("a", Costly, store)]
    assert (await data(served, "{ calls(first: 3) { nodes { nativeId } } }"))["calls"]["nodes"][0] == {"nativeId": "29"}
    assert store.wanted == []
    for document in (f"{{ calls(first: 3) {{ nodes {{ {COST} }} }} }}", f"{{ calls(first: 3) {{ edges {{ node {{ {COST} }} }} }} }}"):
        store.asked.clear()
        await data(served, document)
        assert [wanted.keys for wanted in store.wanted] == [["29"], ["28"], ["27"]]


async def test_a_relation_that_only_the_detail_knows_is_followed() -> None:
    store = Store([call(number, number, "a") for number in range(3)])
    found = await data([serving("a", Costly, store)], "{ calls { nodes { transaction { nativeId type } } } }")
    assert found["calls"]["nodes"] == [{"transaction": {"nativeId": f"t{number}", "type": "call"}} for number in (2, 1, 0)]
    assert [len(wanted.keys) for wanted in store.wanted] == [1, 1, 1, 3]


async def test_a_failed_detail_spoils_only_its_fields() -> None:
    store = Store([call(number, number, "a") for number in range(3)], failing={"1": Unavailable("is down")})
    answer = await ask([serving("a", Costly, store)], f"{{ calls {{ nodes {{ nativeId {COST} transaction {{ nativeId }} }} }} }}")
    assert answer.data is not None
    assert answer.data["calls"]["nodes"] == [
        {"nativeId": "2", "cost": {"amount": "2"}, "transaction": {"nativeId": "t2"}},
        {"nativeId": "1", "cost": None, "transaction": None},
        {"nativeId": "0", "cost": {"amount": "0"}, "transaction": {"nativeId": "t0"}},
    ]
    told = {tuple(each["path"]): (each["code"], each["field"]) for each in answer.extensions["problems"]}
    assert (answer.errors, told) == (None, {("calls", "nodes", 1, name): ("UNAVAILABLE", name) for name in ("cost", "transaction")})


async def test_details_of_the_legs_of_a_session_are_fetched_too() -> None:
    store = Store([call(number, number, "a", session="S") for number in range(2)])
    found = await data([serving("a", Costly, store)], f"{{ sessions {{ nodes {{ calls {{ {COST} }} }} }} }}")
    assert found["sessions"]["nodes"] == [{"calls": [{"cost": {"amount": "0"}}, {"cost": {"amount": "1"}}]}]


class Waiting(Memory):
    """Has two queues and visits to them."""

    @lists(Queue, pages=Whole(most=100))
    async def queues(self, ask: ListRequest) -> Page:
        """Queues."""
        return Page(records=[queue(7, "Sales"), queue(8, "Support")], read=2)

    @gets(Queue, at_most=10)
    async def queues_by_id(self, wanted: GetRequest) -> Page:
        """Queues by id."""
        await self.store.answer(wanted)
        return Page(records=[queue(key, f"Queue {key}") for key in wanted.keys], read=len(wanted.keys))

    @lists(QueueVisit, pages=Keyset(most=100), filters={"queueId": Push.EXACT})
    async def visits(self, ask: ListRequest) -> Page:
        """Visits."""
        await self.store.answer(ask)
        return Page(records=[visit(number, 7 + number % 2, -number) for number in range(6)], read=6)


async def test_the_visits_of_a_queue_are_a_list_of_their_own() -> None:
    store = Store()
    document = "{ queues { nodes { name visits(first: 2) { nodes { nativeId queue { name } } pageInfo { hasNextPage endCursor } } } } }"
    found = await data([serving("a", Waiting, store)], document)
    sales, support = found["queues"]["nodes"]
    assert [each["nativeId"] for each in sales["visits"]["nodes"]] == ["0", "2"]
    assert [each["nativeId"] for each in support["visits"]["nodes"]] == ["1", "3"]
    assert sales["visits"]["pageInfo"]["hasNextPage"]
    assert sales["visits"]["nodes"][0]["queue"] == {"name": "Queue 7"}
    assert [ask.filter for ask in store.asks] == [{"queueId": ["7", "8"]}]
    assert sorted(key for wanted in store.wanted for key in wanted.keys) == ["7", "8"]


async def test_a_provider_without_visits_has_none() -> None:
    class Quiet(Memory):
        @lists(Queue, pages=Whole(most=100))
        async def queues(self, ask: ListRequest) -> Page:
            return Page(records=[queue(7, "Sales")], read=1)

    found = await data([serving("a", Quiet, Store())], "{ queues { nodes { visits { nodes { id } problems { code } } } } }")
    assert found == {"queues": {"nodes": [{"visits": {"nodes": [], "problems": [{"code": "UNSUPPORTED"}]}}]}}


async def test_the_ids_of_notes_are_global_too() -> None:
    note = Note(provider_name="a", native_id="n", text="call back")
    store = Store([call(1, 1, "a", held={"notes": [note]})])
    found = await data([serving("a", Memory, store)], "{ calls { nodes { notes { id text } } } }")
    assert found["calls"]["nodes"] == [{"notes": [{"id": global_id("Note", "a", "n"), "text": "call back"}]}]


def test_the_window_of_a_parent_is_the_time_in_which_its_children_can_be() -> None:
    span = Memory.settings_type(base_url="https://memory.example").session_span
    assert window_of(call(1, 5, ended_at=at(9)), span) == (at(5), at(9))
    assert window_of(call(1, 5), span) == (at(5), at(5) + span)
    assert window_of(call(1, 5, position_time=at(1), ended_at=at(2)), span) == (at(1), at(5))
    assert window_of(queue(1, "x"), span) == (None, None)


def test_every_relation_leads_from_a_field_of_a_kind_to_a_kind() -> None:
    for (kind, name), relation in RELATIONS.items():
        fields = {each.python_name: each for each in kind.__strawberry_definition__.fields}  # type: ignore[attr-defined]
        attribute = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        assert attribute in fields
        assert relation.kind in KINDS.values()
    assert Selection.of("a").plus(Selection.of("a.b", "c")) == Selection.of("a.b", "c")
