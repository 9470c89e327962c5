"""Rows that are sent without becoming records: nobody can tell them from those that did."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, GraphQLObjectType, get_named_type, is_leaf_type, parse, print_ast, validate
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from telegraphql.gateway.graphql.compiler.row_projection import RowProjector
from telegraphql.gateway.media.links import FileAddress, MediaLinks
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.request_budget import running
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.record import FileInfo
from telegraphql.schema.values import Media
from tests.gateway.graphql.compiler.differential import Answer, answer, compiled, shown, stock
from tests.gateway.graphql.compiler.document_generation import Grower
from tests.gateway.graphql.compiler.malformed_upstreams import PLUGINS, before_its_sandbox
from tests.support.clock import FIXED_NOW
from tests.support.examples import examples
from tests.support.graphql_client import context

# graphql-core leaves coroutines that it never began behind where an answer is given up: as many with compiled code as without.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
RATES = (0.0, 0.05, 0.3)
PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
FRAME = f"problems {{ message provider {{ name }} code retryable field count id }} {PAGE_INFO} totalCount"


class Still(MediaLinks):
    """Links that say the same whenever they are made."""

    def for_address(self, address: FileAddress, info: FileInfo) -> Media:
        return Media(
            url=f"/{address}", mime_type=info.mime_type, size_bytes=info.size_bytes, file_name=info.file_name, expires_at=FIXED_NOW
        )


@cache
def fast() -> strawberry.Schema:
    return compiled()


@dataclass
class House:
    """A provider of each plugin, and how many rows of which kind were sent as they are."""

    loop: asyncio.Runner = field(repr=False)
    servings: dict[str, BoundProvider] = field(default_factory=dict, repr=False)
    garble: dict[str, Callable[[int, float], None]] = field(default_factory=dict, repr=False)
    sent: Counter[tuple[str, str]] = field(default_factory=Counter)

    def asked(self, schema: strawberry.Schema, plugin: str, document: DocumentNode) -> Answer:
        return self.loop.run(self._asked(schema, plugin, document))

    async def _asked(self, schema: strawberry.Schema, plugin: str, document: DocumentNode) -> Answer:
        asked = context([self.servings[plugin]])
        asked.files = Still("secret", timedelta(hours=1))
        with running(asked.budget):
            return await answer(schema, document, asked, {"b1": True, "b2": False})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(asyncio.Runner())
    for plugin in PLUGINS:
        name = plugin.plugin
        made.servings[name], made.garble[name] = before_its_sandbox(plugin, tmp_path_factory.mktemp(name))
    project = RowProjector.project

    def counted(projection: RowProjector, reader: RowReader, views: Sequence[RowView]) -> None:
        project(projection, reader, views)
        made.sent[reader.provider_name, reader.mapping.kind.__name__] += sum(view.sent is not None for view in views)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RowProjector, "project", counted)
        # The time of the last success differs between two requests.
        patch.setattr(RequestContext, "health", lambda *_: Health().shown())
        with made.loop:
            yield made


def roots(plugin: str, servings: dict[str, BoundProvider]) -> list[str]:
    """The root lists a provider serves."""
    query = stock()._schema.query_type
    assert query is not None
    found = {}
    for name, each in query.fields.items():
        inner = get_named_type(each.type)
        nodes = inner.fields.get("nodes") if isinstance(inner, GraphQLObjectType) else None
        if nodes and get_named_type(nodes.type).name in KINDS:
            found[KINDS[get_named_type(nodes.type).name]] = name
    return [name for kind, name in found.items() if kind in servings[plugin].declared.listings]


def kind_of(root: str) -> Any:
    """The kind of which a root field is a list."""
    query: Any = stock()._schema.query_type
    return get_named_type(get_named_type(query.fields[root].type).fields["nodes"].type)


def some_fields(of: GraphQLObjectType, draw: Random, depth: int = 0) -> str:
    """A few fields of a kind and of what it holds, in any order, some of them under other names."""
    words = ["__typename"] if draw.random() < 0.2 else []
    for name, each in of.fields.items():
        inner = get_named_type(each.type)
        if each.args or draw.random() < 0.6:
            continue
        alias = draw.choice(["", "", "", f"a{draw.randrange(9)}_{name}: ", f"class_{name}: "])
        if is_leaf_type(inner):
            words.append(alias + name)
        elif isinstance(inner, GraphQLObjectType) and depth < 1 and "nodes" not in inner.fields:
            words.append(f"{alias}{name} {{ {some_fields(inner, draw, depth + 1)} }}")
    draw.shuffle(words)
    return " ".join(words) or "__typename"


def document(root: str, draw: Random) -> DocumentNode:
    """A list with some of its fields; sometimes as edges, sometimes as both, sometimes grown by whatever GraphQL allows."""
    rows = some_fields(kind_of(root), draw)
    frame = draw.choice([FRAME, "", "problems { message }"])
    shape = draw.choice(
        ["nodes {{ {0} }}", "nodes {{ {0} }}", "edges {{ node {{ {0} }} }}", "edges {{ cursor node {{ {0} }} }} nodes {{ id }}"]
    )
    text = f"{{ {root}(first: {draw.choice([1, 3, 9])}) {{ {shape.format(rows)} {frame} }} }}"
    grown = parse(text)
    if draw.random() < 0.3:
        grown = parse(print_ast(Grower(stock()._schema, draw, left=20).grown(grown)))
    return parse(text) if validate(stock()._schema, grown) else grown


def compare(house: House, plugin: str, root: str, seed: int, rate: float) -> None:
    house.garble[plugin](seed, rate)
    asked = document(root, Random(seed))
    wanted = house.asked(stock(), plugin, asked)
    got = house.asked(fast(), plugin, asked)
    same = repr(wanted[0]) == repr(got[0]) and sorted(map(shown, wanted[1])) == sorted(map(shown, got[1]))
    assert same, f"{plugin} {seed} {rate}\n{print_ast(asked)}\n\nrecords: {wanted}\n\nsent: {got}"


# Each listing whose rows are sent as they are.
SENT = {
    "boxis": {"calls"},
    "portsip": {"calls", "sessions", "recordings", "voicemessages", "queues", "reports", "reportSchedules"},
    "voipstudio": {"calls", "queues", "recordings", "voicemessages", "chats", "mediaSessions", "transactions", "trackingNumbers"},
    "voximplant": {"calls", "sessions", "recordings", "queues", "queueVisits", "transactions", "auditEntries", "reports"},
}


def all_fields(root: str, serving: BoundProvider) -> str:
    """What the list itself delivers of a kind, relations aside, and each way in which the rest is made."""
    kind = kind_of(root)
    lacking = serving.lacking(KINDS[kind.name], kind.fields)
    plain = [name for name, each in kind.fields.items() if is_leaf_type(get_named_type(each.type)) and name not in lacking]
    parts = " ".join(f"{name} {{ {below} }}" for name, below in PARTS.items() if name in kind.fields and name not in lacking)
    return f"{' '.join(plain)} {parts} provider {{ name }}"


PARTS = {
    "from": "number extension name uri country kind nativeId e164",
    "to": "kind number",
    "cost": "amount currency",
    "amount": "amount",
    "visitor": "name email",
    "media": "url",
}


@pytest.mark.parametrize("plugin", SENT)
def test_every_row_of_a_listing_is_sent_as_it_is(house: House, plugin: str) -> None:
    house.garble[plugin](0, 0)
    for root in roots(plugin, house.servings):
        house.sent.clear()
        words = all_fields(root, house.servings[plugin])
        document = parse(f"{{ {root}(first: 3) {{ edges {{ cursor node {{ {words} }} }} problems {{ code }} }} }}")
        data, errors = house.asked(fast(), plugin, document)
        assert (len(data[root]["edges"]), data[root]["problems"], errors) == (3, [], ())
        assert house.sent.total() == (3 if root in SENT[plugin] else 0), root


@pytest.mark.parametrize("plugin", [each.plugin for each in PLUGINS])
@settings(max_examples=examples(40), derandomize=True, phases=[Phase.generate])
@given(data=st.data(), seed=st.integers(0, 2**30), rate=st.sampled_from(RATES))
def test_answers_errors_problems_and_order_are_those_of_records(house: House, plugin: str, data: Any, seed: int, rate: float) -> None:
    root = data.draw(st.sampled_from(roots(plugin, house.servings)))
    compare(house, plugin, root, seed, rate)


# Parts that come along only where they are asked for have problems of their own.
WITH_PARTS = {("voximplant", "sessions")}


@pytest.mark.parametrize("plugin", [each.plugin for each in PLUGINS])
@settings(max_examples=examples(25), derandomize=True, phases=[Phase.generate])
@given(data=st.data(), seed=st.integers(0, 2**30), rate=st.sampled_from(RATES[1:]))
def test_the_records_and_their_problems_are_the_same_whatever_is_selected(
    house: House, plugin: str, data: Any, seed: int, rate: float
) -> None:
    root = data.draw(st.sampled_from([each for each in roots(plugin, house.servings) if (plugin, each) not in WITH_PARTS]))
    house.garble[plugin](seed, rate)
    words = all_fields(root, house.servings[plugin])
    frame = "problems { code field count id } pageInfo { endCursor hasNextPage }"

    def ask(selected: str) -> Any:
        document = parse(f"{{ {root}(first: 9) {{ nodes {{ nativeId {selected} }} {frame} }} }}")
        house.servings[plugin]._disciplines.clear()  # windows learn their width, and other rows are read the next time
        (found, errors) = house.asked(fast(), plugin, document)
        ids = [each["nativeId"] for each in (found[root] or {}).pop("nodes", ())]
        # A text with a request of its own is missing only where it is selected.
        found[root]["problems"] = [each for each in found[root]["problems"] if each["code"] != "NOT_FOUND"]
        return ids, found[root], [error.message for error in errors if error.path == [root]]

    whole = ask(words)
    few = Random(seed).sample([word for word in words.split() if word.isalpha() and f"{word} {{" not in words], 3)
    for selected in ("", " ".join(few)):
        assert ask(selected) == whole, f"{root} {{ {selected} }}"
