"""The index of all promises, by name."""

from telegraphql.gateway.conformance import (
    commands,
    completeness,
    declaring,
    faults,
    filtering,
    getting,
    linking,
    listing,
    malformed_rows,
    mapping,
    media,
    page_ends,
    refused_input,
    side_effects,
    source_rules,
    time_zones,
    wrong_answers,
)
from telegraphql.gateway.conformance.promises import Promise

MODULES = (
    declaring,
    source_rules,
    side_effects,
    listing,
    linking,
    completeness,
    filtering,
    getting,
    mapping,
    malformed_rows,
    media,
    commands,
    faults,
    page_ends,
    wrong_answers,
    refused_input,
    time_zones,
)

PROMISES = {each.name: each for module in MODULES for each in vars(module).values() if isinstance(each, Promise)}
