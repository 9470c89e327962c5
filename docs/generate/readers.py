"""List the ready-made columns of mappings with their parameters, from their signatures and docstrings."""

import inspect
from collections.abc import Callable
from typing import Any

from docs.generate.markers import escaped, table
from telegraphql import plugin
from telegraphql.gateway.plugin.reader_checks import READERS

MODULES = ("readers", "number_readers", "time_readers", "file_reader")


def readers() -> str:
    """Return one row for each ready-made column, in the order of their modules."""
    public = [each for each in READERS if each.__name__ in plugin.__all__]
    ordered = sorted(public, key=lambda each: MODULES.index(each.__module__.rpartition(".")[2]))
    return table(["Column", "Value"], [[f"`{_call(each)}`", escaped(_first_sentence(each))] for each in ordered])


def _call(make: Callable[..., Any]) -> str:
    """Return how a column is written; options with their `=`."""
    parameters = inspect.signature(make).parameters.values()
    written: dict[Any, str] = {inspect.Parameter.KEYWORD_ONLY: "{}=", inspect.Parameter.VAR_POSITIONAL: "*{}"}
    return f"{make.__name__}({', '.join(written.get(each.kind, '{}').format(each.name) for each in parameters)})"


def _first_sentence(make: Callable[..., Any]) -> str:
    text = " ".join((inspect.getdoc(make) or "").partition("\n\n")[0].split())
    sentence = text.partition(". ")[0].rstrip(".") + "."
    start = (
        sentence.removeprefix("Return ")
        .removeprefix("a column ")
        .removeprefix("that is ")
        .removeprefix("with ")
        .removeprefix("of ")
        .removeprefix("for ")
    )
    return start[0].upper() + start[1:]
