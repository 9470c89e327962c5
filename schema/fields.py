"""Fields: short ways to declare what a client sees of a type."""

from typing import Any

import strawberry
from strawberry.types import Info


def shown(description: str, **options: Any) -> Any:
    """A plain field, null unless given."""
    return strawberry.field(default=options.pop("default", None), description=description, **options)


def needed(description: str, **options: Any) -> Any:
    """A plain field that must be given."""
    return strawberry.field(description=description, **options)


def filtering(description: str, **options: Any) -> Any:
    """A field of a filter: null, like leaving it out, means any."""
    return strawberry.field(default=strawberry.UNSET, description=description, **options)


def related(description: str, **options: Any) -> Any:
    """Records that hang on this one; asked for in batches, null when the upstream does not know or did not answer."""

    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.related(self, info)

    return strawberry.field(resolver=resolve, description=description, **options)


def downloadable(description: str, **options: Any) -> Any:
    """A file of this record, as a link to the gateway; null where there is none."""

    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.media(self, info)

    return strawberry.field(resolver=resolve, description=description, **options)


def readable(description: str, **options: Any) -> Any:
    """A text that costs a request of its own."""

    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.text(self, info)

    return strawberry.field(resolver=resolve, description=description, **options)
