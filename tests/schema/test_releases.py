"""Releases: the schema of each release is kept, and nothing that a client of it may use is taken away from 1.0 on."""

import re
from pathlib import Path

import pytest
from graphql import BreakingChange, GraphQLSchema, build_schema, find_breaking_changes

from tests.support.printed_schema import client_schema, printed_schema
from tests.support.repository import ROOT

FOLDER = ROOT / "schema/releases"
NAME = re.compile(r"(?P<major>\d+)\.\d+\.graphql")
# The policy of docs/evolving-the-schema.md begins with it.
FROZEN = 1
PRESENT = client_schema()
# Without descriptions, so that a line alone can be taken away.
TEXT = re.sub(r'"""(?:.|\n)*?"""\n *', "", printed_schema())


def releases(folder: Path) -> dict[str, int]:
    """The files of a folder with their major versions."""
    found = {path.name: NAME.fullmatch(path.name) for path in folder.iterdir()}
    assert [name for name, match in found.items() if match is None] == []
    return {name: int(match["major"]) for name, match in found.items() if match}


def refused(folder: Path, present: GraphQLSchema) -> dict[str, list[BreakingChange]]:
    """What breaks clients of the declared releases of the newest major version."""
    known = releases(folder)
    newest = max(known.values())
    compared = [name for name, major in known.items() if major == newest >= FROZEN]
    changes = {name: find_breaking_changes(build_schema((folder / name).read_text("utf-8")), present) for name in compared}
    return {name: each for name, each in changes.items() if each}


def test_the_first_release_is_kept() -> None:
    assert "0.1.graphql" in releases(FOLDER)


def test_no_client_of_a_release_breaks() -> None:
    assert refused(FOLDER, PRESENT) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  rerouteReason: String\n", ""),
        ("  rerouteReason: String\n", "  rerouteReason: Int\n"),
        ("  performedAt: DateTime!\n", "  performedAt: DateTime\n"),
        ("  VOICEMAIL\n", ""),
        ("  isTracked: Boolean\n", "  isTracked: Boolean!\n"),
    ],
    ids=["field removed", "type changed", "nullable", "enum value removed", "filter required"],
)
def test_a_breaking_change_is_refused_once_a_release_is_declared(before: str, after: str, tmp_path: Path) -> None:
    assert before in TEXT
    broken = build_schema(TEXT.replace(before, after))
    (tmp_path / "0.9.graphql").write_text(TEXT)
    assert refused(tmp_path, broken) == {}
    (tmp_path / "1.0.graphql").write_text(TEXT)
    assert list(refused(tmp_path, broken)) == ["1.0.graphql"]
    (tmp_path / "2.0.graphql").write_text(TEXT.replace(before, after))
    assert refused(tmp_path, broken) == {}


def test_an_addition_and_a_deprecation_are_not(tmp_path: Path) -> None:
    (tmp_path / "1.0.graphql").write_text(TEXT)
    grown = TEXT.replace("  rerouteReason: String\n", '  rerouteReason: String @deprecated(reason: "Use cause.")\n\n  cause: String\n')
    assert grown != TEXT
    assert refused(tmp_path, build_schema(grown)) == {}
