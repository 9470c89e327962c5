"""Kinds: each with a place in its list, a filter of its own, and relations that hold together."""

from dataclasses import fields

import pytest

from telegraphql.schema.kinds import FILTERS, KINDS, RELATIONS
from telegraphql.schema.record import Record


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.__name__)
def test_a_kind_stands_in_its_list_by_a_time_or_by_a_name(kind: type[Record]) -> None:
    place = kind.time_field or kind.name_field
    assert (kind.time_field is None) is not (kind.name_field is None)
    assert place in {each.name for each in fields(kind)}


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.__name__)
def test_a_filter_bears_its_kinds_name_and_its_time(kind: type[Record]) -> None:
    wanted = FILTERS[kind]
    names = [each.name for each in fields(wanted)]
    assert (wanted.__name__, names[0]) == (f"{kind.__name__}Filter", "providers")
    assert kind.time_field is None or kind.time_field in names


def test_kinds_are_found_by_their_names() -> None:
    assert {name: kind.__name__ for name, kind in KINDS.items()} == {name: name for name in KINDS}
    assert set(FILTERS) <= set(KINDS.values())


def test_relations_join_kinds() -> None:
    assert {kind for kind, _ in RELATIONS} | {relation.kind for relation in RELATIONS.values()} <= set(KINDS.values())
