"""Arrow: rows as typed columns. pyarrow is an extra, and has no types of its own."""

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
from telegraphql.gateway.export.fields import Column, item, value
from telegraphql.gateway.export.files import private
from telegraphql.gateway.plugin.selection import Selection

Table = Any
# 26 digits before the point, 12 after it: what the readers of Parquet can hold, and more than money needs.
DIGITS, AFTER_POINT = 38, 12


@cache
def arrow() -> tuple[Any, Any]:
    """Its modules; SettingsError where it is not installed."""
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError:
        raise SettingsError("--format parquet needs pyarrow: pip install 'telegraphql[parquet]', or choose csv or jsonl") from None
    return pyarrow, parquet


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> Table:
    """Rows as columns; null where a decimal is too long to be held exactly."""
    pyarrow, _ = arrow()
    arrays = [_array([value(row, column.path) for row in rows], column) for column in columns]
    return pyarrow.Table.from_arrays(arrays, schema=schema(columns))


def lost(made: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> int:
    """How many amounts were too long."""
    amounts = [column for column in columns if get_named_type(column.type).name == "Decimal"]
    return sum(made[each.name].null_count - sum(value(row, each.path) is None for row in rows) for each in amounts)


def schema(columns: Sequence[Column]) -> Any:
    """The names and types of all columns."""
    pyarrow, _ = arrow()
    return pyarrow.schema([(column.name, _type(column.type, column.below)) for column in columns])


def _type(of: GraphQLOutputType, below: Selection) -> Any:
    pyarrow, _ = arrow()
    if is_list_type(of):
        return pyarrow.list_(_type(item(of), below))  # type: ignore[arg-type]
    if is_object_type(of):
        return pyarrow.struct([(name, _type(get_nullable_type(of.fields[name].type), below[name])) for name in below])
    known = {
        "Int": pyarrow.int64(),
        "Float": pyarrow.float64(),
        "Boolean": pyarrow.bool_(),
        "DateTime": pyarrow.timestamp("us", tz="UTC"),
        "Decimal": pyarrow.decimal128(DIGITS, AFTER_POINT),
    }
    return known.get(get_named_type(of).name, pyarrow.string())


def _array(values: list[Any], column: Column) -> Any:
    pyarrow, _ = arrow()
    of = _type(column.type, column.below)
    name = get_named_type(column.type).name
    plain = name in ("String", "ID", "Int", "Boolean") or (name == "DateTime" and not is_list_type(column.type))
    if plain or isinstance(column.type, GraphQLEnumType):
        return pyarrow.array(values, of)
    return pyarrow.array([_python(each, column.type, column.below) for each in values], of)


def _python(found: Any, of: GraphQLOutputType, below: Selection) -> Any:
    """A value as Arrow takes it."""
    if found is None:
        return None
    if is_list_type(of):
        inner = item(of)
        assert inner is not None
        return [_python(each, inner, below) for each in found]
    if is_object_type(of):
        return {name: _python(found[name], get_nullable_type(of.fields[name].type), below[name]) for name in below}
    return _LEAVES.get(get_named_type(of).name, _same)(found)


def _decimal(text: str) -> Decimal | None:
    """An amount; None where its digits are too many. Decimal's own arithmetic would round them away."""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole, _, fraction = text.lstrip("-").partition(".")
    return Decimal(text) if len(whole.lstrip("0")) <= DIGITS - AFTER_POINT and len(fraction) <= AFTER_POINT else None


def _same(found: Any) -> Any:
    return found


_LEAVES: dict[str, Callable[[Any], Any]] = {
    "Decimal": _decimal,
    "JSON": lambda found: orjson.dumps(found).decode(),
}


@contextmanager
def written(path: Path, columns: Sequence[Column]) -> Iterator[Callable[[Sequence[Table]], None]]:
    """A file that is there as a whole once the block has ended; each call writes a row group."""
    pyarrow, parquet = arrow()
    new = path.with_name(path.name + ".new")
    with open(new, "wb", opener=private) as file:
        with parquet.ParquetWriter(file, schema(columns), compression="zstd") as writer:
            yield lambda tables: writer.write_table(pyarrow.concat_tables(tables))
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
