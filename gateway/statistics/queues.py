"""Queues: the ones that the calls of a count know by their keys, each provider's asked for together."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from telegraphql.gateway.errors import Unsupported, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.groups import Reference
from telegraphql.schema.paging import Problem
from telegraphql.schema.queue import Queue

# Queues have no time, but loaders look a key up in a list only where they are told one.
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


async def queues_of(
    references: Iterable[Reference], serving: Mapping[str, BoundProvider], asked: tuple[Selection, DataLoaders]
) -> tuple[dict[Reference, Queue | None], list[Problem]]:
    """The queue of each reference, None where it leads to none; and a problem for each provider that did not tell."""
    own: defaultdict[str, list[str]] = defaultdict(list)
    for provider, key in sorted(set(references)):
        own[provider].append(key)
    select, loaders = asked
    keyed = {name: [LoaderKey(key, ANY_TIME, ANY_TIME) for key in keys] for name, keys in own.items()}
    loading = (loaders.load_each(serving[name], Queue, "id", keys, select) for name, keys in keyed.items())
    found: dict[Reference, Queue | None] = {}
    failed: dict[str, UpstreamError] = {}
    for (name, keys), group in zip(own.items(), await asyncio.gather(*loading), strict=True):
        for key, each in zip(keys, group, strict=True):
            if isinstance(each, UpstreamError) and not isinstance(each, Unsupported):
                failed[name] = each
            elif isinstance(each, Exception) and not isinstance(each, Unsupported):
                raise each
            found[name, key] = each[0] if isinstance(each, list) and each else None
    return found, [error.as_problem() for error in failed.values()]
