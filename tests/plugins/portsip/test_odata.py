"""PortSIP's filter expressions: written without parentheses, and parse_query back by the sandbox as they were meant."""

from datetime import UTC, datetime

import pytest

from telegraphql.plugins.portsip.odata import MAX_EXPRESSION, Expression, literal, time_literal
from telegraphql.plugins.portsip.sandbox.queries import NUMBER, TEXT, TIME, QueryError, parse_query

PROPERTIES = {"caller": TEXT, "callee": TEXT, "started_at": TIME, "duration": NUMBER}
NOON = datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC)


def names(text: str) -> list[list[tuple[str, str, object]]]:
    return [[(each.name, each.operator, each.value) for each in group] for group in parse_query({"filter": text}, PROPERTIES).alternatives]


def test_alternatives_are_multiplied_out() -> None:
    expression = Expression()
    expression.within("started_at", NOON, None)
    expression.one_of("caller", ["1", "2"])
    expression.any_of(["contains(callee,'3')", "contains(callee,'4')"])
    written = expression.text()
    assert written is not None
    bound = ("started_at", "ge", 1767268800000001)
    pairs = [("1", "3"), ("1", "4"), ("2", "3"), ("2", "4")]
    assert names(written) == [[("caller", "eq", one), ("callee", "contains", other), bound] for one, other in pairs]
    assert expression.exact


def test_nothing_wanted_is_nothing_written() -> None:
    assert Expression().text() is None


def test_what_would_be_too_long_is_left_out_and_said_so() -> None:
    expression = Expression()
    expression.within("started_at", NOON, NOON)
    expression.one_of("caller", [str(number) for number in range(300)])
    expression.one_of("callee", ["1"])
    written = expression.text() or ""
    assert (expression.exact, len(written) <= MAX_EXPRESSION, "caller" in written) == (False, True, False)
    assert names(written) == [[("callee", "eq", "1"), *(("started_at", sign, 1767268800000001) for sign in ("ge", "le"))]]


def test_literals_are_quoted_and_quotes_doubled() -> None:
    assert (literal("O'Neil"), literal(7), time_literal(NOON)) == ("'O''Neil'", "7", "'2026-01-01T12:00:00.000001Z'")
    assert names("caller eq 'O''Neil' and duration ge 7") == [[("caller", "eq", "O'Neil"), ("duration", "ge", 7.0)]]


def test_and_binds_more_closely_than_or() -> None:
    text = "caller eq '1' or callee eq '2' and duration lt 3 or startswith(caller,'4')"
    assert names(text) == [[("caller", "eq", "1")], [("callee", "eq", "2"), ("duration", "lt", 3.0)], [("caller", "startswith", "4")]]


@pytest.mark.parametrize(
    "text",
    [
        "nobody eq '1'",
        "caller eq 1",
        "caller eq '1",
        "caller like '1'",
        "(caller eq '1')",
        "caller eq '1' and",
        "caller eq '1' callee eq '2'",
        "not caller eq '1'",
        "caller in ('1','2')",
        "caller eq null",
        "started_at ge 'yesterday'",
        "contains(duration,'1')",
        "contains(caller)",
    ],
)
def test_what_the_manual_does_not_show_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse_query({"filter": text}, PROPERTIES)


@pytest.mark.parametrize(
    "params",
    [{"top": "0"}, {"top": "101"}, {"top": "x"}, {"skip": "-1"}, {"count": "yes"}, {"orderby": "nobody"}, {"orderby": "caller down"}],
)
def test_options_out_of_their_range_are_refused(params: dict[str, str]) -> None:
    with pytest.raises(QueryError):
        parse_query(params, PROPERTIES)


def test_options_have_their_documented_defaults() -> None:
    query = parse_query({}, PROPERTIES)
    assert (query.top, query.skip, query.order, query.count, query.alternatives) == (100, 0, [], False, [[]])
    assert parse_query({"orderby": "caller asc, started_at desc"}, PROPERTIES).order == [("caller", False), ("started_at", True)]
