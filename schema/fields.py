"""Fields: short ways to declare what a client sees of a type."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

import strawberry
from strawberry.types import Info

R = TypeVar("R", bound=Callable[..., Any])


class ResolverPromise(Enum):
    """What a resolver promises to those who complete whole lists. It changes nothing, and of its info the path means nothing to it."""

    AT_ONCE = "it never waits"
    TOGETHER = "context.related_all answers for many parents as it does for each"


def promising(promise: ResolverPromise) -> Callable[[R], R]:
    """Mark a resolver with its promise; what wraps it promises nothing."""

    def mark(resolver: R) -> R:
        resolver.__dict__["promise"] = promise
        return resolver

    return mark


def promise_of(resolver: Any) -> ResolverPromise | None:
    """What a resolver promises, if anything."""
    return None if hasattr(resolver, "__wrapped__") else getattr(resolver, "promise", None)


def _marked(description: str, options: dict[str, Any]) -> str:
    """The description of a field; `personal=True` marks it as kept from callers who may not see what is personal."""
    if not options.pop("personal", False):
        return description
    options["metadata"] = {"personal": True}
    return f"{description} Personal."


def shown(description: str, **options: Any) -> Any:
    """A plain field, null unless given."""
    return strawberry.field(default=options.pop("default", None), description=_marked(description, options), **options)


def needed(description: str, **options: Any) -> Any:
    """A plain field that must be given."""
    return strawberry.field(description=description, **options)


def filtering(description: str, **options: Any) -> Any:
    """A field of a filter: null, like leaving it out, means any."""
    return strawberry.field(default=strawberry.UNSET, description=_marked(description, options), **options)


def related(description: str, **options: Any) -> Any:
    """Records that hang on this one; asked for in batches, null when the upstream does not know or did not answer."""

    @promising(ResolverPromise.TOGETHER)
    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.related(self, info)

    return strawberry.field(resolver=resolve, description=description, **options)


def downloadable(description: str, **options: Any) -> Any:
    """A file of this record, as a link to the gateway; null where there is none."""

    @promising(ResolverPromise.AT_ONCE)
    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.media(self, info)

    return strawberry.field(resolver=resolve, description=_marked(description, options), **options)


def readable(description: str, **options: Any) -> Any:
    """A text that costs a request of its own."""

    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.text(self, info)

    told = _marked(description, options)
    return strawberry.field(resolver=resolve, description=told, metadata={"asks": True, **options.pop("metadata", {})}, **options)
