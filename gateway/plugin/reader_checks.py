"""Reader checks: what a ready-made column is called with is compared with its signature when the plugin is imported."""

import inspect
from collections.abc import Callable, Mapping, Set
from functools import wraps
from types import NoneType
from typing import Any, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from telegraphql.gateway.plugin.columns import Column, Mapped, types_in
from telegraphql.gateway.plugin.mapping_errors import fail, written_at
from telegraphql.schema.nearest_names import nearest

P = ParamSpec("P")
T = TypeVar("T")
SOURCE = 'a source, such as the name of an attribute of the row or mapped("started_at")'
# All ready-made columns, for the documentation.
READERS: list[Callable[..., Any]] = []
WORDS: Mapping[Any, str] = {str: "text", bool: "True or False", int: "a whole number", NoneType: "None"}


def reader(make: Callable[P, T]) -> Callable[P, T]:
    """Return a function that makes a column, which raises MappingError with file and line where it is called with something wrong."""
    signature, hints = inspect.signature(make), get_type_hints(make)
    parameters = signature.parameters

    @wraps(make)
    def checked(*given: P.args, **options: P.kwargs) -> T:
        where = written_at()
        for name in options:
            if name not in parameters:
                raise fail(where, f"{make.__name__} has no option {name!r}; {nearest(name, parameters)}")
        try:
            arguments = signature.bind(*given, **options).arguments
        except TypeError as error:
            raise fail(where, f"{make.__name__}{_shown(signature)}: {error}") from None
        for name, value in arguments.items():
            for each in value if parameters[name].kind is inspect.Parameter.VAR_POSITIONAL else (value,):
                if not any(_fits(each, hint) for hint in types_in(hints[name])):
                    raise fail(where, f"{name!r} of {make.__name__} is {_named(hints[name])}, not {each!r}")
        return make(*given, **options)

    READERS.append(checked)
    return checked


def at_least_one(name: str, value: int) -> None:
    """MappingError unless a whole number is 1 or more."""
    if value < 1:
        raise fail(written_at(), f"{name!r} is {value}; make it 1 or more")


def _fits(value: Any, hint: Any) -> bool:
    """Return True if a value is of a type that stands in a reader's signature."""
    kind: Any = get_origin(hint) or hint
    if kind is Any:
        return True
    if isinstance(kind, TypeVar):
        bound: Any = kind.__bound__
        return isinstance(value, bound)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is Set:
        return isinstance(value, Set) and all(isinstance(each, get_args(hint)) for each in value)
    return callable(value) if kind is Callable else isinstance(value, kind)


def _named(hint: Any) -> str:
    """Return what a reader takes, in words."""
    kinds = types_in(hint)
    found = [SOURCE] if Mapped in kinds else ["a column"] if Column in kinds else []
    for kind in kinds - ({str} if SOURCE in found else set()):
        origin: Any = get_origin(kind) or kind
        if origin is Set:
            found.append('a set of texts, such as frozenset({"n/a"})')
        elif origin is Callable:
            found.append("a function, such as str.upper")
        elif origin is Mapping:
            found.append("a dict")
        elif isinstance(origin, TypeVar):
            bound: Any = origin.__bound__
            found.append(f"an {bound.__name__}")
        elif origin in WORDS:
            found.append(WORDS[origin])
    return " or ".join(sorted(found, key=lambda word: (word == "None", word)))


def _shown(signature: inspect.Signature) -> str:
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))
