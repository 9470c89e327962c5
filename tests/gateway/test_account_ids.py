"""Ids of accounts: what clients have kept outlasts a new name of a provider."""

from typing import Any

import pytest

from telegraphql.gateway.errors import SettingsError, Unavailable
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.node import global_id
from tests.gateway.auth import gateways
from tests.gateway.auth.gateways import Callers, asked, client, furnish
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

LIST = """query ($after: String, $filter: CallFilter) {
  calls(first: 2, after: $after, filter: $filter) { nodes { id nativeId provider { name } } pageInfo { endCursor } problems { code } }
}"""
TIMELINE = """query ($after: String, $providers: [String!]) {
  timeline(number: "+41616925879", first: 1, after: $after, providers: $providers) { nodes { id } pageInfo { endCursor } }
}"""


def accounts(name: str, **settings: Any) -> list[Any]:
    """Two providers with calls at the same times; the id of the first is "m", whatever its name."""
    own = Store([call(number, number // 2, "m") for number in range(6)])
    other = Store([call(number, number // 2, "p") for number in range(6)])
    return [serving(name, Memory, own, **({} if name == "m" else {"id": "m"}), **settings), serving("p", Memory, other)]


async def walked(named: list[dict[str, Any]], filters: list[Any], document: str = LIST, list_name: str = "calls") -> list[str]:
    """The ids of a walk, with the provider of each page under another name, and named so in the filter."""
    found, after = list[str](), None
    for at in range(40):
        which = at % len(named)
        page = (await data(accounts(**named[which]), document, {"after": after} | filters[which]))[list_name]
        found += [node["id"] for node in page["nodes"]]
        if not page["nodes"]:
            return found
        after = page["pageInfo"]["endCursor"]
    raise AssertionError("the walk does not end")


NAMES = [{"name": "m"}, {"name": "zz"}, {"name": "aa"}]


async def test_a_cursor_goes_on_among_records_of_the_same_time_under_any_name() -> None:
    whole = await walked(NAMES[:1], [{}])
    assert (len(whole), len(set(whole))) == (12, 12)
    assert await walked(NAMES, [{}] * 3) == whole


@pytest.mark.parametrize("wrap", [lambda each: each, lambda each: {"and": [each]}, lambda each: {"not": {"not": each}}])
async def test_a_cursor_of_a_filter_by_provider_goes_on_under_any_name(wrap: Any) -> None:
    filters = [{"filter": wrap({"providers": [each["name"]]})} for each in NAMES]
    whole = await walked(NAMES[:1], filters[:1])
    assert whole == [global_id("Call", "m", str(number)) for number in (5, 4, 3, 2, 1, 0)]
    assert await walked(NAMES, filters) == whole


async def test_an_id_is_found_under_the_new_name() -> None:
    document = "query ($id: ID!) { node(id: $id) { id ... on Call { nativeId provider { id name } } } }"
    id = global_id("Call", "m", "3")
    found = (await data(accounts("new"), document, {"id": id}))["node"]
    assert found == {"id": id, "nativeId": "3", "provider": {"id": global_id("Provider", "m", "m"), "name": "new"}}
    again = await data(
        accounts("new"),
        "query ($id: ID!) { node(id: $id) { ... on Provider { name plugin health { status } } } }",
        {"id": global_id("Provider", "m", "m")},
    )
    assert again["node"]["name"] == "new"


@pytest.mark.parametrize("name", ["m", "old"])
async def test_the_former_name_and_the_id_name_nobody(name: str) -> None:
    answer = await ask(accounts("new"), LIST, {"filter": {"providers": [name]}})
    assert [error.extensions for error in answer.errors or ()] == [{"code": "UNKNOWN_PROVIDER"}]


async def test_problems_and_errors_show_the_name() -> None:
    served = accounts("new")
    served[0].provider.store.failure = Unavailable("is down")
    answer = await ask(served, "{ calls { problems { code provider { name } } } }")
    assert answer.data == {"calls": {"problems": [{"code": "UNAVAILABLE", "provider": {"name": "new"}}]}}
    assert [each["provider"] for each in (answer.extensions or {})["problems"]] == ["new"]
    lookup = await ask(served, "query ($id: ID!) { node(id: $id) { id } }", {"id": global_id("Call", "m", "3")})
    assert [(error.extensions or {})["provider"] for error in lookup.errors or ()] == ["new"]


def renamed(callers: dict[str, Any], name: str) -> Runtime:
    """A gateway whose provider with the id "seen" has this name."""
    made = Runtime.build(gateways.settings(callers, providers={name: {"plugin": "rich", "id": "seen"}}), gateways.PLUGINS)
    for id, each in made.providers.items():
        furnish(each.provider, id)
    return made


async def test_a_media_link_works_under_the_new_name_for_callers_who_may_see_it() -> None:
    keys = Callers()
    key = keys.add("desk", "read", "media", providers=["seen"])
    old = renamed({"keys": keys}, "seen")
    async with client(old, key) as made:
        url = (await asked(made, gateways.SOUND))["data"]["recordings"]["nodes"][0]["media"]["url"]
    await old.aclose()
    keys["desk"]["providers"] = ["fresh"]
    new = renamed({"keys": keys}, "fresh")
    async with client(new, key) as made:
        answer = await made.get(url)
        names = (await asked(made, "{ providers { name } }"))["data"]["providers"]
        states = (await made.get("/readyz")).json()["providers"]
    await new.aclose()
    assert (answer.status_code, answer.content, names, list(states)) == (200, b"sound", [{"name": "fresh"}], ["fresh"])


@pytest.mark.parametrize("id", ["", "a b", "-a", "ä", "a" * 64, "a\n", "a:b"])
async def test_an_id_is_written_like_a_name(id: str) -> None:
    with pytest.raises(SettingsError, match=r"providers\.seen\.id: write letters, digits"):
        Runtime.build(gateways.settings(providers={"seen": {"plugin": "rich", "id": id}}), gateways.PLUGINS)


@pytest.mark.parametrize(
    "tables",
    [
        {"one": {"plugin": "rich", "id": "x"}, "two": {"plugin": "rich", "id": "x"}},
        {"one": {"plugin": "rich"}, "two": {"plugin": "rich", "id": "one"}},
    ],
)
async def test_two_tables_with_one_id_are_a_mistake(tables: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"providers\.two\.id: providers\.one has the id '(x|one)' too"):
        Runtime.build(gateways.settings(providers=tables), gateways.PLUGINS)


async def test_two_accounts_may_exchange_their_names() -> None:
    tables = {"seen": {"plugin": "rich", "id": "hidden"}, "hidden": {"plugin": "rich", "id": "seen"}}
    made = Runtime.build(gateways.settings(providers=tables), gateways.PLUGINS)
    assert {id: each.name for id, each in made.providers.items()} == {"hidden": "seen", "seen": "hidden"}
    await made.aclose()
