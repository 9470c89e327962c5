"""Commands: split by provider, told per id, never more than asked for, and logged without their arguments."""

import json
import logging
from dataclasses import dataclass, field
from typing import Any

import pytest

from telegraphql.gateway.errors import BadInput, NotFound, RateLimited, Unauthorized, Unavailable, UnknownProvider, Unsupported
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult, command
from telegraphql.gateway.resolvers.mutations import run_command
from telegraphql.gateway.upstream.request_budget import IS_CHANGING
from telegraphql.schema.call import Call
from telegraphql.schema.enums import DeletableKind, DictionaryKind, ProblemCode
from telegraphql.schema.node import global_id
from telegraphql.schema.recording import Recording
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call


@dataclass
class Orders(Store):
    """Remembers the orders, and what becomes of each id."""

    orders: list[tuple[str, CommandRequest]] = field(default_factory=list)
    marked: list[bool] = field(default_factory=list)

    def take(self, name: str, order: CommandRequest) -> CommandResult:
        self.orders.append((name, order))
        self.marked.append(IS_CHANGING.get())
        if self.failure:
            raise self.failure
        failed: dict[str, Any] = {native: self.failing[native] for native in order.ids if native in self.failing}
        return CommandResult(done=[native for native in order.ids if native not in failed], failed=failed)

    @property
    def ids(self) -> list[list[str]]:
        return [list(order.ids) for _, order in self.orders]


class Obedient(Memory):
    """Does what it is told."""

    store: Orders

    @command("deleteRecordings", kind=Recording, at_most=3, idempotent=True)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        """Recordings."""
        return self.store.take("deleteRecordings", order)

    @command("updateCalls", kind=Call, at_most=2)
    async def update_calls(self, order: CommandRequest) -> CommandResult:
        """Calls."""
        outcome = self.store.take("updateCalls", order)
        outcome.records = [call(native, provider=self.name) for native in outcome.done]
        return outcome

    @command("deleteChatMessages", at_most=2)
    async def delete_chat_messages(self, order: CommandRequest) -> CommandResult:
        """Chat messages."""
        return self.store.take("deleteChatMessages", order)

    @command("deleteAll")
    async def delete_all(self, order: CommandRequest) -> CommandResult:
        """Everything."""
        return self.store.take("deleteAll", order)

    @command("dictionary", reads=True)
    async def dictionary(self, order: CommandRequest) -> CommandResult:
        """Codes."""
        self.store.take("dictionary", order)
        return CommandResult(value={"1": "one"})


def two() -> dict[str, BoundProvider]:
    return {name: serving(name, Obedient, Orders()) for name in "ab"}


def sounds(provider: str, *natives: object) -> list[str]:
    return [global_id("Recording", provider, str(native)) for native in natives]


async def delete(served: dict[str, BoundProvider], ids: list[str]) -> Any:
    return await run_command(served, "deleteRecordings", {"ids": ids}, "alice")


def orders(served: dict[str, BoundProvider], name: str = "a") -> Orders:
    store = served[name].provider.store
    assert isinstance(store, Orders)
    return store


async def test_ids_of_several_providers_go_to_each_in_as_few_requests_as_it_takes() -> None:
    served = two()
    ids = [*sounds("b", 1), *sounds("a", 1, 2, 3, 4, 5, 6, 7), *sounds("b", 2), *sounds("a", 1)]
    done = await delete(served, ids)
    assert (sorted(done.ids), done.problems) == (sorted(set(ids)), [])
    assert orders(served).ids == [["1", "2", "3"], ["4", "5", "6"], ["7"]]
    assert orders(served, "b").ids == [["1", "2"]]
    assert orders(served).orders[0] == ("deleteRecordings", CommandRequest(ids=["1", "2", "3"], arguments={}))
    assert set(orders(served).marked) == {True}
    assert not IS_CHANGING.get()


async def test_what_becomes_of_each_id_is_told() -> None:
    served = two()
    orders(served).failing = {"2": NotFound("has no such record"), "4": Unavailable("is down", retry_after=5)}
    done = await delete(served, sounds("a", 1, 2, 3, 4, 5))
    assert done.ids == sounds("a", 1, 3, 5)
    assert [(each.id, each.provider, each.code, each.message, each.retryable, each.retry_after) for each in done.problems] == [
        (*sounds("a", 2), "a", ProblemCode.NOT_FOUND, "has no such record", False, None),
        (*sounds("a", 4), "a", ProblemCode.UNAVAILABLE, "is down", True, 5),
    ]


async def test_a_request_that_fails_fails_for_its_ids_and_the_others_go_on() -> None:
    served = two()
    orders(served).failure = RateLimited("asks for fewer requests", retry_after=3)
    done = await delete(served, [*sounds("a", 1, 2, 3, 4), *sounds("b", 1)])
    assert done.ids == sounds("b", 1)
    assert [(each.id, each.code) for each in done.problems] == [(id, ProblemCode.RATE_LIMITED) for id in sounds("a", 1, 2, 3, 4)]
    assert orders(served).ids == [["1", "2", "3"], ["4"]]


async def test_a_wrong_id_is_a_problem_of_its_own() -> None:
    served = {**two(), "c": serving("c", Memory, Store())}
    wrong = ["garbage", global_id("Recording", "nobody", "1"), global_id("Call", "a", "1"), global_id("Recording", "c", "1")]
    done = await delete(served, [*wrong, *sounds("a", 1)])
    assert done.ids == sounds("a", 1)
    assert [(each.id, each.code, each.provider) for each in done.problems] == [
        (wrong[0], ProblemCode.NOT_FOUND, ""),
        (wrong[1], ProblemCode.NOT_FOUND, ""),
        (wrong[2], ProblemCode.NOT_FOUND, ""),
        (wrong[3], ProblemCode.UNSUPPORTED, ""),
    ]
    assert [each.message for each in done.problems] == [
        "'garbage' is not an id of this gateway",
        "unknown provider 'nobody': query providers { name } for the configured ones",
        "deleteRecordings does not work on a Call",
        "the provider c does not support deleteRecordings: see its `capabilities`",
    ]


async def test_no_more_than_500_ids_are_taken() -> None:
    served = two()
    for name, arguments in (
        ("deleteRecordings", {"ids": sounds("a", *range(501))}),
        ("deleteChatMessages", {"provider": "a", "nativeIds": [str(number) for number in range(501)]}),
    ):
        with pytest.raises(BadInput, match="too many ids: 501 given, at most 500 allowed"):
            await run_command(served, name, arguments, "alice")
    assert orders(served).orders == []


@pytest.mark.parametrize("arguments", [{"ids": []}, {"provider": "a", "nativeIds": []}])
async def test_no_ids_are_no_order(arguments: dict[str, Any]) -> None:
    served = two()
    name = "deleteRecordings" if "ids" in arguments else "deleteChatMessages"
    done = await run_command(served, name, arguments, "alice")
    assert (done.ids, done.problems, orders(served).orders) == ([], [], [])


async def test_native_ids_are_told_as_they_are() -> None:
    served = two()
    orders(served).failing = {"y": NotFound("has no such record")}
    done = await run_command(served, "deleteChatMessages", {"provider": "a", "nativeIds": ["x", "y", "z", "x"]}, "alice")
    assert (done.ids, [(each.id, each.code) for each in done.problems]) == (["x", "z"], [("y", ProblemCode.NOT_FOUND)])
    assert orders(served).ids == [["x", "y"], ["z"]]


async def test_each_request_gets_the_changes_of_its_own_ids() -> None:
    served = two()
    ids = [global_id("Call", "a", str(number)) for number in range(3)]
    changes = {id: {"note": number} for number, id in enumerate(ids)}
    done = await run_command(served, "updateCalls", {"ids": ids, "changes": changes}, "alice")
    assert [order for _, order in orders(served).orders] == [
        CommandRequest(ids=["0", "1"], arguments={"changes": {"0": {"note": 0}, "1": {"note": 1}}}),
        CommandRequest(ids=["2"], arguments={"changes": {"2": {"note": 2}}}),
    ]
    assert [each.native_id for each in done.records] == ["0", "1", "2"]


DELETE_ALL = {"provider": "a", "kind": DeletableKind.CALLS}


@pytest.mark.parametrize("confirm", ["", "A", "b", "a "])
async def test_a_wrong_confirmation_sends_nothing(confirm: str) -> None:
    served = two()
    with pytest.raises(BadInput, match="`confirm` must be the provider's name, 'a'; nothing was sent"):
        await run_command(served, "deleteAll", DELETE_ALL | {"confirm": confirm}, "alice")
    assert orders(served).orders == []


async def test_the_right_confirmation_sends_one_order_without_it() -> None:
    served = two()
    await run_command(served, "deleteAll", DELETE_ALL | {"confirm": "a"}, "alice")
    assert orders(served).orders == [("deleteAll", CommandRequest(ids=[], arguments={"kind": DeletableKind.CALLS}))]
    assert orders(served, "b").orders == []


async def test_the_failure_of_a_command_without_ids_is_one_problem() -> None:
    served = two()
    orders(served).failure = Unauthorized("refused the credentials")
    done = await run_command(served, "deleteAll", DELETE_ALL | {"confirm": "a"}, "alice")
    assert (done.ids, [(each.provider, each.code.name, each.id) for each in done.problems]) == ([], [("a", "UNAUTHORIZED", None)])
    assert len(orders(served).orders) == 1


async def test_what_nobody_can_or_is_not_there_is_refused() -> None:
    served = {**two(), "c": serving("c", Memory, Store())}
    with pytest.raises(Unsupported, match="does not support dictionary: see its `capabilities`"):
        await run_command(served, "dictionary", {"provider": "c", "of": DictionaryKind.CALLS}, "alice")
    done = await run_command(served, "deleteAll", DELETE_ALL | {"provider": "c", "confirm": "c"}, "alice")
    assert [(each.provider, each.code.name) for each in done.problems] == [("c", "UNSUPPORTED")]
    with pytest.raises(UnknownProvider, match="unknown provider 'd'"):
        await run_command(served, "dictionary", {"provider": "d", "of": DictionaryKind.CALLS}, "alice")


def audited(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "telegraphql.audit"]


async def test_who_did_what_is_logged_without_the_arguments(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    served = two()
    orders(served).failing = {"1": Unavailable("is down: s3cr3t")}
    ids = [global_id("Call", "a", key) for key in "012"]
    await run_command(served, "updateCalls", {"ids": ids, "changes": {id: {"note": "s3cr3t"} for id in ids}}, "alice")
    told = {"caller": "alice", "command": "updateCalls", "provider": "a"}
    assert audited(caplog) == [
        {**told, "ids": ["0", "1"], "done": 1, "failed": {"1": "UNAVAILABLE"}, "error": None},
        {**told, "ids": ["2"], "done": 1, "failed": {}, "error": None},
    ]
    assert "s3cr3t" not in caplog.text


async def test_failures_are_logged_and_reading_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    served = two()
    await run_command(served, "dictionary", {"provider": "a", "of": DictionaryKind.CALLS}, "alice")
    orders(served).failure = Unavailable("is down")
    await run_command(served, "deleteAll", DELETE_ALL | {"confirm": "a"}, "bob")
    await delete(served, sounds("a", 1))
    assert [(each["caller"], each["command"], each["ids"], each["done"], each["failed"], each["error"]) for each in audited(caplog)] == [
        ("bob", "deleteAll", [], 0, {}, "UNAVAILABLE"),
        ("alice", "deleteRecordings", ["1"], 0, {"1": "UNAVAILABLE"}, "UNAVAILABLE"),
    ]


async def test_a_mutation_carries_a_command_out() -> None:
    served = two()
    document = """mutation ($ids: [ID!]!, $changes: [CallChange!]!) {
      deleteRecordings(input: {ids: $ids}) { succeededIds problems { id code } }
      updateCalls(input: {changes: $changes}) { succeededIds calls { nativeId } }
      deleteAll(input: {provider: "a", kind: CALLS, confirm: "a"}) { problems { code } }
    }"""
    id = global_id("Call", "a", "7")
    found = await data(list(served.values()), document, {"ids": sounds("a", 1), "changes": [{"id": id, "info": "x"}]})
    assert found == {
        "deleteRecordings": {"succeededIds": sounds("a", 1), "problems": []},
        "updateCalls": {"succeededIds": [id], "calls": [{"nativeId": "7"}]},
        "deleteAll": {"problems": []},
    }
    assert orders(served).orders[1][1].arguments == {"changes": {"7": {"info": "x"}}}


async def test_a_mutation_that_is_refused_says_so() -> None:
    served = two()
    answer = await ask(
        list(served.values()), 'mutation { deleteAll(input: {provider: "a", kind: CALLS, confirm: "b"}) { problems { code } } }'
    )
    assert (answer.data, [error.extensions for error in answer.errors or []]) == (None, [{"code": "BAD_USER_INPUT"}])
    assert orders(served).orders == []


async def test_a_dictionary_is_read_through_graphql() -> None:
    assert await data(list(two().values()), '{ dictionary(provider: "a", of: CALLS) }') == {"dictionary": {"1": "one"}}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("updateCalls", {"ids": [global_id("Call", "a", "1")], "changes": {global_id("Call", "a", "1"): {"native": ["note"]}}}),
        ("deleteAll", {"provider": "a", "filter": "remote_number=1"}),
    ],
)
async def test_what_should_be_an_object_and_is_none_is_refused_before_anything_is_sent(name: str, arguments: dict[str, Any]) -> None:
    served = two()
    with pytest.raises(BadInput, match="must be a JSON object; nothing was sent"):
        await run_command(served, name, arguments, "alice")
    assert [each.provider.store.orders for each in served.values()] == [[], []]  # type: ignore[attr-defined]
