"""When a number is certain in E.164, and what all ways of writing it share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.plugin.phone_numbers import Numbering, digits, national

CERTAIN = [
    ("+41616925879", None, False, "+41616925879"),
    ("+41 61 692 58 79", None, False, "+41616925879"),
    ("+41 (0)61 692 58 79", None, False, "+41616925879"),
    (" +41616925879", None, False, "+41616925879"),
    ("0041616925879", None, False, "+41616925879"),
    ("0041 61 692-58-79", "CH", False, "+41616925879"),
    ("0616925879", "CH", False, "+41616925879"),
    ("061 692 58 79", "CH", False, "+41616925879"),
    ("41616925879", None, True, "+41616925879"),
    ("442071838750", "CH", True, "+442071838750"),
    ("0616925879", "CH", True, "+41616925879"),
    ("(212) 555-2368", "US", False, "+12125552368"),
]
UNCERTAIN = [
    ("0616925879", None, False),
    ("41616925879", None, False),
    ("0616925879", None, True),
    ("200", "CH", True),
    ("666666", "CH", True),
    ("+1555", None, False),
    ("+99912345678", None, False),
    ("00999123456789", "CH", False),
    ("alice", "CH", True),
    ("sip:41616925879@example.com", "CH", True),
    ("1-800-FLOWERS", "US", False),
    ("", "CH", True),
    ("+", "CH", True),
    ("anonymous", None, False),
]


@pytest.mark.parametrize(("number", "region", "bare", "e164"), CERTAIN)
def test_a_certain_number_is_known_in_e164(number: str, region: str | None, bare: bool, e164: str) -> None:
    assert Numbering(region, bare).e164(number) == e164


@pytest.mark.parametrize(("number", "region", "bare"), UNCERTAIN)
def test_an_uncertain_number_is_not_guessed(number: str, region: str | None, bare: bool) -> None:
    assert Numbering(region, bare).e164(number) is None


@given(st.text())
def test_any_text_has_an_answer(number: str) -> None:
    for numbering in (Numbering(), Numbering("CH"), Numbering("US", True)):
        found = numbering.e164(number)
        assert found is None or (found[0] == "+" and digits(found) == found[1:])
    assert digits(number) == digits(digits(number))
    assert national(number) == digits(national(number))


SPELLINGS = [
    ("+41616925879", "616925879"),
    ("0041616925879", "616925879"),
    ("0616925879", "616925879"),
    ("+390612345678", "0612345678"),
    ("200", "200"),
    ("alice", ""),
]


@pytest.mark.parametrize(("number", "shared"), SPELLINGS)
def test_what_all_ways_of_writing_a_number_end_with(number: str, shared: str) -> None:
    assert national(number) == shared
    certain = Numbering("CH").e164(number)
    assert certain is None or certain.endswith(shared)
