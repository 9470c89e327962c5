"""Documents by their ids: from manifests of every make, registered by clients, or nothing but those of the manifest."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import RequestError, SettingsError
from telegraphql.gateway.graphql.validation.persisted import (
    PersistedQueries,
    PersistedQuerySettings,
    RegisteredQueries,
    UnregisteredQuery,
    is_introspection_only,
    sha256_hex,
)
from telegraphql.gateway.graphql.validation.request import GraphQLRequest
from telegraphql.gateway.http.reload import reload_config
from tests.clients.gateway_servers import engine

ONE, TWO = "query One { providers { name } }", "query Two { calls { nodes { id } } }"
READER = Caller("reader", frozenset({Scope.READ}))
MANIFESTS: dict[str, Any] = {
    "GraphQL Code Generator": {sha256_hex(ONE): ONE},
    "GraphQL over HTTP": {f"sha256:{sha256_hex(ONE)}": ONE},
    "Relay": {"0123456789abcdef0123456789abcdef": ONE},
    "Apollo": {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{"id": sha256_hex(ONE), "name": "One", "type": "query", "body": ONE}],
    },
}


def ids_of(manifest: Any) -> list[str]:
    return [each["id"] for each in manifest["operations"]] if "operations" in manifest else list(manifest)


def persisted(folder: Path, manifest: Any = None, **settings: Any) -> PersistedQueries:
    """The documents of a gateway with a manifest."""
    if manifest is None:
        return PersistedQueries(PersistedQuerySettings(**settings))
    file = folder / "manifest.json"
    file.write_bytes(manifest if isinstance(manifest, bytes) else orjson.dumps(manifest))
    return PersistedQueries(PersistedQuerySettings(manifest_file=str(file), **settings))


def by_digest(text: str, query: str | None = None) -> GraphQLRequest:
    return GraphQLRequest(query, digest=sha256_hex(text))


def code(documents: PersistedQueries, asked: GraphQLRequest, caller: Caller = LOCAL) -> str:
    with pytest.raises(RequestError) as caught:
        documents.document(asked, caller)
    return str(caught.value.extensions["code"])


@pytest.mark.parametrize("maker", MANIFESTS)
def test_the_documents_of_a_manifest_are_known_by_its_ids_and_by_their_digests(tmp_path: Path, maker: str) -> None:
    documents = persisted(tmp_path, MANIFESTS[maker])
    for id in (*ids_of(MANIFESTS[maker]), sha256_hex(ONE), f"sha256:{sha256_hex(ONE)}"):
        assert documents.document(GraphQLRequest(None, document_id=id), LOCAL) == ONE
    assert documents.document(by_digest(ONE), LOCAL) == ONE


BROKEN = [
    (b"{", "persisted_queries.manifest_file: manifest.json is not JSON"),
    ([ONE], "persisted_queries.manifest_file: manifest.json must be"),
    ({"1": 5}, "persisted_queries.manifest_file: manifest.json must be"),
    ({"1": "{"}, "persisted_queries.manifest_file: the document '1' is not GraphQL (Syntax Error: Expected Name, found <EOF>.)"),
    (
        {"format": "apollo-persisted-query-manifest", "version": 2, "operations": []},
        "persisted_queries.manifest_file: manifest.json must be",
    ),
    (
        {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "1"}]},
        "persisted_queries.manifest_file: manifest.json",
    ),
    (
        {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"body": ONE}]},
        "persisted_queries.manifest_file: manifest.json",
    ),
]


@pytest.mark.parametrize(("manifest", "words"), BROKEN, ids=str)
def test_a_broken_manifest_is_a_wrong_setting(tmp_path: Path, manifest: Any, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        persisted(tmp_path, manifest)
    assert str(caught.value).startswith(words)


def test_a_manifest_that_is_not_there_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"persisted_queries\.manifest_file: cannot read none\.json \(No such file or directory\)"):
        PersistedQueries(PersistedQuerySettings(manifest_file=str(tmp_path / "none.json")))


async def test_a_reload_reads_the_manifest_again_and_a_broken_one_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, table = tmp_path / "manifest.json", {"persisted_queries": {"manifest_file": "manifest.json"}}
    file.write_bytes(orjson.dumps({"1": ONE}))
    made = engine()
    old = reload_config(made, lambda: build_config(table, tmp_path))
    assert made.context().persisted_queries.document(GraphQLRequest(None, document_id="1"), LOCAL) == ONE
    file.write_bytes(b"{")
    assert reload_config(made, lambda: build_config(table, tmp_path)) is None
    assert "persisted_queries.manifest_file: manifest.json is not JSON" in caplog.text
    assert made.context().persisted_queries.document(GraphQLRequest(None, document_id="1"), LOCAL) == ONE
    assert old is not None
    await old.aclose()
    await made.aclose()


def test_only_without_a_manifest_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match=r"persisted_queries\.manifest_only needs persisted_queries\.manifest_file"):
        PersistedQueries(PersistedQuerySettings(manifest_only=True))


def test_a_document_is_registered_by_its_digest(tmp_path: Path) -> None:
    documents = persisted(tmp_path)
    assert code(documents, by_digest(ONE)) == "PERSISTED_QUERY_NOT_FOUND"
    text = documents.document(by_digest(ONE, ONE), LOCAL)
    assert (text, code(documents, by_digest(ONE))) == (ONE, "PERSISTED_QUERY_NOT_FOUND")
    assert isinstance(text, UnregisteredQuery)
    documents.register(text, LOCAL)
    assert (documents.document(by_digest(ONE), LOCAL), code(documents, by_digest(ONE), READER)) == (ONE, "PERSISTED_QUERY_NOT_FOUND")
    assert documents.document(GraphQLRequest(None, document_id=f"sha256:{sha256_hex(ONE)}"), LOCAL) == ONE


def test_a_document_is_not_registered_under_anothers_digest(tmp_path: Path) -> None:
    documents = persisted(tmp_path)
    assert code(documents, by_digest(ONE, TWO)) == "PERSISTED_QUERY_HASH_MISMATCH"
    assert code(documents, by_digest(ONE)) == "PERSISTED_QUERY_NOT_FOUND"


def test_apollos_clients_are_told_in_the_words_they_know(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"^PersistedQueryNotFound$"):
        persisted(tmp_path).document(by_digest(ONE), LOCAL)
    with pytest.raises(RequestError, match=r"^PersistedQueryNotSupported$"):
        persisted(tmp_path, automatic=False).document(by_digest(ONE), LOCAL)


def test_nothing_is_registered_where_that_is_off(tmp_path: Path) -> None:
    documents = persisted(tmp_path, MANIFESTS["Relay"], automatic=False)
    text = documents.document(by_digest(TWO, TWO), LOCAL)
    assert (text, type(text)) == (TWO, str)
    assert code(documents, by_digest(TWO)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("bound", [{"max_documents": 2}, {"max_bytes": 2 * len(ONE)}], ids=str)
def test_what_was_not_used_for_longest_is_forgotten_at_the_bound(bound: dict[str, int]) -> None:
    registered = RegisteredQueries(**{"max_documents": 100, "max_bytes": 100_000, **bound})
    texts = [ONE.replace("One", name) for name in ("One", "Two", "Ten")]
    for text in texts[:2]:
        registered.add("desk", sha256_hex(text), text)
    assert registered.get("desk", sha256_hex(texts[0])) == texts[0]
    registered.add("desk", sha256_hex(texts[2]), texts[2])
    assert [registered.get("desk", sha256_hex(text)) for text in texts] == [texts[0], None, texts[2]]


def test_what_is_larger_than_all_memory_is_not_kept() -> None:
    registered = RegisteredQueries(max_documents=5, max_bytes=10)
    registered.add("desk", sha256_hex(ONE), ONE)
    assert (registered.get("desk", sha256_hex(ONE)), registered._by_caller, registered._size) == (None, {}, 0)


@pytest.mark.parametrize("bound", [{"max_documents": 10}, {"max_bytes": 10 * len(ONE)}], ids=str)
def test_a_caller_who_registers_many_pushes_out_only_its_own(bound: dict[str, int]) -> None:
    registered = RegisteredQueries(**{"max_documents": 100, "max_bytes": 100_000, **bound})
    long = ONE + "#" * len(ONE)
    registered.add("desk", sha256_hex(long), long)
    for number in range(1000):
        text = ONE.replace("One", f"{number:03}")
        registered.add("flood", sha256_hex(text), text)
    assert registered.get("desk", sha256_hex(long)) == long
    assert registered.get("flood", sha256_hex(ONE.replace("One", "999"))) is not None
    assert registered._count == len(registered._by_caller["flood"].texts) + 1 <= 10
    assert registered._size == sum(each.size for each in registered._by_caller.values())


def test_only_the_documents_of_the_manifest_are_executed_where_that_is_asked(tmp_path: Path) -> None:
    documents = persisted(tmp_path, MANIFESTS["Relay"], manifest_only=True)
    assert documents.document(GraphQLRequest(None, document_id=ids_of(MANIFESTS["Relay"])[0]), READER) == ONE
    assert documents.document(GraphQLRequest(ONE), READER) == ONE
    assert code(documents, GraphQLRequest(TWO)) == "PERSISTED_QUERY_ONLY"
    assert code(documents, by_digest(TWO, TWO)) == "PERSISTED_QUERY_ONLY"
    assert code(documents, by_digest(TWO)) == "PERSISTED_QUERY_NOT_FOUND"


def test_introspection_then_needs_an_administrator(tmp_path: Path) -> None:
    documents = persisted(tmp_path, MANIFESTS["Relay"], manifest_only=True)
    query = "query IntrospectionQuery { __schema { ...Types } } fragment Types on __Schema { types { name } }"
    assert documents.document(GraphQLRequest(query), LOCAL) == query
    assert code(documents, GraphQLRequest(query), READER) == "PERSISTED_QUERY_ONLY"


@pytest.mark.parametrize(
    "text", ["{", "fragment F on Query { __typename }", "{ __schema { types { name } } calls { nodes { id } } }", "{ ... { __typename } }"]
)
def test_what_asks_for_more_than_the_schema_is_no_introspection(text: str) -> None:
    assert not is_introspection_only(text)
