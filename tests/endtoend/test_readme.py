"""The README: its queries run, its commands and codes exist, and its support matrix is the declarations'."""

import re
from pathlib import Path

import pytest

from gateway import errors, matrix
from gateway.cli import commands
from gateway.registry import plugins
from gateway.server import media
from schema.enums import ProblemCode
from tests.endtoend.world import World

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
QUERIES = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_every_query_runs(shared: World, query: str) -> None:
    answer = shared.post(query)
    assert "errors" not in answer
    assert answer["data"]["calls"]["problems"] == []


def test_every_command_stands_in_it() -> None:
    names = {command.name or command.callback.__name__ for command in commands.registered_commands if command.callback}
    assert {name for name in names if f"`telegraphql {name}" not in README} == set()


def test_every_error_code_stands_in_it() -> None:
    kinds = [errors.BadInput, errors.BadCursor, errors.BadId, errors.UnknownProvider, errors.NobodyCan, media.BadToken, media.ExpiredToken]
    codes = {kind.code for kind in kinds} | {code.name for code in ProblemCode}
    assert {code for code in codes if f"`{code}`" not in README} == set()


def test_the_support_matrix_is_up_to_date() -> None:
    guide = (ROOT / "plugins" / "README.md").read_text("utf-8")
    assert guide == matrix.replaced(guide, plugins().found), "run `make matrix`"
