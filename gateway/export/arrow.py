"""Conversion of exported rows to Arrow tables and Parquet files. pyarrow is an optional extra without type hints."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLEnumType, GraphQLOutputType, get_named_type, get_nullable_type, is_list_type, is_object_type

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export.fields import ExportColumn, item, value
from telegraphql.gateway.export.files import open_private
from telegraphql.gateway.plugin.selection import Selection

Table = Any
# 26 digits before the point and 12 after it: the most that readers of Parquet support, and more than money needs.
DIGITS, AFTER_POINT = 38, 12


@cache
def arrow() -> tuple[Any, Any]:
    """Return the modules `pyarrow` and `pyarrow.parquet`.

    Raises:
        SettingsError: pyarrow is not installed.
    """
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError:
        raise SettingsError("--format parquet needs pyarrow: pip install 'telegraphql[parquet]', or choose csv or jsonl") from None
    return pyarrow, parquet


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[ExportColumn]) -> Table:
    """Return the rows as an Arrow table. A decimal with too many digits for Arrow becomes null."""
    pyarrow, _ = arrow()
    arrays = [_array([value(row, column.path) for row in rows], column) for column in columns]
    return pyarrow.Table.from_arrays(arrays, schema=schema(columns))


def count_lost_decimals(arrow_table: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[ExportColumn]) -> int:
    """Return the number of decimals that became null because they have too many digits."""
    decimals = [column for column in columns if get_named_type(column.type).name == "Decimal"]
    return sum(arrow_table[column.name].null_count - sum(value(row, column.path) is None for row in rows) for column in decimals)


def schema(columns: Sequence[ExportColumn]) -> Any:
    """Return the Arrow schema: the names and types of all columns."""
    pyarrow, _ = arrow()
    return pyarrow.schema([(column.name, _type(column.type, column.below)) for column in columns])


def _type(graphql_type: GraphQLOutputType, below: Selection) -> Any:
    pyarrow, _ = arrow()
    if is_list_type(graphql_type):
        return pyarrow.list_(_type(item(graphql_type), below))  # type: ignore[arg-type]
    if is_object_type(graphql_type):
        return pyarrow.struct([(name, _type(get_nullable_type(graphql_type.fields[name].type), below[name])) for name in below])
    leaf_types = {
        "Int": pyarrow.int64(),
        "Long": pyarrow.int64(),
        "Float": pyarrow.float64(),
        "Boolean": pyarrow.bool_(),
        "DateTime": pyarrow.timestamp("us", tz="UTC"),
        "Decimal": pyarrow.decimal128(DIGITS, AFTER_POINT),
    }
    return leaf_types.get(get_named_type(graphql_type).name, pyarrow.string())


def _array(values: list[Any], column: ExportColumn) -> Any:
    pyarrow, _ = arrow()
    arrow_type = _type(column.type, column.below)
    name = get_named_type(column.type).name
    needs_no_conversion = name in ("String", "ID", "Int", "Long", "Boolean") or (name == "DateTime" and not is_list_type(column.type))
    if needs_no_conversion or isinstance(column.type, GraphQLEnumType):
        return pyarrow.array(values, arrow_type)
    return pyarrow.array([_to_arrow(each, column.type, column.below) for each in values], arrow_type)


def _to_arrow(value: Any, graphql_type: GraphQLOutputType, below: Selection) -> Any:
    """Return a value in the form that Arrow accepts."""
    if value is None:
        return None
    if is_list_type(graphql_type):
        inner = item(graphql_type)
        assert inner is not None
        return [_to_arrow(each, inner, below) for each in value]
    if is_object_type(graphql_type):
        return {name: _to_arrow(value[name], get_nullable_type(graphql_type.fields[name].type), below[name]) for name in below}
    return _LEAVES.get(get_named_type(graphql_type).name, _unchanged)(value)


def _decimal(text: str) -> Decimal | None:
    """Return an exact decimal, or None if it has more digits than Arrow can hold. Rounding would change amounts silently."""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole, _, fraction = text.lstrip("-").partition(".")
    return Decimal(text) if len(whole.lstrip("0")) <= DIGITS - AFTER_POINT and len(fraction) <= AFTER_POINT else None


def _unchanged(value: Any) -> Any:
    return value


_LEAVES: dict[str, Callable[[Any], Any]] = {
    "Decimal": _decimal,
    "JSON": lambda value: orjson.dumps(value).decode(),
}


@contextmanager
def write_parquet(path: Path, columns: Sequence[ExportColumn]) -> Iterator[Callable[[Sequence[Table]], None]]:
    """Yield a function that writes its tables as one row group. The file replaces `path` only after the block has ended."""
    pyarrow, parquet = arrow()
    new = path.with_name(path.name + ".new")
    with open(new, "wb", opener=open_private) as file:
        with parquet.ParquetWriter(file, schema(columns), compression="zstd") as writer:
            yield lambda tables: writer.write_table(pyarrow.concat_tables(tables))
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
