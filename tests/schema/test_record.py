"""Global ids: opaque, and leading back to one record of one provider."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.schema.node import global_id, read_global_id

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@given(NAMES, NAMES, st.text(min_size=1))
def test_an_id_leads_back(kind: str, provider: str, native: str) -> None:
    assert read_global_id(global_id(kind, provider, native)) == (kind, provider, native)


def test_an_ids_text_never_changes() -> None:
    assert global_id("Call", "acme-eu", "2024:7") == "Q2FsbDphY21lLWV1OjIwMjQ6Nw"
    assert read_global_id("Q2FsbDphY21lLWV1OjIwMjQ6Nw") == ("Call", "acme-eu", "2024:7")


WRONG = ["", "Q", "!!!", "Q2FsbA", "Q2FsbDph", "Q2FsbDphOg", "OjphOjE", "Q2FsbDphOjE=", "Q2FsbDphOjF", "ähm", "gICA", "Q2FsbDphOjE\n"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an id of this gateway"):
        read_global_id(text)


@given(st.text())
def test_nothing_else_is_taken_for_an_id(text: str) -> None:
    try:
        found = read_global_id(text)
    except ValueError:
        return
    assert global_id(*found) == text
