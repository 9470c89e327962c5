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
    new_rows,
    page_ends,
    refused_input,
    side_effects,
    source,
    truth,
    wrong_answers,
)
from telegraphql.gateway.conformance.promises import Promise

MODULES = (
    declaring,
    source,
    side_effects,
    listing,
    truth,
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
    new_rows,
)

PROMISES = {each.name: each for module in MODULES for each in vars(module).values() if isinstance(each, Promise)}
