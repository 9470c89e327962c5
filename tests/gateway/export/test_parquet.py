"""Parquet: typed columns that say the same as the rows they were made of."""

import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow
import pytest
from pyarrow import parquet

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export import arrow
from telegraphql.gateway.export.fields import columns, default_selection, parse_fields
from telegraphql.gateway.export.parquet import ParquetSink
from telegraphql.gateway.export.root_fields import root_field
from tests.gateway.export.conftest import House
from tests.support.graphql_client import served_schema

SCHEMA = served_schema()._schema
Rows = Any


def test_columns_have_types(house: House, tmp_path: Path, rows: Rows) -> None:
    wanted = rows("--kind", "transactions")
    out = tmp_path / "transactions.parquet"
    house.good("--kind", "transactions", "--format", "parquet", "--out", out)
    found = parquet.read_table(out)
    types = {field.name: str(field.type) for field in found.schema}
    assert types["performedAt"] == "timestamp[us, tz=UTC]"
    assert types["amount.amount"] == "decimal128(38, 12)"
    assert types["isPending"] == "bool"
    assert types["provider.name"] == types["kind"] == "string"
    cells = found.to_pydict()
    assert cells["id"] == [row["id"] for row in wanted]
    assert cells["performedAt"] == [datetime.fromisoformat(row["performedAt"]) for row in wanted]
    assert cells["amount.amount"] == [Decimal(row["amount"]["amount"]) for row in wanted]
    assert parquet.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"


def test_lists_of_objects_stay_lists_of_objects(house: House, tmp_path: Path, rows: Rows) -> None:
    wanted = rows("--kind", "queueVisits")
    out = tmp_path / "visits.parquet"
    house.good("--kind", "queueVisits", "--format", "parquet", "--out", out)
    events = parquet.read_table(out).column("events").to_pylist()
    assert any(events)
    assert [None if each is None else [event["type"] for event in each] for each in events] == [
        None if row["events"] is None else [event["type"] for event in row["events"]] for row in wanted
    ]
    moments = [event["at"] for each in events for event in each or ()]
    assert moments == [datetime.fromisoformat(event["at"]) for row in wanted for event in row["events"] or ()]


@pytest.mark.parametrize("name", ["calls", "sessions", "queues", "recordings", "voicemessages", "chats", "reports", "reportSchedules"])
def test_no_rows_make_a_file_with_all_columns(tmp_path: Path, name: str) -> None:
    chosen = root_field(SCHEMA, name)
    made = list(columns(chosen.object_type, default_selection(chosen.object_type)))
    sink = ParquetSink(tmp_path / "none.parquet", made)
    sink.open({})
    assert sink.save() == {"parts": 0}
    sink.finish()
    sink.close()
    sink.clear()
    assert parquet.read_schema(tmp_path / "none.parquet").names == [column.name for column in made]
    assert [each.name for each in tmp_path.iterdir()] == ["none.parquet"]


@pytest.mark.parametrize(
    ("text", "held", "lost"),
    [
        ("-0.0125", Decimal("-0.0125"), 0),
        ("1" * 26 + ".000000000001", Decimal("1" * 26 + ".000000000001"), 0),
        ("2.5000000000000000", Decimal("2.5"), 0),
        ("0.0000000000001", None, 1),
        ("1" + "0" * 26, None, 1),
        (None, None, 0),
    ],
)
def test_amounts_are_exact_or_null_and_counted(text: str | None, held: Decimal | None, lost: int) -> None:
    chosen = root_field(SCHEMA, "calls")
    made = list(columns(chosen.object_type, parse_fields(chosen, "ratePerMinute.amount")))
    rows = [{"ratePerMinute": None if text is None else {"amount": text}}]
    table = arrow.table(rows, made)
    assert table.column(0).to_pylist() == [held]
    assert arrow.count_lost_decimals(table, rows, made) == lost


def test_without_pyarrow_it_says_what_to_install() -> None:
    arrow.arrow.cache_clear()
    with patch.dict(sys.modules, {"pyarrow": None}), pytest.raises(SettingsError, match=r"pip install 'telegraphql\[parquet\]'"):
        arrow.arrow()
    assert arrow.arrow()[0] is pyarrow
