"""Fields: short ways to declare the fields of the schema's types."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import strawberry
from strawberry.schema_directive import Location
from strawberry.types import Info

R = TypeVar("R", bound=Callable[..., Any])


class ResolverPromise(Enum):
    """A promise that lets the executor complete whole lists at once. The resolver changes nothing and does not read `info.path`."""

    AT_ONCE = "it never waits"
    TOGETHER = "context.related_all answers for many parents as it does for each"


def promising(promise: ResolverPromise) -> Callable[[R], R]:
    """Mark a resolver with its promise. A function that wraps the resolver promises nothing."""

    def mark(resolver: R) -> R:
        resolver.__dict__["promise"] = promise
        return resolver

    return mark


def promise_of(resolver: Any) -> ResolverPromise | None:
    """Return the promise of a resolver, or None."""
    return None if hasattr(resolver, "__wrapped__") else getattr(resolver, "promise", None)


@strawberry.schema_directive(
    name="personal",
    locations=[Location.FIELD_DEFINITION, Location.ARGUMENT_DEFINITION, Location.INPUT_FIELD_DEFINITION],
    description="Personal data. A caller with redacted personal data gets null, and cannot filter by it.",
)
class Personal:
    """The directive of what is personal."""


def marked(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a field. `personal=True` hides its value from callers who may not see personal data."""
    if not options.pop("personal", False):
        return options
    return {**options, "metadata": {**options.get("metadata", {}), "personal": True}, "directives": [Personal()]}


def shown(description: str, **options: Any) -> Any:
    """Declare a field that is null unless given, or has another default or `default_factory`."""
    if "default_factory" not in options:
        options.setdefault("default", None)
    return strawberry.field(description=description, **marked(options))


def needed(description: str, **options: Any) -> Any:
    """Declare a field that must be given."""
    return strawberry.field(description=description, **options)


def optional(description: str, **options: Any) -> Any:
    """Declare a field of an input that may be left out."""
    return strawberry.field(default=strawberry.UNSET, description=description, **marked(options))


@dataclass(frozen=True, slots=True)
class Join:
    """The keys by which related records are found.

    Attributes:
        by: The key in the other record's `refs` that equals this record's key; "id" is the other's native id.
        through: The relation by whose records the related ones are found where this record's own key leads to none.
    """

    by: str
    through: str | None = None


def related(description: str, *, by: str, through: str | None = None) -> Any:
    """Declare a relation to records of another kind; its type says to which, and to how many.

    Related records are loaded in batches. The field is null where the upstream does not know them or did not answer.
    """

    @promising(ResolverPromise.TOGETHER)
    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.related(self, info)

    return strawberry.field(resolver=resolve, description=description, metadata={"join": Join(by, through)})


def downloadable(description: str, **options: Any) -> Any:
    """Declare a file of the record: a link to the gateway, null if there is no file. `is_sound`: it is what was spoken."""
    metadata = {"file": True, "sound": options.pop("is_sound", False)}

    @promising(ResolverPromise.AT_ONCE)
    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.media(self, info)

    return strawberry.field(resolver=resolve, description=description, **marked({**options, "metadata": metadata}))


def readable(description: str, **options: Any) -> Any:
    """Declare a text of the record that needs a request of its own."""

    async def resolve(self: Any, info: Info) -> Any:
        return await info.context.text(self, info)

    return strawberry.field(resolver=resolve, description=description, **marked({**options, "metadata": {"asks": True, "file": True}}))
