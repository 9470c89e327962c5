"""Parts: what is made, by the names that stand in the marks, and the pages it stands in."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from docs.making import codes, providers, settings
from docs.making.marks import Parts
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import plugins

DOCS = Path(__file__).parents[1]
# The plugins that come with the gateway: others that are installed beside it have pages of their own.
OURS = ("voximplant", "voipstudio", "portsip", "boxis")


def parts() -> Parts:
    """What can be made, by name."""
    found = {name: plugins().found[name] for name in OURS}
    common: Parts = {
        "configuration": settings.gateway,
        "providers": settings.providers,
        "kinds": partial(providers.compared, found),
        "codes": codes.codes,
        "problems": codes.problems,
        "limits": settings.limits,
    }
    return {**common, **{name: make for each, plugin in found.items() for name, make in _of(each, plugin)}}


def _of(name: str, plugin: type[Provider]) -> Iterator[tuple[str, Callable[[], str]]]:
    yield f"{name}/settings", partial(settings.own, plugin.settings_type)
    yield f"{name}/kinds", partial(providers.kinds, plugin)


def pages() -> list[Path]:
    """The pages, in the order of their names."""
    return sorted(DOCS.rglob("*.md"))
