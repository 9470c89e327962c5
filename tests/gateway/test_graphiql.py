"""The GraphiQL page's answers, with a built page made up for the test; the real one is driven in tests/browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate
from starlette.applications import Starlette

from telegraphql.gateway import graphiql
from telegraphql.gateway.graphql.validation.complexity import operation_costs
from telegraphql.gateway.graphql.validation.document_size import measure
from telegraphql.gateway.graphql.validation.limit_errors import size_errors
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.schema.schema import build

EXAMPLES = sorted(Path(graphiql.__file__).parent.glob("src/examples/*.graphql"))


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(graphiql.PAGE, "dist", tmp_path)
    return tmp_path


@pytest.fixture
async def client(dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=graphiql.PAGE.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


def build_page(dist: Path) -> None:
    (dist / "assets").mkdir()
    (dist / "assets" / "index-a1b2.js").write_text("start()")
    (dist / "index.html").write_text("<title>TelegraphQL</title>")


async def test_the_page_is_served_under_a_policy_that_names_only_our_origin(client: httpx.AsyncClient, dist: Path) -> None:
    build_page(dist)
    answer = await client.get("/graphiql")
    assert (answer.status_code, answer.text) == (200, "<title>TelegraphQL</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
        "media-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


async def test_the_page_is_always_asked_for_anew_and_tells_nobody_where_it_was(client: httpx.AsyncClient, dist: Path) -> None:
    build_page(dist)
    headers = (await client.get("/graphiql")).headers
    names = ("cache-control", "referrer-policy", "x-content-type-options", "vary")
    assert [headers[name] for name in names] == ["no-cache", "no-referrer", "nosniff", "Accept"]


async def test_assets_may_be_kept_for_good(client: httpx.AsyncClient, dist: Path) -> None:
    build_page(dist)
    answer = await client.get("/graphiql/assets/index-a1b2.js")
    assert (answer.status_code, answer.text) == (200, "start()")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_page_that_is_not_built_says_how_to_build_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphiql")
    assert answer.status_code == 503
    assert "run <code>make assets</code>" in answer.text


async def test_an_asset_that_is_not_built_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/graphiql/assets/index-a1b2.js")).status_code == 404


async def test_files_beside_the_assets_are_not_served(client: httpx.AsyncClient, dist: Path) -> None:
    build_page(dist)
    assert (await client.get("/graphiql/assets/%2e%2e/index.html")).status_code == 404


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_says_what_it_shows_and_fits_the_schema(example: Path) -> None:
    query = example.read_text(encoding="utf-8")
    assert query.startswith("# ")
    assert validate(build()._schema, parse(query)) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_is_within_the_limits_and_its_first_lines_within_the_editor(example: Path) -> None:
    query = example.read_text(encoding="utf-8")
    document, limits = parse(query, max_tokens=Limits().tokens), Limits()
    assert size_errors(measure(document), limits) == []
    assert all(price.cost({}) <= limits.cost for price in operation_costs(build()._schema, document).values())
    assert max(map(len, query.splitlines())) <= 52
