"""Promises about the ends of lists: a short page is not the last one."""

from telegraphql.gateway.conformance.getting import GetCase, by_parent_key, getters, sample_keys, supports, without_gets, without_joins
from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listed_kinds, over_http, promise, require
from telegraphql.gateway.conformance.walks import all_records, read_pages
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import MOST_FIRST
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.selection import NOTHING
from telegraphql.schema.context import PageArguments
from telegraphql.schema.record import Record

CLAMP, CLAMP_OF_GETS, KEYS = 7, 2, 6
ADVICE = "a short page is not the last one: go on until a page is empty, or until the total agrees with the rows"


@promise(over_http(listed_kinds))
async def follows_every_page(harness: Harness, kind: type[Record]) -> None:
    """Deliver every record of a list if the upstream's pages are shorter than requested and name no total."""
    expected = {record.native_id for record in await all_records(harness, kind)}
    harness.reconnect()
    harness.fault({"mode": "clamped_page", "rows": CLAMP})
    delivered = {record.native_id for record in await read_pages(harness.serving, kind, PageArguments(first=MOST_FIRST))}
    missing = sorted(expected - delivered)
    require(not missing, f"with at most {CLAMP} rows a page, {len(missing)} of {len(expected)} {kind.__name__} are missing: {ADVICE}")


def by_several_keys(plugin: type[Provider]) -> dict[str, GetCase]:
    """Return the gets and joins that may deliver several records."""
    return by_parent_key(plugin) | {key: case for key, case in getters(plugin).items() if case.at_most > 1}


@promise(over_http(by_several_keys))
async def follows_every_page_of_gets(harness: Harness, case: GetCase) -> None:
    """Deliver every record of several keys if the upstream's pages are shorter than requested and name no total."""
    keys = await sample_keys(harness, case, KEYS)
    for verb in ("get",) if case.by == "id" else ("get", "join"):
        serving = without_joins if verb == "get" else without_gets
        if supports(serving(harness), case):
            expected = await _ids(serving(harness), case, keys)
            harness.fault({"mode": "clamped_page", "rows": CLAMP_OF_GETS})
            missing = sorted(expected - await _ids(serving(harness), case, keys))
            harness.clear_fault()
            text = f"with {CLAMP_OF_GETS} rows a page, the {verb} of {case.kind.__name__} by {case.by} lacks {missing[:1]}"
            require(not missing, f"{text}: {ADVICE}")


async def _ids(serving: BoundProvider, case: GetCase, keys: list[LoaderKey]) -> set[str]:
    results = await DataLoaders().load(serving, case.kind, case.by, keys, NOTHING)
    return {record.native_id for result in results for record in result}
