"""The index of all promises, by name."""

from telegraphql.gateway.conformance import (
    commands,
    declaring,
    faults,
    filtering,
    getting,
    listing,
    malformed_rows,
    mapping,
    media,
    side_effects,
    source,
)
from telegraphql.gateway.conformance.promises import Promise

MODULES = (declaring, source, side_effects, listing, filtering, getting, mapping, malformed_rows, media, commands, faults)
PROMISES = {each.name: each for module in MODULES for each in vars(module).values() if isinstance(each, Promise)}
