"""A value of another type costs its field: the record stays in its list, with the same answer whether or not the field is selected."""

import asyncio
from base64 import b64decode
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import ListRequest, Provider
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.kinds import KINDS
from tests.gateway.graphql.compiler.malformed_upstreams import PLUGINS, Garbling, before_its_sandbox
from tests.gateway.graphql.compiler.test_row_projection_plugins import all_fields, kind_of, roots
from tests.support.graphql_client import ask

WRONG = ("x", "", 12.5, [], {}, True, "60", -1, "0,02350", None, ["x"], {"a": 1}, 10**30)
RECORDS = 25
# They hold rows of other kinds.
OTHER_ROWS = {"calls", "records", "other_resource_usage"}
# Of a leg's recording without a row of its own, the URL is all that tells.
ONLY_TRACE = {"record_url": b".call-"}


class Wrong(Garbling):
    """Puts a wrong value into one field of all rows, another one into each row."""

    name: str | None = None

    def _walked(self, found: Any, below: bool = False) -> Any:
        if self.name is None:
            return found
        values = count()
        return self._changed(found, values, below)

    def _changed(self, found: Any, values: Iterator[int], below: bool) -> Any:
        if isinstance(found, list):
            return [self._changed(each, values, True) for each in found]
        if not isinstance(found, dict):
            return found
        made = {name: self._changed(each, values, below or name.startswith("call_")) for name, each in found.items()}
        return {**made, self.name: WRONG[next(values) % len(WRONG)]} if below and self.name in found else made


def upstream(plugin: type[Provider], folder: Path) -> tuple[BoundProvider, Wrong]:
    serving, _ = before_its_sandbox(plugin, folder, records=RECORDS)
    client: Any = serving.provider.upstream._sender._client
    wrong = Wrong(client._transport.inner, rate=1.0)
    serving.provider.upstream._sender._client = httpx.AsyncClient(transport=wrong)
    return serving, wrong


def wire_names_of(loop: asyncio.Runner, serving: BoundProvider, root: str) -> list[str]:
    """The fields of a row that are worth no record: those its id, its time and its being a row at all do not depend on."""
    listing = serving.declared.listings[KINDS[kind_of(root).name]]
    page = loop.run(serving.fetch(listing)(ListRequest(size=3, select=Selection.of("id"))))
    mapping = page.records[0].reader.mapping
    vital = [mapping.leaves[path] for path in mapping.vital] + ([mapping.skip_if] if mapping.skip_if else [])
    heads = {path.names[0] for leaf in vital for path in leaf.attributes.values()}
    names = dict(zip(mapping.struct.__struct_fields__, mapping.struct.__struct_encode_fields__, strict=True))
    return [encoded for name, encoded in names.items() if name not in heads and encoded not in OTHER_ROWS]


def roots_of(serving: BoundProvider) -> dict[str, str]:
    return {kind_of(root).name: root for root in roots(serving.name, {serving.name: serving})}


def ids(answer: Any, root: str) -> list[str]:
    assert answer.errors is None
    return [node["id"] for node in answer.data[root]["nodes"]]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_all_calls_are_there_whatever_stands_in_an_optional_field(plugin: type[Provider], tmp_path: Path) -> None:
    serving, wrong = upstream(plugin, tmp_path)
    with asyncio.Runner() as loop:
        prove(loop, serving, wrong, "calls")


@pytest.mark.slow
@pytest.mark.parametrize("plugin", PLUGINS)
def test_all_records_are_there_whatever_stands_in_an_optional_field(plugin: type[Provider], tmp_path: Path) -> None:
    serving, wrong = upstream(plugin, tmp_path)
    with asyncio.Runner() as loop:
        for root in roots_of(serving).values():
            wrong.name = None
            prove(loop, serving, wrong, root)


def prove(loop: asyncio.Runner, serving: BoundProvider, wrong: Wrong, root: str) -> None:
    few, whole = (
        f"{{ {root}(first: 25) {{ nodes {{ id {fields} }} problems {{ code field }} }} }}" for fields in ("", all_fields(root, serving))
    )
    healthy = ids(loop.run(ask([serving], few)), root)
    assert healthy, root
    names = wire_names_of(loop, serving, root)
    assert len(names) > 1
    for name in names:
        wrong.name = name
        narrow, wide = loop.run(ask([serving], few)), loop.run(ask([serving], whole))
        found = ids(narrow, root)
        assert found == ids(wide, root), (root, name)
        if name in ONLY_TRACE:
            rest = [each for each in healthy if ONLY_TRACE[name] not in b64decode(f"{each}==")]
            assert [each for each in found if each in rest] == rest, (root, name)
        else:
            assert found == healthy, (root, name)
        assert {each["code"] for each in wide.data[root]["problems"]} <= {"MALFORMED_FIELD"}, (root, name)  # type: ignore[index]
