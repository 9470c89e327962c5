"""Scans of one operation: which of them are read with a wider one, from their arguments alone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from graphql import FieldNode
from graphql.utilities import value_from_ast_untyped

TIMES, PROVIDERS = ("startedAt", "enteredAt"), "providers"
Arguments = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def arguments_of(node: FieldNode) -> Arguments:
    """Return a function that returns the arguments of a field for given variables, as they are written."""
    given = {each.name.value: each.value for each in node.arguments or ()}
    return lambda variables: {name: value_from_ast_untyped(value, dict(variables)) for name, value in given.items()}


def widest_scans(scans: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the indexes of the scans that no other one covers; of equal ones the first."""
    widest: list[int] = []
    for index, scan in enumerate(scans):
        if not any(covers(scans[each], scan) for each in widest):
            widest = [each for each in widest if not covers(scan, scans[each])] + [index]
    return widest


def covers(wide: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    """Return True if one scan reads all records of another: it sets fewer conditions, and its range of time holds the other's.

    A scan that goes on from a cursor is one of its own.
    """
    if wide.get("after") or narrow.get("after"):
        return False
    outer, inner = _filter(wide), _filter(narrow)
    providers, wanted = outer.pop(PROVIDERS, None), inner.pop(PROVIDERS, None)
    if providers is not None and (wanted is None or not all(each in providers for each in _list(wanted))):
        return False
    reaches = [_holds(outer.pop(time, None) or {}, inner.pop(time, None) or {}) for time in TIMES]
    return all(reaches) and all(inner.get(name) == value for name, value in outer.items())


def _filter(scan: Mapping[str, Any]) -> dict[str, Any]:
    given = scan.get("filter")
    return {name: value for name, value in given.items() if value is not None} if isinstance(given, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(outer: Any, inner: Any) -> bool:
    """Return True if a range of time lies within another. Times that cannot be read are not compared."""
    if not isinstance(outer, Mapping) or not isinstance(inner, Mapping):
        return bool(outer == inner)
    ends = [(_moment(outer.get(name)), _moment(inner.get(name))) for name in ("since", "until")]
    try:
        (begin, since), (end, until) = ends
        return (begin is None or (since is not None and begin <= since)) and (end is None or (until is not None and until <= end))
    except TypeError:
        return bool(outer == inner)


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value
