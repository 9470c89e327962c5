"""Fixtures: one schema for all servers of these tests, since making one takes longer than asking it."""

import pytest

from tests.support.graphql_client import served_schema


@pytest.fixture(autouse=True)
def _one_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telegraphql.gateway.http.app.create_schema", lambda *_: served_schema())
