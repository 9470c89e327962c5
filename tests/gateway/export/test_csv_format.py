"""CSV: cells that every reader of RFC 4180 reads back, and no spreadsheet executes."""

import csv
import io

import pytest
from graphql import GraphQLString

from telegraphql.gateway.export.csv_format import CsvFormat
from telegraphql.gateway.export.fields import ExportColumn
from telegraphql.gateway.plugin.selection import NOTHING

FORMAT = CsvFormat([ExportColumn(("id",), GraphQLString, NOTHING), ExportColumn(("from", "name"), GraphQLString, NOTHING)])


def cell(name: object) -> str:
    (found,) = csv.reader(io.StringIO(FORMAT.encode([{"id": "1", "from": {"name": name}}]).decode(), newline=""))
    assert found[0] == "1"
    return found[1]


def test_the_head_names_fields_by_their_paths() -> None:
    assert FORMAT.header == b"id,from.name\r\n"


@pytest.mark.parametrize(
    "text", ["plain", 'a "quoted", part', "two\r\nlines", "ümlaut", "", "+41449379015", "+41 (44) 937-90-15", "-0.0125", "1=1", "a@b"]
)
def test_texts_come_back_as_they_are(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+", "-", "-1*1"])
def test_formulas_are_texts(text: str) -> None:
    assert cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (True, "true"), (False, "false"), (7, "7"), ([{"a": 1}], '[{"a":1}]'), ([], "[]")]
)
def test_what_is_no_text_has_one_spelling(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_null_on_the_way_is_an_empty_cell() -> None:
    assert FORMAT.encode([{"id": "1", "from": None}]) == b"1,\r\n"
