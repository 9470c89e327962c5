"""Operations: what clients may send, valid and hostile, generated from the committed schema."""

import re
from collections.abc import Sequence
from datetime import UTC

from graphql import NameNode, ObjectFieldNode, ValueNode
from hypothesis import strategies as st
from hypothesis_graphql import Mode, mutations, nodes, queries

from tests.support.repository import ROOT

PROVIDERS = ["boxis", "portsip", "voipstudio", "voximplant"]
# Arguments whose values matter to how far an operation gets have types of their own here.
TYPED = {
    r"\b(first|last): Int\b": r"\1: PageSize",
    r"\b(after|before): String\b": r"\1: Cursor",
    r"\bprovider: String!": "provider: ProviderName!",
    r"\bproviders: \[String!\]": "providers: [ProviderName!]",
    r"\bID\b": "GlobalId",
}
SCALARS = "\nscalar PageSize\nscalar Cursor\nscalar ProviderName\nscalar GlobalId\n"
TEXT = st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=20)
BAD_TIMES = ["0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999999+14:00", "2026-11-22T08:30:00", "2026-02-30T00:00:00Z", "now", ""]


def sdl() -> str:
    """The schema with those types."""
    text = (ROOT / "schema" / "schema.graphql").read_text("utf-8")
    for pattern, replacement in TYPED.items():
        text = re.sub(pattern, replacement, text)
    return text + SCALARS


def mostly(good: st.SearchStrategy[ValueNode], bad: st.SearchStrategy[ValueNode]) -> st.SearchStrategy[ValueNode]:
    """Good nine times of ten."""
    return st.integers(0, 9).flatmap(lambda number: bad if number == 9 else good)


def scalars(ids: Sequence[str]) -> dict[str, st.SearchStrategy[ValueNode]]:
    """Values of the custom scalars; `ids` are those of records that exist."""
    text, any_int = TEXT.map(nodes.String), st.integers().map(nodes.Int)
    times = st.datetimes(timezones=st.just(UTC)).map(lambda moment: nodes.String(moment.isoformat()))
    return {
        "PageSize": mostly(st.integers(1, 8).map(nodes.Int), any_int),
        "Cursor": mostly(st.just(nodes.String("")), text),
        "ProviderName": mostly(st.sampled_from(PROVIDERS).map(nodes.String), text),
        "GlobalId": mostly(st.sampled_from(list(ids)).map(nodes.String), text),
        "DateTime": mostly(times, st.sampled_from(BAD_TIMES).map(nodes.String) | any_int | text),
        "Decimal": mostly(st.decimals(allow_nan=False, allow_infinity=False).map(nodes.String), text),
        "JSON": json(),
    }


def json() -> st.SearchStrategy[ValueNode]:
    """Any JSON, written as GraphQL."""
    leaves: st.SearchStrategy[ValueNode] = (
        st.just(nodes.Null) | st.booleans().map(nodes.Boolean) | st.integers().map(nodes.Int) | TEXT.map(nodes.String)
    )
    names = st.from_regex(r"\A[_a-zA-Z][_a-zA-Z0-9]{0,8}\Z")

    def containers(inner: st.SearchStrategy[ValueNode]) -> st.SearchStrategy[ValueNode]:
        fields = st.dictionaries(names, inner, max_size=3).map(lambda made: [named(name, value) for name, value in made.items()])
        return st.lists(inner, max_size=3).map(nodes.List) | fields.map(nodes.Object)

    return st.recursive(leaves, containers, max_leaves=6)


def named(name: str, value: ValueNode) -> ObjectFieldNode:
    return ObjectFieldNode(name=NameNode(value=name), value=value)


def operations(ids: Sequence[str]) -> st.SearchStrategy[str]:
    """Documents: of ten seven read, two change, and one has something wrong."""
    schema, custom = sdl(), scalars(ids)
    reading = queries(schema, custom_scalars=custom)
    changing = mutations(schema, custom_scalars=custom)
    wrong = queries(schema, custom_scalars=custom, mode=Mode.NEGATIVE)
    chosen = [reading] * 7 + [changing] * 2 + [wrong]
    return st.integers(0, 9).flatmap(lambda number: chosen[number])
