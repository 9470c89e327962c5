"""The tutorial for plugin authors: whoever copies its blocks has a plugin that keeps the contract, and is told what it says."""

import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from graphql import parse, validate

from telegraphql.gateway.cli.main import commands
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.simulation import Simulation, run_sandbox
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.registry import GROUP, load
from telegraphql.gateway.runtime import create_provider
from telegraphql.gateway.scaffold.listing_trial import listed_kind, try_listing
from telegraphql.gateway.scaffold.project import PageStyleName, PluginProject, SchemeName
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.plugin import Provider
from tests.gateway.scaffold.generated_plugins import Workshop, importable
from tests.support.clock import FIXED_NOW
from tests.support.graphql_client import served_schema
from tests.support.repository import ROOT

TUTORIAL = (ROOT / "plugins/TUTORIAL.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TUTORIAL, re.DOTALL | re.MULTILINE)
TOOLS = {"cd", "mypy", "pip", "pytest", "ruff"}
OPTIONS = ("--pages", "links", "--auth", "basic")


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


FILES = {path.removeprefix("# "): code for path, _, code in (text.partition("\n") for text in blocks("python"))}
COMMANDS = [shlex.split(line) for text in blocks("sh") for line in text.splitlines()]


def follow(folder: Path) -> None:
    """Write the files into the new plugin."""
    for path, code in FILES.items():
        assert (folder / path).exists(), path
        (folder / path).write_text(code, "utf-8")


# First, as no plugin can be made whose package can be imported.
@pytest.mark.slow
def test_who_copies_the_blocks_has_a_plugin_whose_tests_pass(tmp_path: Path) -> None:
    own = Workshop.of(tmp_path, ["lumen"], *OPTIONS)
    new = own.made["lumen"]
    follow(new)
    # What is in the folder goes before what was installed from it.
    said = own.run(new, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert re.search(r"^\d\d passed, \d+ skipped in", said, re.MULTILINE), said
    own.run(new, "-m", "ruff", "check", "--no-cache")
    own.run(new, "-m", "ruff", "format", "--check", "--no-cache")
    assert own.run(new, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "mypy").startswith("Success")
    own.run(new, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", tmp_path / "wheel", ".")
    (wheel,) = (tmp_path / "wheel").iterdir()
    assert wheel.name == "telegraphql_lumen-0.1.0-py3-none-any.whl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = PluginProject("lumen", PageStyleName.LINKS, SchemeName.BASIC).write(tmp_path_factory.mktemp("tutorial"))
    follow(folder)
    with importable(folder):
        yield folder


@pytest.fixture
def lumen(folder: Path) -> type[Provider]:
    found: type[Provider] = import_module("telegraphql_lumen").Lumen
    return found


@pytest.fixture
def simulation(lumen: type[Provider], tmp_path: Path) -> Iterator[Simulation]:
    with run_sandbox(lumen, tmp_path, 120, FIXED_NOW) as simulation:
        yield simulation


def test_every_block_is_of_a_language_that_is_checked_here() -> None:
    assert {language for language, _ in BLOCKS} == {"graphql", "python", "sh", "text", "toml"}


def test_the_plugin_is_created_as_the_tests_do() -> None:
    assert COMMANDS[0] == ["telegraphql", "plugin", "new", "lumen", *OPTIONS]
    styles = re.findall(r"^\| .* \| `(\w+)` \|$", TUTORIAL.partition("```sh")[0].partition("## 2")[2], re.MULTILINE)
    assert sorted(styles) == sorted(PageStyleName)


@pytest.mark.parametrize("line", COMMANDS, ids=shlex.join)
def test_commands_exist(line: list[str]) -> None:
    if line[0] in TOOLS:
        return
    found, rest = typer.main.get_command(commands), line[1:]
    while (below := getattr(found, "commands", {}).get(rest[0] if rest else "")) is not None:
        found, rest = below, rest[1:]
    with found.make_context(line[0], rest) as context:
        assert not hasattr(found, "commands"), context.command_path


def test_the_row_of_the_documentation_becomes_a_call(folder: Path) -> None:
    runpy.run_path(str(folder / "tests/test_mapping.py"))["test_a_row_becomes_a_call"]()


# The others take longer: the whole kit is run below.
@pytest.mark.parametrize("promise", ["sends_time_bounds", "goes_on_when_links_expire", "filters_as_declared", "delivers_every_row"])
def test_the_plugin_keeps_promises(simulation: Simulation, promise: str) -> None:
    subjects = PROMISES[promise].subjects(simulation.plugin)
    assert subjects
    for subject in subjects.values():
        simulation.run(PROMISES[promise].keep(simulation, subject))


def test_the_failure_is_told_as_shown(folder: Path, tmp_path: Path) -> None:
    code = FILES["telegraphql_lumen/provider.py"]
    declared = "        time_resolution=timedelta(milliseconds=1),\n"
    assert declared in code
    known = {"__name__": "telegraphql_lumen.provider"}
    exec(code.replace(declared, ""), known)
    promise = PROMISES["declares_its_time_resolution"]
    with run_sandbox(known["Lumen"], tmp_path, 24, FIXED_NOW) as simulation:  # type: ignore[arg-type]
        (subject,) = promise.subjects(simulation.plugin).values()
        with pytest.raises(AssertionError) as told:
            simulation.run(promise.keep(simulation, subject))
    shown = re.sub(r"'cdr-\d+'", "…", blocks("text")[0].strip())
    assert re.sub(r"'cdr-\d+'", "…", str(told.value)) == shown


def test_a_trial_reads_one_page(simulation: Simulation) -> None:
    serving = BoundProvider.of(simulation.provider)

    async def work() -> None:
        trial = await try_listing(serving, listed_kind(serving, "Call"), 3, RequestBudget())
        assert (dict(trial.requests), trial.unread, len(trial.pairs)) == ({"GET /cdrs": 1}, [], 3)

    simulation.run(work())


def test_the_gateway_loads_it(folder: Path) -> None:
    (name, value) = next(iter(tomllib.loads((folder / "pyproject.toml").read_text())["project"]["entry-points"][GROUP].items()))
    loaded = load([EntryPoint(name, value, GROUP)])
    assert (list(loaded.found), loaded.broken) == (["lumen"], {})


async def test_the_configuration_is_good(lumen: type[Provider], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMEN_SECRET", "not a real one")
    (tmp_path / "telegraphql.toml").write_text(blocks("toml")[0], "utf-8")
    ((name, table),) = read_config(tmp_path / "telegraphql.toml").providers.items()
    provider = create_provider(name, table, lumen)
    assert provider.settings.secret.get_secret_value() == "not a real one"
    await provider.upstream.aclose()


def test_the_query_is_good() -> None:
    assert validate(served_schema()._schema, parse(blocks("graphql")[0])) == []
