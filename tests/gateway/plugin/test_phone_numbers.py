"""Telephone numbers: certain in E.164 or not, withheld or not, and found by what is shown of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.plugin.phone_numbers import Numbering, comparable, digits, is_withheld, national

LINES = (Path(__file__).parent / "phone_spellings.txt").read_text("utf-8").splitlines()
SPELLINGS = [line.rsplit("|", 3) for line in LINES if line and not line.startswith("# ")]
SWISS, BARE = Numbering("CH"), Numbering(None, bare_is_international=True)


def test_the_table_is_large() -> None:
    assert len(SPELLINGS) >= 300


@pytest.mark.parametrize(("region", "bare"), sorted({(region, bare) for _, region, bare, _ in SPELLINGS}))
def test_a_number_is_known_in_e164_where_it_is_certain_and_never_guessed(region: str, bare: str) -> None:
    numbering = Numbering(None if region.strip() == "-" else region.strip(), bare.strip() == "bare")
    wanted = {spelling: e164.strip() for spelling, *where, e164 in SPELLINGS if where == [region, bare]}
    found = {spelling: numbering.e164(spelling.removesuffix(" ")) or "-" for spelling in wanted}
    assert found == wanted


@given(st.text() | st.from_regex(r"\+?[0-9 ().*#,;/@-]{0,20}", fullmatch=True))
def test_any_text_has_an_answer(number: str) -> None:
    for numbering in (Numbering(), SWISS, Numbering("US", True)):
        found = numbering.e164(number)
        assert found is None or (found[0] == "+" and digits(found) == found[1:])
        assert found is None or not set("*#,;") & set(number.partition("@")[0])
    assert digits(number) == digits(digits(number))
    assert national(number) == digits(national(number))
    assert comparable(comparable(number)) == comparable(number)


WITHHELD = {
    "en": ["Anonymous", "PRIVATE", "Private Number", "unknown", "Unavailable", "Restricted", "Withheld", "Blocked", "No Caller ID"],
    "de": ["anonym", "Anonymer Anruf", "Privat", "Unbekannt", "unterdrückt", "Nummer unterdrückt", "nicht verfügbar"],
    "fr": ["anonyme", "Privé", "Numéro privé", "Inconnu", "masqué", "NUMÉRO MASQUÉ", "indisponible"],
    "it": ["anonimo", "Privato", "numero privato", "sconosciuto", "nascosto", "Riservato", "non disponibile"],
    "es": ["anónimo", "Privado", "número privado", "desconocido", "Oculto", "NÚMERO OCULTO", "restringido"],
    "sip": ["sip:anonymous@anonymous.invalid", "<sip:Anonymous@10.0.0.1>", '"Anonymous"', "<anonymous>", "(unknown)"],
}


@pytest.mark.parametrize("word", [word for words in WITHHELD.values() for word in words])
def test_a_withheld_number_is_recognised(word: str) -> None:
    assert (is_withheld(word), BARE.e164(word)) == (True, None)


@pytest.mark.parametrize(
    "text", ["", "alice", "Privat Bank AG", "+41616925879", "104", "unknown1", "sip:alice@private.example", "*31#0612345678"]
)
def test_another_text_is_not_withheld(text: str) -> None:
    assert not is_withheld(text)


SHARED = [
    ("+41616925879", "616925879"),
    ("0041616925879", "616925879"),
    ("0616925879", "616925879"),
    ("+390612345678", "0612345678"),
    ("200", "200"),
    ("alice", ""),
]


@pytest.mark.parametrize(("number", "shared"), SHARED)
def test_all_spellings_of_a_number_end_with_its_national_digits(number: str, shared: str) -> None:
    assert national(number) == shared
    certain = SWISS.e164(number)
    assert certain is None or certain.endswith(shared)


# The number as shown, the numbering, what is searched, whether it is found.
PARTS = [
    ("0225101800", SWISS, "022510", True),
    ("0225101800", SWISS, "+4122510", True),
    ("0225101800", SWISS, "004122510", True),
    ("0225101800", SWISS, "4122510", True),
    ("0225101800", SWISS, "5101800", False),
    ("0225101800", Numbering(), "022510", True),
    ("0225101800", Numbering(), "+4122510", False),
    ("022 510 18 00", SWISS, "022510", True),
    ("022 510 18 00", SWISS, "022 5", True),
    ("+41225101800", SWISS, "+4122", True),
    ("+41225101800", SWISS, "0041 22", True),
    ("+41225101800", SWISS, "+4123", False),
    ("41225101800", BARE, "+4122", True),
    ("41225101800", BARE, "4122", True),
    ("*31#0612345678", BARE, "*31#06", True),
    ("*31#0612345678", BARE, "*31", True),
    ("sip:+41225101800@pbx.example", SWISS, "+4122", True),
    ("sip:+41225101800@pbx.example", SWISS, "sip:+41", True),
    ("104", SWISS, "10", True),
    ("104", SWISS, "04", False),
    ("alice", SWISS, "0", False),
]


@pytest.mark.parametrize(("shown", "numbering", "part", "starts"), PARTS)
def test_a_number_is_found_by_its_beginning_as_shown_or_in_e164(shown: str, numbering: Numbering, part: str, starts: bool) -> None:
    assert numbering.matcher(None, part, None)(shown) is starts
    if starts:
        assert numbering.matcher(None, None, part)(shown)


@pytest.mark.parametrize(
    ("shown", "part", "found"),
    [("0225101800", "510", True), ("0225101800", "122510", True), ("0225101800", "0225101801", False), ("022 510 18 00", "10180", True)],
)
def test_a_number_is_found_by_a_part_of_it(shown: str, part: str, found: bool) -> None:
    assert SWISS.matcher(None, None, part)(shown) is found


@pytest.mark.parametrize(("spelling", "region", "bare", "e164"), SPELLINGS)
def test_a_number_is_found_by_all_that_is_shown_of_it(spelling: str, region: str, bare: str, e164: str) -> None:
    numbering = Numbering(None if region.strip() == "-" else region.strip(), bare.strip() == "bare")
    shown = spelling.removesuffix(" ")
    for text in {shown, numbering.e164(shown) or shown}:
        assert numbering.matcher([text], None, None)(shown), text
        assert numbering.matcher(None, text, text)(shown), text


def test_a_service_code_is_not_the_number_of_its_digits() -> None:
    assert not BARE.matcher(["310612345678"], None, None)("*31#0612345678")
    assert not BARE.matcher(["*31#0612345678"], None, None)("310612345678")
    assert not SWISS.matcher(["511711740"], None, None)("51.171.17.40")
