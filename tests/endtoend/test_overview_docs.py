"""The page about timelines and statistics: its queries run."""

import re

import pytest

from tests.endtoend.world import World
from tests.tree import ROOT

PAGE = (ROOT / "docs" / "timeline-and-statistics.md").read_text("utf-8")
QUERIES = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_every_query_runs(shared: World, query: str) -> None:
    (found,) = shared.ask(query).values()
    assert found["problems"] == []
    assert found.get("complete", True)


def test_there_are_some_of_both() -> None:
    assert [sum(name in query for query in QUERIES) for name in ("timeline(", "callStatistics(")] == [2, 2]
