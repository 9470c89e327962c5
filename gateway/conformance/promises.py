"""Promises: one thing every plugin keeps, and on what of a plugin it is checked."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.simulation import Simulation
from telegraphql.gateway.errors import Refusal
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.declarations import Keyset, Listing, Whole, Windows
from telegraphql.gateway.plugin.provider import Provider, Settings
from telegraphql.schema.kinds import KINDS

Check = Callable[[Harness, Any], Awaitable[None]]
Over = Callable[[type[Provider]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Promise:
    """A check, and over which subjects of a plugin it runs, by name. No subjects: the plugin does not declare what it is about."""

    check: Check
    over: Over

    @property
    def name(self) -> str:
        """What is promised, as one word."""
        return self.check.__name__

    @property
    def sentence(self) -> str:
        """What is promised, in a sentence."""
        return (self.check.__doc__ or "").strip()

    async def keep(self, simulation: Simulation, subject: Any) -> None:
        """Check one subject; AssertionError says what to do in the plugin."""
        async with Harness(simulation) as harness, _explained():
            await self.check(harness, subject)


def promise(over: Over) -> Callable[[Check], Promise]:
    """Make a promise of a check."""
    return lambda check: Promise(check, over)


def need(holds: object, advice: str) -> None:
    """Fail with what is wrong and what to do about it."""
    if not holds:
        raise AssertionError(advice)


@asynccontextmanager
async def _explained() -> AsyncIterator[None]:
    """What a check did not foresee, in the words of the contract."""
    try:
        yield
    except AssertionError:
        raise
    except Refusal as error:
        raise AssertionError(f"the sandbox was well, but the answer was {error.extensions['code']}: {error}") from error
    except Exception as error:
        name = type(error).__name__
        raise AssertionError(
            f"{name} came out of the plugin ({error}): let out nothing but the errors of telegraphql.gateway.errors"
        ) from error


def whole_plugin(plugin: type[Provider]) -> dict[str, type[Provider]]:
    """The plugin class itself."""
    return {plugin.__name__: plugin}


def is_local(plugin: type[Provider]) -> bool:
    """Whether its upstream is on this machine, and not asked over HTTP."""
    return not issubclass(plugin.settings_type, Settings)


def asked_over_http(over: Over) -> Over:
    """The same subjects, none where nothing is asked over HTTP."""
    return lambda plugin: {} if is_local(plugin) else over(plugin)


def listings(*styles: type[Keyset | Windows | Whole]) -> Over:
    """The listings, of these page styles only where some are given."""

    def over(plugin: type[Provider]) -> dict[str, Listing]:
        found = declared(plugin).listings
        return {kind.__name__: listing for kind, listing in found.items() if not styles or isinstance(listing.pages, styles)}

    return over


def listed_kinds(plugin: type[Provider]) -> dict[str, Any]:
    """The kinds that can be listed, grouped ones included."""
    return {name: kind for name, kind in KINDS.items() if declared(plugin).lists(kind)}
