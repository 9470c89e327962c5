"""The site: it is built without a warning, asks nothing of other servers, and what is made from the code is up to date."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from graphql import build_schema

from docs.generate import error_codes
from docs.generate.markers import GENERATED, replaced
from docs.generate.sections import BUNDLED, DOCS, pages, sections
from telegraphql.gateway.config.settings import GatewaySettings
from tests.support.clock import FIXED_NOW
from tests.support.programs import require_program
from tests.support.repository import ROOT

LOADED = re.compile(r"""<(?:script|img|iframe|source|link rel="(?:stylesheet|preconnect|icon)")[^>]+(?:src|href)="?(?:https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    program = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(program, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


def test_every_page_is_built(site: Path) -> None:
    wanted = {page.relative_to(DOCS).with_suffix(".html").as_posix() for page in pages() if page.is_relative_to(DOCS)}
    assert wanted | {"plugins.html", "changelog.html", "glossary.html", "reference/index.html", "reference/call.html"} <= {
        page.relative_to(site).as_posix() for page in site.rglob("*.html")
    }


def test_the_reference_has_every_type_of_the_schema(site: Path) -> None:
    headings = [
        heading
        for page in (site / "reference").glob("*.html")
        if page.name != "index.html"
        for heading in re.findall(r'<h[12] id="(\w+)"', page.read_text("utf-8"))
    ]
    schema = build_schema((ROOT / "schema/schema.graphql").read_text("utf-8"))
    own = {name.lower() for name in schema.type_map if not name.startswith("__")} - {"string", "int", "float", "boolean", "id"}
    assert (set(headings), len(headings)) == (own, len(own))


def test_the_reference_says_what_plugins_fill_and_apply(site: Path) -> None:
    call = re.sub(r"<[^>]+>", " ", (site / "reference/call.html").read_text("utf-8"))
    assert re.search(r"rerouteReason\s+String\s+The reason[^.]+\. Null if it was not\.\s+Asterisk, PortSIP\s", call)
    assert re.search(r"isTracked\s+Boolean\s+True for calls[^.]+\.[^.]+\.\s+VoIPstudio\s", call)
    assert re.search(r"dialedNumber\s+String\s+The number[^.]+\. Null if not reported\.\s+Personal\.\s+Asterisk, Boxis, PortSIP\s", call)


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    assert [page.name for page in site.rglob("*.html") if LOADED.search(page.read_text("utf-8"))] == []
    assert [sheet.name for sheet in site.rglob("*.css") if re.search(r"url\(['\"]?(?:https?:)?//", sheet.read_text("utf-8"))] == []


def test_diagrams_are_drawn_by_the_site_and_not_by_the_theme_which_loads_mermaid_from_elsewhere(site: Path) -> None:
    page = (site / "architecture.html").read_text("utf-8")
    assert page.count('<pre class="diagram">') == 2
    assert 'class="mermaid"' not in page
    assert page.index("diagrams/mermaid.js") < page.index("diagrams/render.js")


def test_how_the_site_is_made_is_not_on_it(site: Path) -> None:
    assert not (site / "generate").exists()
    assert not (site / "diagrams/package.json").exists()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_what_is_made_from_the_code_is_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == replaced(text, sections()), "run `make docs`"


def test_everything_that_can_be_made_stands_on_a_page() -> None:
    assert {found["name"] for page in pages() for found in GENERATED.finditer(page.read_text("utf-8"))} == sections().keys()


def test_every_code_is_told_and_no_other() -> None:
    assert set(error_codes.ADVICE) == error_codes.found()


def test_troubleshooting_names_only_codes_that_there_are() -> None:
    named = re.findall(r"`([A-Z]+_[A-Z_]*[A-Z]|[A-Z]{5,})`", (DOCS / "troubleshooting.md").read_text("utf-8"))
    assert len(named) > 8
    assert set(named) <= error_codes.found()


def test_every_table_of_the_settings_is_told() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    assert [
        name for name in GatewaySettings.model_fields if name != "providers" and not re.search(rf"### `\[{name}\]`|`{name} = ", page)
    ] == []


@pytest.mark.parametrize("plugin", BUNDLED)
def test_every_provider_has_a_page_and_a_configuration_to_begin_with(plugin: str) -> None:
    assert f'plugin = "{plugin}"' in (DOCS / "providers" / f"{plugin}.md").read_text("utf-8")


def test_the_dates_of_the_examples_move_with_the_readers_day(site: Path) -> None:
    page = (site / "query-examples.html").read_text("utf-8")
    assert 'src="dates.js"' in page
    text = 'since: "2026-11-13T00:00:00+01:00", until: "2026-12-13", around 2026-11-20; 12026-11-13'
    now = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
    assert (now.date() - FIXED_NOW.date()).days == 101
    script, told = json.dumps((site / "dates.js").as_uri()), f"movedDates({json.dumps(text)}, {now.timestamp() * 1000})"
    program = f"import({script}).then(() => console.log({told}))"
    ran = subprocess.run([require_program("node"), "-e", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == 'since: "2027-02-22T00:00:00+01:00", until: "2026-12-13", around 2027-03-01; 12026-11-13'
