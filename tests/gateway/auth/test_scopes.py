"""Scopes: every root field needs one, and says which."""

import pytest

from telegraphql.gateway.auth.caller import Scope
from tests.gateway.auth.gateways import CALLS, SOUND, Callers, asked, client, codes, house
from tests.gateway.auth.root_fields import Root, roots

ROOTS = {root.field: root for root in roots("seen")}
ADMIN = {"deleteAll", "auditEntries"}
NEEDED = {
    name: Scope.ADMIN if name in ADMIN else Scope.WRITE if root.operation == "mutation" else Scope.READ for name, root in ROOTS.items()
}


async def told(root: Root, *scopes: str) -> list[str]:
    """The codes with which a root field is refused."""
    keys = Callers()
    key = keys.add("acme", *scopes)
    engine = house({"keys": keys})
    events = {"accept": "text/event-stream"} if root.operation == "subscription" else {}
    async with client(engine, key) as made:
        answer = await made.post("/graphql", json={"query": root.document}, headers=events)
    await engine.aclose()
    text = answer.text
    return [scope.value for scope in Scope if f'"scope":"{scope.value}"' in text.replace(" ", "")]


# Every caller may learn who it is.
@pytest.mark.parametrize("name", [name for name in ROOTS if name != "viewer"])
async def test_every_root_field_needs_its_scope(name: str) -> None:
    needed = NEEDED[name]
    assert await told(ROOTS[name], *(scope for scope in Scope if scope is not needed)) == [needed.value]


@pytest.mark.parametrize("name", [name for name, root in ROOTS.items() if root.operation != "subscription" and name != "exportUserCalls"])
async def test_its_scope_is_enough(name: str) -> None:
    assert await told(ROOTS[name], NEEDED[name]) == []


async def test_the_viewer_needs_none() -> None:
    assert await told(ROOTS["viewer"]) == []


async def test_an_export_needs_media_as_well() -> None:
    assert await told(ROOTS["exportUserCalls"], "write") == ["media"]
    assert await told(ROOTS["exportUserCalls"], "write", "media") == []


async def test_a_link_needs_media_and_is_null_without() -> None:
    keys = Callers()
    reader, both = keys.add("reader", "read"), keys.add("both", "read", "media")
    engine = house({"keys": keys})
    async with client(engine, reader) as low, client(engine, both) as high:
        refused, good = await asked(low, SOUND), await asked(high, SOUND)
    await engine.aclose()
    assert refused["data"]["recordings"]["nodes"] == [{"media": None}, {"media": None}]
    assert [(error["path"], error["extensions"]) for error in refused["errors"]] == [
        (["recordings", "nodes", place, "media"], {"code": "FORBIDDEN", "scope": "media"}) for place in (0, 1)
    ]
    assert (codes(good), [node["media"]["url"][:7] for node in good["data"]["recordings"]["nodes"]]) == ([], ["/media/"] * 2)


async def test_an_entry_of_the_log_of_changes_needs_admin_by_its_id_as_well() -> None:
    keys = Callers()
    reader, admin = keys.add("reader", "read"), keys.add("admin", "read", "admin")
    engine = house({"keys": keys})
    async with client(engine, admin) as high, client(engine, reader) as low:
        (node, *_) = (await asked(high, "{ auditEntries { nodes { id actor } } }"))["data"]["auditEntries"]["nodes"]
        refused = await asked(low, "query ($id: ID!) { node(id: $id) { id } }", id=node["id"])
    await engine.aclose()
    assert (node["actor"], refused["errors"][0]["extensions"]) == ("Zoë", {"code": "FORBIDDEN", "scope": "admin"})


async def test_who_may_only_write_cannot_read_by_way_of_what_changed() -> None:
    keys = Callers()
    writer = keys.add("writer", "write")
    engine = house({"keys": keys})
    async with client(engine, writer) as made:
        assert codes(await asked(made, CALLS)) == ["FORBIDDEN"]
        assert codes(await asked(made, "{ __typename }")) == []
    await engine.aclose()
