"""Pruning: from a mapping function to one that makes only those attributes of a record that somebody looks at.

Most of what a row holds is not asked for, and takes as long to map as what is. A mapping is one flat function that ends by making a
record, `return Call(provider_name=..., ...)`: what is not wanted can be left out of its source, and with it what only that needed.
A record that is looked at further than was foreseen is mapped as a whole then (`Record.__getattr__`)."""

import ast
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields
from functools import lru_cache
from typing import Any

from telegraphql.gateway.graphql.compiler.flat import Flat, Unfit, taken_apart
from telegraphql.gateway.plugin.capabilities import python_name
from telegraphql.gateway.plugin.mapping import Make
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest
from telegraphql.schema.record import Record

# What the engine looks at whatever is asked for.
ALWAYS = frozenset({"provider_name", "native_id", "sort_id", "stands_at", "held", "raw", "ended_at"})
# What it looks at for a field that is not an attribute, such as a relation or a file.
JOINING = frozenset({"refs", "files"})
NOTHING = frozenset[str]()
# These fields are made of what is there always.
MADE = frozenset({"id", "provider", "native", "__typename"})


def only(make: Make, ask: ListRequest | GetRequest, place: object = None) -> Make:
    """The mapping function without what is not asked for; the function itself where all is, or where it cannot be told what that is.

    Whoever gives `read_rows` a `place` gives it here too: what is made of a row then is the gateway's alone, and mostly no record."""
    if not ask.lean:
        return make
    pruned, wanted = _pruned(make, frozenset(ask.select), not ask.unmapped)
    if place is None or ask.fuse is None:
        return pruned
    return ask.fuse(make, pruned, _pruned(make, NOTHING, True)[0], wanted)


@lru_cache(maxsize=1024)
def _pruned(make: Make, select: frozenset[str], joined: bool) -> tuple[Make, frozenset[str]]:
    """Such a function, and the attributes it makes."""
    try:
        mapping = taken_apart(make)
        # Who looks further wants the row as it came.
        if mapping.parameters != ("row", "of") or mapping.own & {"row", "of"} or not issubclass(mapping.kind, Record):
            raise Unfit
        attributes = {each.name for each in fields(mapping.kind) if each.init}
        wanted = {python_name(name) for name in select - MADE}
        placed = {name for name in (mapping.kind.time_field, mapping.kind.name_field) if name}
        found = ALWAYS | placed | wanted | (JOINING if joined or wanted - attributes else set())
        return _compiled(make, mapping, found), found
    except (Unfit, RecursionError, SyntaxError, ValueError):
        return make, NOTHING


def _compiled(make: Make, mapping: Flat, wanted: frozenset[str]) -> Make:
    """The record is filled without its `__init__`, which would give what is left out a value that is not true."""
    parts = {name: value for name, value in mapping.parts.items() if name in wanted}
    absent = [each for each in fields(mapping.kind) if each.init and each.name in wanted and each.name not in parts]
    lines = [
        *(ast.unparse(each) for each in mapping.needed(parts.values())),
        "__made = __new(__kind)",
        f"__made.__dict__ = {{{', '.join([*_given(parts), *_missing(absent)])}, 'rest': (__make, row, of)}}",
        "return __made",
    ]
    source = "def pruned(row, of):\n" + textwrap.indent("\n".join(lines), "    ")
    names = getattr(make, "__globals__", {}) | {"__new": object.__new__, "__kind": mapping.kind, "__make": make}
    names |= {f"__{each.name}": each.default_factory if each.default is MISSING else each.default for each in absent}
    exec(compile(source, f"<pruned {make.__module__}.{make.__name__}>", "exec"), names)
    found: Make = names["pruned"]
    return found


def _given(parts: dict[str, ast.expr]) -> Iterator[str]:
    return (f"{name!r}: {ast.unparse(value)}" for name, value in parts.items())


def _missing(absent: Iterable["Field[Any]"]) -> Iterator[str]:
    """What the mapping leaves to the defaults."""
    return (f"{each.name!r}: __{each.name}{'()' if each.default is MISSING else ''}" for each in absent)
