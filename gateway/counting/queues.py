"""Queues: the ones that the calls of a count know by their keys, each provider's asked for together."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from gateway.counting.groups import Reference
from gateway.errors import Unsupported, UpstreamError
from gateway.reading.loaders import Key, Loaders
from gateway.reading.serving import Serving
from gateway.selection import Selection
from schema.paging import Problem
from schema.queue import Queue

# Queues have no time, but loaders look a key up in a list only where they are told one.
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


async def queues_of(
    references: Iterable[Reference], serving: Mapping[str, Serving], asked: tuple[Selection, Loaders]
) -> tuple[dict[Reference, Queue | None], list[Problem]]:
    """The queue of each reference, None where it leads to none; and a problem for each provider that did not tell."""
    own: defaultdict[str, list[str]] = defaultdict(list)
    for provider, key in sorted(set(references)):
        own[provider].append(key)
    select, loaders = asked
    keyed = {name: [Key(key, ANY_TIME, ANY_TIME) for key in keys] for name, keys in own.items()}
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
