"""Proofs: that each method of the providers' documents is reached through GraphQL, and does what it is for."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import HEAD, KINDS
from tests.endtoend.list_walks import keys, listed
from tests.endtoend.world import Row, Upstream, World


@dataclass(frozen=True, slots=True)
class Proof:
    """A way to reach a method. `changes` says that the world is another one afterwards."""

    name: str
    run: Callable[[World, Upstream], None]
    changes: bool = False


@contextmanager
def asking(upstream: Upstream, operation: str, times: int | None = None, **parameters: str) -> Iterator[None]:
    """What happens inside asks the upstream for this operation, with these parameters."""
    upstream.forget()
    yield
    asked = [entry["parameters"] for entry in upstream.journal() if entry["operation"] == operation]
    assert asked, (operation, upstream.operations())
    assert times in (None, len(asked)), upstream.operations()
    for name, value in parameters.items():
        assert asked[0].get(name) == value, asked[0]


def lists(kind: str, operation: str, **parameters: str) -> Proof:
    """The list of a kind comes from this operation, and is the truth."""

    def run(world: World, upstream: Upstream) -> None:
        with asking(upstream, operation, **parameters):
            found = keys(listed(world, KINDS[kind], {"providers": [upstream.name]}))
        assert found == [truth.key for truth in expected(world, kind, providers=[upstream.name])]
        assert found

    return Proof(f"list of {kind}", run)


def gets(kind: str, operation: str, fields: str = "") -> Proof:
    """A record by its id comes from this operation, and is what the list gave."""

    def run(world: World, upstream: Upstream) -> None:
        wanted = listed(world, KINDS[kind], {"providers": [upstream.name]}, f"native {fields}")[0]
        with asking(upstream, operation, 1):
            found = node(world, kind, wanted["id"], f"native {fields}")
        assert found.pop("native").items() >= wanted.pop("native").items()
        assert found == wanted

    return Proof(f"{kind} by id", run)


def node(world: World, kind: str, id: str, fields: str = "") -> Any:
    """One record."""
    return world.ask(f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {HEAD} {fields} }} }} }}", id=id)["node"]


def ids(world: World, upstream: Upstream, kind: str, filter: Row | None = None) -> dict[str, str]:
    """Global ids by native ones."""
    return {each["nativeId"]: each["id"] for each in listed(world, KINDS[kind], {"providers": [upstream.name]} | (filter or {}))}


def gone(rows: Collection[Row], left: Collection[Row], *natives: Any, name: str = "id") -> None:
    """Exactly these are no longer there; all others are as they were."""
    assert [row for row in rows if str(row.get(name)) not in {str(each) for each in natives}] == list(left)
    assert len(left) == len(rows) - len(natives)


def truth(world: World, upstream: Upstream, kind: str) -> list[Truth]:
    """What clients must see of a kind at this upstream."""
    return expected(world, kind, providers=[upstream.name])


def done(world: World, document: str, **variables: Any) -> Row:
    """The answer of a mutation that left no problems."""
    (answer,) = world.ask(document, **variables).values()
    assert answer["problems"] == []
    changed: Row = answer
    return changed


DELETE = "mutation ($ids: [ID!]!) { %s(input: {ids: $ids}) { succeededIds problems { provider { name } code id } } }"
DELETE_ALL = """mutation ($provider: String!, $kind: DeletableKind!) {
  deleteAll(input: {provider: $provider, kind: $kind, confirm: $provider}) { problems { code } } }"""
