"""The console's page: its words, its operations, and what the gateway serves with it; the page itself is driven in tests/browser."""

import json
import re
from pathlib import Path

import httpx
import orjson
import pytest
from graphql import DocumentNode, OperationDefinitionNode, concat_ast, parse, validate

from telegraphql import __version__
from telegraphql.gateway import console
from telegraphql.gateway.auth.caller import LOCAL
from telegraphql.gateway.graphql.validation.complexity import operation_costs
from telegraphql.gateway.graphql.validation.document_size import measure
from telegraphql.gateway.graphql.validation.limit_errors import size_errors
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.persisted import NotInManifest, PersistedQueries, PersistedQuerySettings, sha256_hex
from telegraphql.gateway.graphql.validation.request import GraphQLRequest
from telegraphql.gateway.http import app
from telegraphql.schema.schema import build
from tests.gateway.auth.gateways import house

SOURCES = Path(console.__file__).with_name("src")
# The largest pages that the console asks for.
VARIABLES = {"first": 500, "withRecordings": True, "withQueue": True, "withCost": True, "withMedia": True}


def operations() -> DocumentNode:
    return concat_ast([parse(file.read_text("utf-8")) for file in sorted(SOURCES.glob("operations/*.graphql"))])


def test_each_operation_fits_the_schema_and_no_fragment_is_left_over() -> None:
    assert validate(build()._schema, operations()) == []


def test_each_operation_is_within_the_limits() -> None:
    limits = Limits()
    document = operations()
    assert size_errors(measure(document), limits) == []
    costs = {name: price.cost(VARIABLES) for name, price in operation_costs(build()._schema, document).items()}
    assert len(costs) == len([each for each in document.definitions if isinstance(each, OperationDefinitionNode)])
    assert {name: cost for name, cost in costs.items() if cost > limits.cost} == {}


def test_both_languages_say_the_same() -> None:
    english, german = (json.loads((SOURCES / f"messages/{language}.json").read_text("utf-8")) for language in ("en", "de"))
    assert list(english) == list(german)
    places = [{name: set(re.findall(r"\{\w+\}", text)) for name, text in messages.items()} for messages in (english, german)]
    assert places[0] == places[1]


def test_every_message_is_said_somewhere_and_every_code_has_its_words() -> None:
    messages = json.loads((SOURCES / "messages/en.json").read_text("utf-8"))
    code = "\n".join(file.read_text("utf-8") for file in SOURCES.rglob("*.ts*") if "gql" not in file.parts)
    prefixes = set(re.findall(r"code\('(\w+)'", code)) | set(re.findall(r"t\(`([\w.]+)\.\$\{", code))
    said = set(re.findall(r"'([\w.]+)'", code)) | {name for name in messages if name.rpartition(".")[0] in prefixes}
    said |= {name for name in messages if name.endswith(("_one", "_other")) and f"'{name.partition('_')[0]}'" in code}
    assert sorted(set(messages) - said) == []
    enums = {"status": "CallStatus", "direction": "CallDirection", "problem": "ProblemCode", "health": "HealthStatus"}
    for prefix, enum in enums.items():
        names = build()._schema.get_type(enum).values  # type: ignore[union-attr]
        assert [name for name in names if f"{prefix}.{name}" not in messages] == []


def test_the_console_s_documents_are_known_by_id_but_not_allowed_as_text(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(orjson.dumps({}))
    served = {sha256_hex("{ viewer { name } }"): "{ viewer { name } }"}
    settings = PersistedQuerySettings(manifest_file=str(tmp_path / "manifest.json"), manifest_only=True)
    queries = PersistedQueries(settings, served)
    (digest,) = served
    asked = GraphQLRequest(None, document_id=f"sha256:{digest}")
    assert queries.document(asked, LOCAL) == "{ viewer { name } }"
    with pytest.raises(NotInManifest):
        queries.document(GraphQLRequest("{ viewer { name } }"), LOCAL)


@pytest.mark.parametrize(
    ("server", "status"),
    [({}, 200), ({"production": True}, 307), ({"console": False}, 307), ({"production": True, "console": True}, 200)],
)
async def test_the_root_is_the_console_unless_it_is_off(
    server: dict[str, bool], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.PAGE, "dist", tmp_path)
    (tmp_path / "index.html").write_text("<title>Console</title>")
    engine = house({"anonymous": ["read"]}, server=server)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(engine)), base_url="http://gateway") as client:
        answer = await client.get("/")
        config = await client.get("/console/config")
        nothing = await client.get("/console/sandbox")
    await engine.aclose()
    assert answer.status_code == status
    assert (answer.text == "<title>Console</title>") is (status == 200)
    assert answer.headers.get("location") == (None if status == 200 else "/graphql")
    assert config.json() == {"version": __version__, "graphiql": engine.settings.serves_graphiql, "sandbox": False, "signIn": None}
    assert config.headers["cache-control"] == "no-store"
    assert nothing.status_code == 404
