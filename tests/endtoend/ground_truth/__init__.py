"""Truth: what clients must see of every record of every upstream, kind by kind, in the order of the list."""

from collections.abc import Callable, Iterable
from importlib import import_module

from tests.endtoend.ground_truth.values import Truth
from tests.endtoend.kinds import KINDS
from tests.endtoend.world import Upstream, World

__all__ = ["Truth", "expected", "expected_on_hold", "order", "truths"]


def truths(upstream: Upstream, kind: str) -> list[Truth]:
    """What clients must see of one upstream's records of a kind, in no order; nothing where it has no such kind."""
    if not upstream.unchanging:
        return _read(upstream, kind)
    if (upstream.origin, kind) not in READ:
        READ[upstream.origin, kind] = _read(upstream, kind)
    return READ[upstream.origin, kind]


READ: dict[tuple[str, str], list[Truth]] = {}


def _read(upstream: Upstream, kind: str) -> list[Truth]:
    kinds: dict[str, Callable[[Upstream], list[Truth]]] = import_module(f"tests.endtoend.ground_truth.{upstream.plugin}").KINDS
    return kinds[kind](upstream) if kind in kinds else []


def order(found: Iterable[Truth], newest: bool = True) -> list[Truth]:
    """The total order: place, provider, id; the newest first is the exact reverse."""
    return sorted(found, key=lambda each: each.place, reverse=newest)


def expected(world: World, kind: str, newest: bool = True, providers: Iterable[str] | None = None) -> list[Truth]:
    """A whole list as clients must see it; what has no time stands in the order of names."""
    names = list(world.upstreams if providers is None else providers)
    return order((each for name in names for each in truths(world.upstreams[name], kind)), newest and KINDS[kind].time is not None)


def expected_on_hold(world: World, providers: Iterable[str]) -> list[Truth]:
    """The transactions on hold, which an upstream lists only when it is asked for them."""
    return order(each for name in providers for each in truths(world.upstreams[name], "HeldTransaction"))
