"""A promise: one rule of the plugin contract, and the subjects of a plugin that it is checked on."""

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.simulation import Simulation
from telegraphql.gateway.errors import Refusal, Unforeseen
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.declarations import Keyset, Links, Listing, PageStyle, Windows
from telegraphql.gateway.plugin.provider import Provider, Settings
from telegraphql.schema.kinds import KINDS

# The last frame outside of it is the plugin's.
GATEWAY = Path(__file__).parents[1]
PromiseCheck = Callable[[Harness, Any], Awaitable[None]]
Subjects = Callable[[type[Provider]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Promise:
    """A check and the subjects it runs on, by name. Without subjects the plugin does not declare what the promise is about.

    A check that makes up values does not ask whether a document allows them.
    """

    check: PromiseCheck
    subjects: Subjects
    makes_up_values: bool = False

    @property
    def name(self) -> str:
        """Return the promise's name."""
        return self.check.__name__

    @property
    def sentence(self) -> str:
        """Return the promise as a sentence."""
        return (self.check.__doc__ or "").strip()

    async def keep(self, simulation: Simulation, subject: Any) -> None:
        """Check one subject. The AssertionError says what to do in the plugin."""
        async with Harness(simulation) as harness, _explain_errors():
            await self.check(harness, subject)
            if not self.makes_up_values:
                harness.require_as_documented()


def promise(subjects: Subjects, makes_up_values: bool = False) -> Callable[[PromiseCheck], Promise]:
    """Return a decorator that makes a promise of a check."""
    return lambda check: Promise(check, subjects, makes_up_values)


def require(holds: object, message: str) -> None:
    """Raise AssertionError with what is wrong and what to do, unless the condition holds."""
    if not holds:
        raise AssertionError(message)


@asynccontextmanager
async def _explain_errors() -> AsyncIterator[None]:
    """Turn an unexpected exception into an AssertionError in the contract's terms."""
    try:
        yield
    except AssertionError:
        raise
    except Unforeseen as error:
        if error.__context__ is None:
            raise AssertionError(f"the plugin raised {error.cause}: raise only the errors of telegraphql.plugin") from error
        raise AssertionError(_unexpected(error.__context__)) from error
    except Refusal as error:
        raise AssertionError(f"the sandbox had no fault, but the plugin raised {error.extensions['code']}: {error}") from error
    except Exception as error:
        raise AssertionError(_unexpected(error)) from error


def _unexpected(error: BaseException) -> str:
    """Return what a plugin raised and where, for its author."""
    frames = traceback.extract_tb(error.__traceback__)
    own_frames = [each for each in frames if GATEWAY not in Path(each.filename).parents] or frames
    place = f" at {own_frames[-1].filename}:{own_frames[-1].lineno}" if own_frames else ""
    return f"the plugin raised {type(error).__name__} ({error}){place}: raise only the errors of telegraphql.plugin"


def whole_plugin(plugin: type[Provider]) -> dict[str, type[Provider]]:
    """Return the plugin class itself as the only subject."""
    return {plugin.__name__: plugin}


def is_local(plugin: type[Provider]) -> bool:
    """Return True if the upstream is on this machine instead of HTTP."""
    return not issubclass(plugin.settings_type, Settings)


def over_http(subjects: Subjects) -> Subjects:
    """Return the same subjects, or none for a local upstream."""
    return lambda plugin: {} if is_local(plugin) else subjects(plugin)


def listings(*styles: type[PageStyle]) -> Subjects:
    """Return the listings, optionally only those of these page styles."""

    def subjects(plugin: type[Provider]) -> dict[str, Listing]:
        found = declared(plugin).listings
        return {kind.__name__: listing for kind, listing in found.items() if not styles or isinstance(listing.pages, styles)}

    return subjects


def bounded_listings(plugin: type[Provider]) -> dict[str, Listing]:
    """Return the listings whose upstream accepts time bounds."""
    found = listings(Keyset, Links, Windows)(plugin)
    return {name: listing for name, listing in found.items() if getattr(listing.pages, "granularity", True)}


def listed_kinds(plugin: type[Provider]) -> dict[str, Any]:
    """Return the kinds that can be listed, derived kinds included."""
    return {name: kind for name, kind in KINDS.items() if declared(plugin).lists(kind)}
