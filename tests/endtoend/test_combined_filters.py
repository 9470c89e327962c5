"""Filters of filters: at every provider and over all of them, on small pages in both directions, as filtering the truth by hand."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from random import Random
from typing import Any, NamedTuple

import pytest

from tests.endtoend.filter_semantics import LINKS, NOBODY_ELSE, NOBODY_ELSE_OF_KIND
from tests.endtoend.filter_values import filters_of, samples
from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import Walk, keys
from tests.endtoend.test_filters import PLUGINS, WITHOUT_QUEUES, by_hand, linked
from tests.endtoend.world import Row, World

# They change which records an upstream lists, or are only told outside of `or` and `not`.
ONLY_ALONE = {"isPending", "isTracked", "hasUser", "relatedTo"}
SIZE = 13


class Asked(NamedTuple):
    """A filter as a client sends it, and the same with native ids."""

    sent: Row
    meant: Row


def conditions(world: World, kind: Kind, plugins: Sequence[str], truths: list[Truth]) -> list[Asked]:
    """One filter for each value of each field that all these providers can tell."""
    found = []
    for name in filters_of(kind):
        only = NOBODY_ELSE_OF_KIND.get((kind.name, name)) or NOBODY_ELSE.get(name)
        without = any((kind.name, name, plugin) in WITHOUT_QUEUES for plugin in plugins)
        if name in ONLY_ALONE or without or (only and [only] != list(plugins)):
            continue
        ids, natives = linked(world, name, truths) if name in LINKS else ([], {})
        for value in samples(kind, name, truths, ids):
            if value != []:
                found.append(Asked({name: value}, {name: [natives[id] for id in value] if natives else value}))
    return found


def tree(choose: Random, known: Sequence[Asked], plugins: Sequence[str], depth: int) -> Asked:
    """A filter of up to two fields, and of filters within it."""
    sent: Row = {}
    meant: Row = {}
    for _ in range(choose.randrange(1, 3) if depth else choose.randrange(2)):
        leaf = choose.choice(known)
        sent, meant = sent | leaf.sent, meant | leaf.meant
    if depth and choose.random() < 0.3:
        named = choose.sample(PLUGINS, 3)
        sent, meant = sent | {"providers": named}, meant | {"providers": named}
    for name in choose.sample(["and", "or", "not"], choose.randrange(1, 3)) if depth < 2 else []:
        inner = [tree(choose, known, plugins, depth + 1) for _ in range(1 if name == "not" else choose.randrange(1, 4))]
        sent |= {name: inner[0].sent if name == "not" else [each.sent for each in inner]}
        meant |= {name: inner[0].meant if name == "not" else [each.meant for each in inner]}
    return Asked(sent, meant)


def cases() -> Iterator[Any]:
    for kind in KINDS.values():
        plugins = [plugin for plugin in PLUGINS if kind.name in import_module(f"tests.endtoend.ground_truth.{plugin}").KINDS]
        for asked in [*([plugin] for plugin in plugins), *([plugins] if len(plugins) > 1 else [])]:
            yield pytest.param(kind, asked, id=f"{kind.name}-{'+'.join(asked)}")


def walked(world: World, kind: Kind, plugins: Sequence[str], seed: int) -> int:
    """Walk the list of a random filter; return how many records it has."""
    choose = Random(seed)
    truths = expected(world, kind.name, providers=plugins)
    asked = tree(choose, conditions(world, kind, plugins, truths), plugins, 0)
    newest = kind.time is None or choose.random() < 0.5
    wanted = by_hand(truths, kind, asked.meant)
    if not newest:
        wanted = wanted[::-1]
    sent = {"providers": list(plugins)} | asked.sent
    order = "NEWEST_FIRST" if newest else "OLDEST_FIRST"
    walk = Walk(kind, SIZE, order=order, backward=choose.random() < 0.5, filter=sent)
    if not wanted and is_contradiction(world, walk):
        return 0
    assert keys(walk.all(world)) == wanted, sent
    return len(wanted)


def is_contradiction(world: World, walk: Walk) -> bool:
    """True if the filter is refused since no record can match it."""
    errors = world.post(walk.document, **walk.variables(None)).get("errors", [])
    assert [error["extensions"]["code"] for error in errors] in ([], ["BAD_USER_INPUT"])
    return bool(errors) and "contradict each other" in errors[0]["message"]


@pytest.mark.parametrize(("kind", "plugins"), list(cases()))
def test_a_filter_of_filters_means_what_it_says(shared: World, kind: Kind, plugins: list[str]) -> None:
    assert [walked(shared, kind, plugins, seed) >= 0 for seed in range(2)] == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "plugins"), list(cases()))
def test_many_filters_of_filters_mean_what_they_say(shared: World, kind: Kind, plugins: list[str]) -> None:
    assert sum(walked(shared, kind, plugins, seed) for seed in range(2, 20)) > 0
