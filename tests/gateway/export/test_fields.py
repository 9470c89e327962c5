"""Fields: what is exported of each kind, and that all of it is known to the schema."""

import pytest
from graphql import parse, validate

from telegraphql.gateway.export.fields import columns, default_selection, parse_fields, query_document
from telegraphql.gateway.export.root_fields import root_field, root_fields
from telegraphql.schema.kinds import FILTERS
from tests.support.graphql_client import served_schema

SCHEMA = served_schema()._schema
ROOTS = root_fields(SCHEMA)


def test_every_kind_that_can_be_listed_can_be_exported() -> None:
    assert {each.kind for each in ROOTS.values()} == {*FILTERS}


@pytest.mark.parametrize("name", ROOTS)
def test_plain_fields_make_a_valid_document_and_hold_no_relation_link_or_native(name: str) -> None:
    chosen = ROOTS[name]
    select = default_selection(chosen.object_type)
    assert validate(SCHEMA, parse(query_document(chosen, select))) == []
    names = [column.name for column in columns(chosen.object_type, select)]
    assert names[:2] == ["id", "nativeId"]
    assert "provider.name" in names
    assert not {"native", "session.id", "media.url", "trace", "capture.url", "transcription.media.url"} & {*names}


def test_columns_stand_in_the_order_in_which_they_were_named() -> None:
    chosen = root_field(SCHEMA, "calls")
    select = parse_fields(chosen, "to.number, id,from,session.provider,recordings.media")
    found = [column.name for column in columns(chosen.object_type, select)]
    parts = ["number", "name", "extension", "uri", "country", "userAgent", "codec", "kind", "nativeId", "isWithheld", "e164"]
    assert found == ["to.number", "id", *(f"from.{part}" for part in parts), "session.provider.name", "recordings"]
    assert validate(SCHEMA, parse(query_document(chosen, select))) == []
