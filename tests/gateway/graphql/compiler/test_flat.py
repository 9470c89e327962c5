"""Flat: what of a function is left out, what stays, and which functions are left alone."""

import ast
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.graphql.compiler.flat import Flat, Unfit, taken_apart
from telegraphql.schema.values import Money, Party


def read(folder: Path, body: str, head: str = "def made(row, of):", tail: str = "") -> Any:
    """A function of a source that can be read again; `body` is what it does before it makes an end of a call."""
    lines = ["from telegraphql.schema.values import Money, Party", head, *(f"    {line}" for line in body.splitlines())]
    lines.append(f"    {tail or 'return Party(number=a, name=b, country=c)'}")
    path = folder / "made.py"
    path.write_text("\n".join(lines) + "\n")
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names["made"]


def kept(flat: Flat, *parts: str) -> list[str]:
    """The statements that these parts need."""
    return [ast.unparse(each) for each in flat.needed(flat.parts[part] for part in parts)]


BODIES = {
    "a = row.x\nb = f(a)\nc = g()": {"number": ["a = row.x"], "name": ["a = row.x", "b = f(a)"], "country": ["c = g()"]},
    "a, b = row.x, row.y\nc = 1": {"number": ["a = row.x"], "name": ["b = row.y"]},
    "a, b = b, a = row.pair\nc = 1": {"country": ["a, b = b, a = row.pair", "c = 1"]},
    "a, b = f(row)\nc = 1": {"number": ["a, b = f(row)"], "name": ["a, b = f(row)"], "country": ["c = 1"]},
    "a, b = row.x, a\nc = 1": {"number": ["a, b = (row.x, a)"], "country": ["c = 1"]},
    "if row.x:\n    a = b = 1\nelse:\n    a, b = 2, 3\nc = 4": {"country": ["if row.x:\n    a = b = 1\nelse:\n    a, b = (2, 3)", "c = 4"]},
    "if row.x:\n    a = 1\nelif row.y:\n    a = 2\nb = c = 3": {"number": ["if row.x:\n    a = 1\nelif row.y:\n    a = 2", "b = c = 3"]},
    "if row.x:\n    a = 1\nb = 2\nc = 3": {"name": ["b = 2"]},
    "a = 1\nif row.x:\n    a = 2\nb = 2\nc = 3": {"number": ["a = 1", "if row.x:\n    a = 2"], "country": ["c = 3"]},
    "if not row.x:\n    raise ValueError\na = b = c = 1": {"number": ["if not row.x:\n    raise ValueError", "a = b = c = 1"]},
    "check(row)\n'words'\na = 1\nb = 2\nc = 3": {"name": ["check(row)", "b = 2"]},
    "a = []\na.append(1)\nb = 2\nc = 3": {"name": ["a = []", "a.append(1)", "b = 2"]},
    "a = 0\na += 1\nb: int = 2\nc = 3": {"country": ["a = 0", "a += 1", "b: int = 2", "c = 3"]},
    "a = [b for b in row.x]\nb = 1\nc = 3": {"number": ["a = [b for b in row.x]"]},
    "a, *b = row.x\nc = row.y": {"country": ["a, *b = row.x", "c = row.y"]},
}


@pytest.mark.parametrize("body", BODIES)
def test_of_what_comes_first_only_what_is_needed_stays_and_all_that_is_no_assignment(body: str, tmp_path: Path) -> None:
    flat = taken_apart(read(tmp_path, body))
    assert (flat.parameters, flat.kind, list(flat.parts)) == (("row", "of"), Party, ["number", "name", "country"])
    for part, wanted in BODIES[body].items():
        assert kept(flat, part) == wanted


UNFIT = [
    ("if row.x:\n    return None\na = b = c = 1", ""),
    ("a = b = c = 1", "return Party(row)"),
    ("a = b = c = 1", "return Party(**{'number': a})"),
    ("a = b = c = 1", "return [Party(number=a)][0]"),
    ("a = b = c = 1", "return Money(amount=a, currency=b)"),
    ("a = b = c = 1", "return Nothing(number=a)"),
    ("a = b = c = 1", "return a"),
    ("a = b = c = 1", "return"),
    ("a = b = c = 1", "Party(number=a)"),
    ("a = (b := row.x)\nc = 1", ""),
    ("if (b := row.x):\n    a = 1\nc = 1", ""),
    ("a = c = 1", "return Party(number=(b := row.x), name=b)"),
    ("yield row\na = b = c = 1", ""),
    ("a = yield from row.x\nb = c = 1", ""),
    ("global a\na = b = c = 1", ""),
    ("a = b = c = locals()", ""),
    ("a = b = c = 1", "return Party(number=eval('row.x'))"),
    ("Party = Money\na = b = c = 1", ""),
    ("for Party in row.x:\n    pass\na = b = c = 1", ""),
    ("def inner():\n    return 1\na = b = c = inner()", ""),
]


@pytest.mark.parametrize(("body", "tail"), UNFIT)
def test_what_could_mean_something_else_in_parts_is_left_alone(body: str, tail: str, tmp_path: Path) -> None:
    with pytest.raises(Unfit):
        taken_apart(read(tmp_path, body, tail=tail))


HEADS = ["def made(row, of=1):", "def made(row, *of):", "def made(row, **of):", "def made(row, *, of):", "def made(row, of, /):"]
HEADS += ["async def made(row, of):", "@staticmethod\ndef made(row, of):", "def made(row, Party):"]


@pytest.mark.parametrize("head", HEADS)
def test_functions_that_are_called_in_other_ways_are_left_alone(head: str, tmp_path: Path) -> None:
    with pytest.raises(Unfit):
        taken_apart(read(tmp_path, "a = b = c = 1", head))


def plain(row: Any, of: Any) -> Party:
    return Party(number=row)


@functools.wraps(plain)
def around(row: Any, of: Any) -> Party:
    return Party(number="around", name=plain(row, of).number)


class Method:
    def method(self, row: Any, of: Any) -> Party:
        return Party(number=row)

    def __call__(self, row: Any, of: Any) -> Party:
        return Party(number=row)


def closed(more: str) -> Callable[..., Party]:
    def inner(row: Any, of: Any) -> Party:
        return Party(number=more)

    return inner


@pytest.mark.parametrize(
    "odd",
    [
        around,
        functools.partial(plain, 1),
        functools.lru_cache(plain),
        Method(),
        Method().method,
        closed("x"),
        len,
        Party,
        Money,
        None,
    ],
)
def test_what_does_not_stand_for_itself_is_left_alone(odd: Any) -> None:
    with pytest.raises(Unfit):
        taken_apart(odd)


@pytest.mark.parametrize(
    "newer", ["a = row.y\nb = c = 1", "b = c = a = row.x", "# more\na = row.x\nb = c = 2", "c = [d + 1 for a in row.x]"]
)
def test_a_file_that_is_newer_than_what_runs_is_not_believed(newer: str, tmp_path: Path) -> None:
    old = read(tmp_path, "a = row.x\nb = c = 1")
    read(tmp_path, newer)
    with pytest.raises(Unfit):
        taken_apart(old)


def test_what_is_the_same_in_a_file_that_was_written_again_is() -> None:
    assert taken_apart(plain) is taken_apart(plain)
    assert taken_apart(plain).own == frozenset()
