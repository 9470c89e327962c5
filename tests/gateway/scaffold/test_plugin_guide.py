"""The guide for plugin authors: every block in it is true of what `telegraphql plugin new my-pbx` writes, and of this gateway."""

import re
import shlex
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pytest
import typer
from graphql import parse, validate

from telegraphql import plugin as contract
from telegraphql.gateway.cli.main import commands
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.malformed_rows import ADVICE, UNKNOWN_CODE
from telegraphql.gateway.runtime import create_provider
from telegraphql.gateway.scaffold.project import PluginProject
from telegraphql.plugin.testing import read_page
from telegraphql.schema import Call, CallDirection, Money
from tests.gateway.scaffold.generated_plugins import importable
from tests.support.graphql_client import served_schema
from tests.support.memory_provider import Memory, Store, serving
from tests.support.repository import ROOT

GUIDE = (ROOT / "plugins/README.md").read_text("utf-8").partition("## Support matrix")[0]
FENCED = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
BLOCKS = [(language, textwrap.dedent(text)) for _, language, text in FENCED.findall(GUIDE)]
DRAFT = PluginProject("my-pbx")
# What is installed beside the gateway, and what every shell has.
TOOLS = {"cd", "mypy", "pip", "pytest", "ruff"}


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


def lines(language: str) -> Iterator[list[str]]:
    for text in blocks(language):
        yield from (shlex.split(line) for line in text.splitlines())


def test_every_block_is_of_a_language_that_is_checked_here() -> None:
    assert {language: len(blocks(language)) for language, _ in BLOCKS} == {"graphql": 1, "python": 10, "sh": 3, "text": 2, "toml": 2}


EXAMPLE = "# examples.py\n"


def test_the_example_of_a_mapping_does_what_it_says() -> None:
    (text,) = [text for text in blocks("python") if text.startswith(EXAMPLE)]
    known: dict[str, Any] = {**vars(contract), "msgspec": msgspec, "Call": Call, "CallDirection": CallDirection, "__name__": "examples"}
    exec(text, known)
    row = {"id": 7, "start": "2026-11-01 12:00:00", "from": "+41445556677", "to": "201", "seconds": 65, "price": "1.234,50"}
    ((call,), problems) = read_page(serving("a", Memory, Store()).provider.page(known["TICKET"], [msgspec.Raw(msgspec.json.encode(row))]))
    assert problems == []
    assert (call.from_.number, call.direction, call.ended_at) == (
        "+41445556677",
        CallDirection.OUTBOUND,
        datetime(2026, 11, 1, 12, 1, 5, tzinfo=UTC),
    )
    assert call.cost == Money(amount=Decimal("1234.50"), currency="CHF")


@pytest.mark.parametrize(
    "text", [text for text in blocks("python") if not text.startswith(EXAMPLE)], ids=lambda text: text.partition("\n")[0]
)
def test_python_stands_in_a_new_plugin(text: str) -> None:
    path, _, code = text.partition("\n")
    assert code in DRAFT.files[PurePosixPath(path.removeprefix("# "))]


def test_the_folder_is_what_is_written() -> None:
    root, *listed = blocks("text")[0].splitlines()
    files = {str(path) for path in DRAFT.files} - {"telegraphql_my_pbx/__init__.py", "telegraphql_my_pbx/py.typed"}
    assert root == "telegraphql-my-pbx/"
    assert {line.split()[0] for line in listed} == files


def test_a_failure_reads_as_shown() -> None:
    assert blocks("text")[1] == f"the Call 'c99961' is missing if its `result` is the unknown code {UNKNOWN_CODE!r}: {ADVICE}\n"


@pytest.mark.parametrize("line", [line for line in lines("sh") if line[0] == "telegraphql"], ids=shlex.join)
def test_commands_exist(line: list[str]) -> None:
    found, rest = typer.main.get_command(commands), line[1:]
    while (below := getattr(found, "commands", {}).get(rest[0] if rest else "")) is not None:
        found, rest = below, rest[1:]
    with found.make_context(line[0], rest) as context:
        assert not hasattr(found, "commands"), context.command_path


def test_the_other_lines_are_of_known_tools() -> None:
    assert {line[0] for line in lines("sh")} == TOOLS | {"telegraphql"}
    (chosen,) = [line[2] for line in lines("sh") if line[:2] == ["pytest", "-k"]]
    for word in chosen.split(" or "):
        assert any(word in name for name in PROMISES)


async def test_the_configuration_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_PBX_TOKEN", "not a real one")
    (tmp_path / "telegraphql.toml").write_text(blocks("toml")[0], "utf-8")
    (name, table), *others = read_config(tmp_path / "telegraphql.toml").providers.items()
    with importable(DRAFT.write(tmp_path)):
        provider = create_provider(name, table, import_module("telegraphql_my_pbx").MyPbx)
        await provider.upstream.aclose()
    assert (provider.name, provider.settings.token.get_secret_value(), others) == ("office", "not a real one", [])


def test_the_entry_point_is_the_one_that_is_written() -> None:
    assert blocks("toml")[1] in DRAFT.files[PurePosixPath("pyproject.toml")]


def test_the_query_is_good() -> None:
    assert validate(served_schema()._schema, parse(blocks("graphql")[0])) == []


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", GUIDE)
    assert len(links) >= 7
    assert [link for link in links if not (ROOT / "plugins" / link).exists()] == []
