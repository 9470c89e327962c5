"""A new plugin: what is written works as it is - its own tests pass, linters and types are content, and it is served beside others."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.scaffold.project import PageStyleName, PluginProject, SchemeName
from tests.gateway.conformance.acme import Acme
from tests.gateway.scaffold.generated_plugins import Workshop, importable
from tests.support.graphql_client import data

NAMES = ("my-pbx", "Acme2", "telegraphql-Old.Exchange_of_the_company")
RECORDS = 30


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop.of(tmp_path_factory.mktemp("workshop"), NAMES)


@pytest.fixture
async def engine(workshop: Workshop, tmp_path: Path) -> AsyncIterator[Runtime]:
    """The gateway over the sandboxes of the new plugins and of one that was there before."""
    with importable(workshop.site):
        found = workshop.plugins()
        assert found.broken == {}
        installed = Plugins({**found.found, "acme": Acme}, {})
        made = sandbox_servers.create_sandboxes(RECORDS, 1, installed=installed)
    with sandbox_servers.run_sandboxes(made, 0):
        engine = Runtime.build(build_config(sandbox_servers.sandbox_config(made, tmp_path), tmp_path), installed)
        yield engine
        await engine.aclose()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[:2])
def test_its_tests_pass_as_they_are(workshop: Workshop, name: str) -> None:
    said = workshop.run(workshop.made[name], "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert re.search(r"^1\d\d passed, \d skipped in", said, re.MULTILINE), said


@pytest.mark.slow
def test_its_tests_pass_with_local_times_as_the_mapping_recommends(tmp_path: Path) -> None:
    own = Workshop.of(tmp_path, ["wall"])
    mapping = own.made["wall"] / "telegraphql_wall/mapping.py"
    written = mapping.read_text("utf-8")
    (advice,) = re.findall(r"CHANGE: use `(local\(.*\))` if", written)
    changed = written.replace('started_at=utc("started"),\n    answered', f"started_at={advice},\n    answered")
    mapping.write_text(changed.replace("    later,\n", "    later,\n    local,\n    provider,\n"), "utf-8")
    assert mapping.read_text("utf-8").count(advice) == 2
    said = own.run(own.made["wall"], "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert re.search(r"^1\d\d passed, \d skipped in", said, re.MULTILINE), said


DOCUMENT = """
openapi: 3.1.0
info: {title: PBX, version: "1"}
servers: [{url: "https://api.example.com/v1"}]
security: [{token: []}]
paths:
  /calls:
    get:
      parameters: &common
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: count, in: query, schema: {type: boolean}}
        - {name: sort, in: query, schema: {enum: [asc, desc]}}
        - {name: from, in: query, schema: {type: string}}
        - {name: to, in: query, schema: {type: string}}
        - {name: ids, in: query, schema: {type: string}}
        - {name: call_ids, in: query, schema: {type: string}}
        - {name: result, in: query, schema: {type: string}}
        - {name: number, in: query, schema: {type: string}}
      responses: &rows
        "200":
          description: A page.
          content:
            application/json:
              schema:
                type: object
                properties:
                  total: {type: integer}
                  data: {type: array, items: {$ref: "#/components/schemas/Row"}}
  /recordings: {get: {parameters: *common, responses: *rows}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Row: {type: object, required: [id], properties: {id: {type: [string, "null"]}}, additionalProperties: {}}
"""


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "said"), [("", "", None), ("name: sort", "name: order", "pbx.yaml has no parameter `sort` of it")])
def test_its_tests_compare_with_an_openapi_document(tmp_path: Path, old: str, new: str, said: str | None) -> None:
    own, document = Workshop.of(tmp_path, ["pbx"]), tmp_path / "pbx.yaml"
    document.write_text(DOCUMENT.replace(old, new), "utf-8")
    command = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--openapi={document}",
        "-k",
        "sorts_in or streams_files or filters or gets",
    )
    if said is None:
        assert re.search(r"^\d+ passed", own.run(own.made["pbx"], *command), re.MULTILINE)
    else:
        with pytest.raises(AssertionError, match=re.escape(said)):
            own.run(own.made["pbx"], *command)


@pytest.mark.parametrize("pages", PageStyleName)
@pytest.mark.parametrize("auth", SchemeName)
def test_each_page_style_and_credential_scheme_is_formatted(pages: PageStyleName, auth: SchemeName, tmp_path: Path) -> None:
    folder = PluginProject("pbx", pages, auth).write(tmp_path)
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert [file for file in folder.rglob("*.*") if file.is_file() and "#:" in file.read_text("utf-8")] == []


@pytest.mark.slow
@pytest.mark.parametrize("pages", PageStyleName)
def test_the_types_of_each_page_style_are_strict(pages: str, tmp_path: Path) -> None:
    own = Workshop.of(tmp_path, ["pbx"], "--pages", pages, "--auth", "oauth2")
    said = own.run(own.made["pbx"], "-m", "mypy", "--strict", "--cache-dir", tmp_path / "mypy")
    assert said == "Success: no issues found in 7 source files\n"


@pytest.mark.parametrize("name", NAMES)
def test_linters_find_nothing(workshop: Workshop, name: str) -> None:
    workshop.run(workshop.made[name], "-m", "ruff", "check", "--no-cache")
    workshop.run(workshop.made[name], "-m", "ruff", "format", "--check", "--no-cache")


@pytest.mark.slow
def test_its_types_are_strict(workshop: Workshop) -> None:
    folder = workshop.made["my-pbx"]
    said = workshop.run(folder, "-m", "mypy", "--strict", "--cache-dir", folder.parent / "mypy")
    assert said == "Success: no issues found in 7 source files\n"


async def test_it_is_served_beside_others(engine: Runtime) -> None:
    assert sorted(engine.providers) == ["acme", "acme2", "my-pbx", "old-exchange-of-the-company"]
    found = await data(
        list(engine.providers.values()),
        """{ calls(first: 500) {
            nodes { nativeId startedAt status hangupCause provider { name } recordings { nativeId call { nativeId } media { mimeType } } }
            problems { provider { name } code }
        } }""",
    )
    nodes = found["calls"]["nodes"]
    mine = [node for node in nodes if node["provider"]["name"] == "my-pbx"]
    # One row of each new sandbox cannot be read.
    new = ["acme2", "my-pbx", "old-exchange-of-the-company"]
    assert sorted((each["provider"]["name"], each["code"]) for each in found["calls"]["problems"]) == [
        (name, "MALFORMED_RECORD") for name in new
    ]
    assert len(mine) == RECORDS - 1
    assert [node["startedAt"] for node in nodes] == sorted((node["startedAt"] for node in nodes), reverse=True)
    assert [node["hangupCause"] for node in mine if node["status"] == "UNKNOWN"] == ["DEFLECTED"] * _deflected(mine)
    recorded = [node for node in mine if node["recordings"]]
    assert recorded
    for node in recorded:
        native = node["nativeId"]
        assert node["recordings"] == [{"nativeId": f"r-{native}", "call": {"nativeId": native}, "media": {"mimeType": "audio/wav"}}]


def _deflected(nodes: list[Any]) -> int:
    return sum(node["hangupCause"] == "DEFLECTED" for node in nodes)


def test_nothing_is_left_to_fill_in(workshop: Workshop) -> None:
    files = [file for file in workshop.made["Acme2"].rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert sorted(str(file.relative_to(workshop.made["Acme2"])) for file in files if not _is_made_by_pip(file)) == [
        ".github/workflows/ci.yml",
        "README.md",
        "pyproject.toml",
        "telegraphql_acme2/__init__.py",
        "telegraphql_acme2/mapping.py",
        "telegraphql_acme2/provider.py",
        "telegraphql_acme2/py.typed",
        "telegraphql_acme2/sandbox.py",
        "telegraphql_acme2/wire.py",
        "tests/test_contract.py",
        "tests/test_mapping.py",
    ]
    assert [file.name for file in files if "$" in file.read_text("utf-8")] == []


def _is_made_by_pip(file: Path) -> bool:
    return file.parts[-2] in ("build", "dist")
