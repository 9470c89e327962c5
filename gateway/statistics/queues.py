"""Queues of counted calls and visits, fetched by their keys, one batch per provider."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from telegraphql.gateway.errors import Unsupported, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.provider_faults import problem_of
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.call_dimensions import QueueReference
from telegraphql.schema.paging import Problem
from telegraphql.schema.queue import Queue

# Queues have no time, but a loader looks a key up in a list only if the key has a time.
PLACEHOLDER_TIME = datetime(2000, 1, 1, tzinfo=UTC)


async def load_queues(
    references: Iterable[QueueReference], serving: Mapping[str, BoundProvider], query: tuple[Selection, DataLoaders]
) -> tuple[dict[QueueReference, Queue | None], list[Problem]]:
    """Return the queue of each reference, or None if there is none, and a problem for each provider that failed."""
    keys_by_provider: defaultdict[str, list[str]] = defaultdict(list)
    for provider, key in sorted(set(references)):
        keys_by_provider[provider].append(key)
    select, loaders = query
    keyed = {name: [LoaderKey(key, PLACEHOLDER_TIME, PLACEHOLDER_TIME) for key in keys] for name, keys in keys_by_provider.items()}
    loading = (loaders.load_each(serving[name], Queue, "id", keys, select) for name, keys in keyed.items())
    queues: dict[QueueReference, Queue | None] = {}
    errors: dict[str, UpstreamError] = {}
    for (name, keys), group in zip(keys_by_provider.items(), await asyncio.gather(*loading), strict=True):
        for key, each in zip(keys, group, strict=True):
            if isinstance(each, UpstreamError) and not isinstance(each, Unsupported):
                errors[name] = each
            elif isinstance(each, Exception) and not isinstance(each, Unsupported):
                raise each
            queues[name, key] = each[0] if isinstance(each, list) and each else None
    return queues, [problem_of(error) for error in errors.values()]
