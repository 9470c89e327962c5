"""Fusing: whatever a mapping function looks like, and whatever is asked of its rows, the answer is that of records."""

import builtins
import functools
from collections.abc import Callable
from typing import Any

import pytest

from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.values import Party
from tests.gateway.graphql.compiler import mapping_helpers
from tests.gateway.graphql.compiler.mapping_helpers import party as far_party
from tests.gateway.graphql.compiler.row_provider import Row, at, both

PREFIX = "here "
error = "of this module"
ROWS = ({"a": "x", "b": 3, "c": ["1", "2"]}, {"a": None, "b": 0, "c": []}, {"a": "y'\"{}\n\\", "b": -1, "c": ["é"]})
FIELDS = "id nativeId status hangupCause from { number name } to { kind } userId durationSeconds"


def end(number: str | None, name: str | None) -> Party:
    """One end, as it is."""
    return Party(number=number, name=name)


def end_of(row: Any) -> Party:
    """One end of a row."""
    number, name = row.a, row.a
    if name is not None:
        name = f"{PREFIX}{name}"
    return Party(number=number, name=name)


def plain(row: Row, of: Any) -> Call:
    """A mapping with all that a mapping has."""
    key, v0, x = str(row.id), row.a, row.b
    lean = bare = out = fused = later = path = row.a
    if x:
        cause = f"{key}-{lean}"
    elif x == 0:
        cause, x = "none", None
    else:
        cause = None
    return Call(
        provider_name=of.name,
        native_id=key,
        refs={"session": bare},
        status=CallStatus.BUSY if x else CallStatus.ANSWERED,
        hangup_cause=cause,
        from_=end(v0, out),
        to=end_of(row),
        started_at=at(row),
        user_id=fused or later or path,
        duration_seconds=x,
    )


read_list_0 = global_id_0 = isfinite = str.upper
read_Party_0 = names_CallStatus = str.upper  # noqa: N816  # names that schemas lend to code


def clashing(row: Row, of: Any) -> Call:
    global_id, _1_row, __0 = read_Party_0, row.a or "", names_CallStatus(row.a or "")
    return Call(
        provider_name=of.name,
        native_id=str(row.id),
        hangup_cause=read_list_0(_1_row) + isfinite(__0),
        user_id=global_id_0(global_id("a")),
        from_=end(row.a, global_id("b")),
        to=Party(name=" ".join(v1 for v1 in row.c)),
        started_at=at(row),
    )


def comprehending(row: Row, of: Any) -> Call:
    names = [end for end in row.c if end]
    return Call(
        provider_name=of.name,
        native_id=str(row.id),
        hangup_cause="".join(sorted({name: str(name) for name in names})),
        from_=Party(number=", ".join(each for each in (name.upper() for name in names))),
        to=Party(),
        started_at=at(row),
    )


def written(row: Row, of: Any) -> Call:
    """Strings that look like code."""
    text = """two
    lines {row} '''"""
    more = f"{{{row.a!r:>9}}} {'quoted'} {row.b:+d}\n{text[:3]}\t{row.c and row.c[0]}"
    return Call(
        provider_name=of.name,
        native_id=str(row.id),
        hangup_cause=text + "\u2028\x0c\x85" + more,
        from_=Party(number=text + r"\d", name='"' + "'" + '''"'"'''),
        to=end(
            number=row.a,
            name="",
        ),
        started_at=at(row),
    )


def stating(row: Row, of: Any) -> Call:
    """All kinds of statements."""
    first, *rest = [row.a, *row.c]
    total = 0
    for number, each in enumerate(rest):
        total += number + len(each)
    while total > 100:
        total -= 1
    try:
        given = int(row.a)
    except (TypeError, ValueError):
        given = None
    gone = [1]
    gone[0] = total
    del gone[0:0]
    kept: int = gone[0]
    return Call(
        provider_name=of.name,
        native_id=str(row.id),
        hangup_cause=first,
        from_=Party(number=str(given)),
        to=Party(),
        started_at=at(row),
        duration_seconds=kept,
    )


def distant(row: Row, of: Any) -> Call:
    """A helper of another module, where a global has the name of one of ours."""
    return Call(
        provider_name=of.name,
        native_id=str(row.id),
        hangup_cause=PREFIX,
        from_=far_party(row, PREFIX),
        to=mapping_helpers.party(row, row.a or ""),
        started_at=at(row),
    )


FIT = [plain, clashing, comprehending, written, stating, distant]


def with_defaults(number: Any, name: str = "nobody") -> Party:
    return Party(number=number, name=name)


@functools.lru_cache
def decorated(number: Any) -> Party:
    return Party(number=number)


def around(row: Any) -> Party:
    """What stands around another, and looks like it."""
    return Party(number="around", name=row.a)


@functools.wraps(around)
def wrapped(row: Any) -> Party:
    return end("wrapped", around(row).name)


def endless(row: Any, left: int) -> Party:
    return Party(number=endless(row, left - 1).number if left else "end", name=row.a)


class Maker:
    """Helpers that are methods."""

    def of(self, row: Any) -> Party:
        return Party(number="method", name=row.a)

    def __call__(self, row: Any) -> Party:
        return Party(number="called", name=row.a)


made, MAKER = Maker().of, Maker()


def two(given: Any) -> Party:
    given = str(given) * 2
    return Party(name=given, number=given)


HELPERS = ["with_defaults(row.a)", "with_defaults(name='x', number=row.a)", "end(*[row.a, 'x'])", "end(**{'number': row.a, 'name': None})"]
HELPERS += [
    "decorated(row.a)",
    "wrapped(row)",
    "around(row)",
    "endless(row, 2)",
    "made(row)",
    "MAKER(row)",
    "Maker.of(MAKER, row)",
    "two(row)",
]
HELPERS += ["two(two(row.a).name)", "(lambda it: end(it, it))(row.a)", "Party(name=(lambda: row.a)())", "end_of(row) if row.a else Party()"]
HELPERS += [
    "[end_of(row)][0]",
    "(end_of(row) or None)",
    "mapping_helpers.party(row, 'z')",
    "far_party(row, 'z')",
    "Party(number=str(row.b))",
    "Party()",
]


@pytest.mark.parametrize("make", FIT, ids=lambda make: make.__name__)
async def test_flat_functions_are_written_out_whatever_they_are_made_of(make: Any) -> None:
    assert (await both(make, FIELDS, *ROWS)).sent == len(ROWS)


@pytest.mark.parametrize("helper", HELPERS)
async def test_helpers_make_what_they_make_whatever_they_are(helper: str, of_source: Callable[[str], Any]) -> None:
    source = f"""
        def make(row, of):
            return Call(provider_name=of.name, native_id=str(row.id), from_={helper}, to=Party(), started_at=at(row))
    """
    told = await both(of_source(source), "from { number name kind } other: from { name } nativeId", *ROWS)
    assert told.problems == []
    assert told.sent == (0 if "lambda" in helper else len(ROWS))


ODD = {
    "a local takes the name of the kind": "Call = Busy",
    "a local takes the name of a helper": "end = two_ends",
    "the row is another from here on": "row = Row(id=row.id, a='other', b=row.b, c=row.c)",
    "the provider is another from here on": "of = Named()",
    "a name is set on the way": "print_, c = (cause := str(row.b)), cause",
    "an error has the name of a global": "try:\n  int(row.a)\nexcept Exception as error:\n  cause = repr(error)",
    "a pattern sets names": "match row.c:\n  case [error, *rest]:\n    cause = error\n  case _:\n    cause = 'none'",
    "locals are looked at": "cause = str(sorted(locals()))",
    "code is run": "cause = eval('row.a')",
    "a class is made": "class Inner:\n  cause = row.a\ncause = Inner.cause",
    "something is imported": "import json as dumped\ncause = dumped.dumps(row.a)",
    "an if sets more than it seems": "if (cause := row.a):\n  key = cause\nelse:\n  key = ''",
}


@pytest.mark.parametrize("odd", ODD)
async def test_what_is_odd_is_left_whole_and_right(odd: str, of_source: Callable[[str], Any]) -> None:
    lines = "\n            ".join(ODD[odd].splitlines())
    source = f"""
        def make(row, of):
            cause = PREFIX
            {lines}
            return Call(
                provider_name=of.name, native_id=str(row.id), hangup_cause=cause, from_=end(row.a, ""), to=Party(), started_at=at(row)
            )
    """
    told = await both(of_source(source), "nativeId hangupCause from { number }", *ROWS)
    assert (told.problems, told.sent) == ([], len(ROWS) if odd == "a local takes the name of a helper" else 0)
    whole = [of_source(source)(Row(id=number, **row), Named()) for number, row in enumerate(ROWS, 1)]
    assert [each["hangupCause"] for each in told.nodes] == [each.hangup_cause for each in whole]
    assert [each["from"]["number"] for each in told.nodes] == [each.from_.number for each in whole]


class Busy(Call):
    """A kind that somebody else derived."""


class Named:
    """Something with the name of a provider."""

    name = "a"


def two_ends(number: Any, name: str) -> Party:
    return Party(number=f"{number} twice", name=name)


@pytest.fixture
def of_source(tmp_path: Any) -> Callable[[str], Any]:
    """A function of a source that can be read again, in the names of this module."""

    def read(source: str) -> Any:
        import inspect

        path = tmp_path / "made.py"
        path.write_text(inspect.cleandoc(source))
        names = dict(globals())
        exec(builtins.compile(path.read_text(), str(path), "exec"), names)
        return names["make"]

    return read
