"""List the generated sections by name, and the pages that contain them."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from docs.generate import capabilities, error_codes, faults, fields, readers, settings, upstream_words
from docs.generate.markers import Sections
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import plugins

DOCS = Path(__file__).parents[1]
GUIDE = DOCS.parent / "plugins/README.md"
# The plugins of this repository: plugins that are installed beside them have documentation of their own.
BUNDLED = ("voximplant", "voipstudio", "portsip", "boxis", "asterisk", "twilio")


def sections() -> Sections:
    """Return the generator of each section, by the name in its marker."""
    found = {name: plugins().found[name] for name in BUNDLED}
    common: Sections = {
        "configuration": settings.gateway,
        "providers": settings.providers,
        "vendor-limits": partial(settings.vendor_rates, found),
        "kinds": partial(capabilities.compared, found),
        "codes": error_codes.codes,
        "problems": error_codes.problems,
        "limits": settings.limits,
        "faults": faults.modes,
        "readers": readers.readers,
        "upstream-words": partial(upstream_words.kinds, found),
    }
    return {**common, **{name: generate for each, plugin in found.items() for name, generate in _plugin_sections(each, plugin)}}


def _plugin_sections(name: str, plugin: type[Provider]) -> Iterator[tuple[str, Callable[[], str]]]:
    yield f"{name}/settings", partial(settings.own, plugin.settings_type)
    yield f"{name}/kinds", partial(capabilities.kinds, plugin)
    yield f"{name}/fields", partial(fields.filled, plugin)


def pages() -> list[Path]:
    """Return the Markdown files below docs/, sorted by path, and the guide for plugin authors."""
    return [*sorted(page for page in DOCS.rglob("*.md") if "node_modules" not in page.parts), GUIDE]
