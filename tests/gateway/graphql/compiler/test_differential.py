"""Compiled answers are graphql-core's: a fixed share of what `python -m tests.gateway.graphql.compiler.differential` asks."""

import dataclasses
from typing import Any

import pytest
from graphql import GraphQLError, parse

from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import CallDirection
from telegraphql.schema.paging import Connection, Edge, PageInfo
from tests.gateway.graphql.compiler.differential import RATES, Question, Tally, compare, run, stock
from tests.gateway.graphql.compiler.irregular_values import Waiting
from tests.gateway.graphql.compiler.seeded_context import Hostile
from tests.support.records import call, recording

# graphql-core leaves coroutines that it never began behind where an answer is given up: as many with compiled code as without.
pytestmark = [pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"), pytest.mark.slow]


def test_answers_and_errors_are_the_same_whatever_upstreams_send() -> None:
    told = run(260, derandomize=True)
    assert told.answers > 500
    assert told.errors > 100
    assert told.left_open < told.answers / 50
    assert told.programs.fell > 100


def test_with_well_behaved_upstreams_nearly_all_is_compiled() -> None:
    told = run(200, RATES[:1], derandomize=True)
    assert (told.errors, told.programs.fell) == (0, 0)
    assert told.programs.ran > 500
    assert told.share() > 0.95


async def test_a_union_is_compiled_with_all_that_is_selected_of_its_kinds() -> None:
    tally = Tally()
    await compare(tally, Question(parse(RACE), {}, Mixed))
    assert (tally.left_open, tally.programs.fell, tally.programs.stock) == (0, 0, 0)
    assert tally.programs.ran == 2 * (1 + 2 * 3)  # twice the page at once, and three relations of each of its two lists


RACE = """{ timeline(number: "1") {
    last: nodes { ... on Call { session { id } recordings { id } } ... on Recording { call { id } } }
    edges { node { ... on Call { session { id } recordings { id } } ... on Recording { call { id } } } }
} }"""


@dataclasses.dataclass
class Mixed(Hostile):
    """A timeline of two kinds, with more behind them."""

    seed: int = 1
    more: tuple[Any, ...] = ()

    async def timeline(self, arguments: PageArguments, info: Any) -> Any:
        nodes: list[Any] = [call(1, 1, direction=CallDirection.INBOUND), recording("r", 1), *self.more]
        edges = [Edge(node=node, cursor="c") for node in nodes]
        return Connection(edges=edges, nodes=nodes, page_info=PageInfo(has_next_page=False, has_previous_page=False), problems=[])


async def test_of_errors_that_race_below_one_null_either_is_told() -> None:
    def racing() -> Mixed:
        return Mixed(more=(Waiting(7),))

    question, tally = Question(parse(RACE), {}, racing), Tally()
    await compare(tally, question)
    wanted, got = await question.asked(stock()), await question.asked(tally.made)
    assert (wanted[0], got[0]) == (None, None)
    assert {str(error.path) for error in (*wanted[1], *got[1])} <= {"['timeline', 'last', 2]", "['timeline', 'edges', 2, 'node']"}
    for error in (*wanted[1], *got[1]):
        assert await question.is_told_alone(error)
        assert not await question.is_told_alone(GraphQLError("another", error.nodes, path=error.path))
