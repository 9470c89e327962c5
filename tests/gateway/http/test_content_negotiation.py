"""Which of our media types a client likes best."""

import pytest

from telegraphql.gateway.http.content_negotiation import EVENTS, GRAPHQL, JSON, PAGE, names, preferred

OFFERS = (JSON, GRAPHQL, EVENTS)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"

LIKED = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    ("text/*", EVENTS),
    (JSON, JSON),
    (GRAPHQL, GRAPHQL),
    ("APPLICATION/JSON", JSON),
    (f"{GRAPHQL}, {JSON}", GRAPHQL),
    (f"{JSON}, {GRAPHQL}", JSON),
    (f"{GRAPHQL};q=0.5, {JSON};q=0.9", JSON),
    (f"{JSON};q=0.9,{GRAPHQL}", GRAPHQL),
    (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
    (f"*/*, {GRAPHQL}", GRAPHQL),
    (f"*/*, {JSON};q=0, {GRAPHQL};q=0.1", EVENTS),
    (f"{EVENTS}, {JSON};q=0.5", EVENTS),
    (URQL, GRAPHQL),
    ("multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9", GRAPHQL),
    (BROWSER, JSON),
    ("image/png", None),
    (f"{JSON};q=0", None),
    (f"{JSON};q=nonsense", JSON),
    (",;,", None),
]


@pytest.mark.parametrize(("accept", "liked"), LIKED)
def test_the_best_of_our_offers_is_taken(accept: str | None, liked: str | None) -> None:
    assert preferred(accept, OFFERS) == liked


def test_a_browser_likes_a_page_best() -> None:
    assert preferred(BROWSER, (*OFFERS, PAGE)) == PAGE
    assert preferred("*/*", (*OFFERS, PAGE)) == JSON


@pytest.mark.parametrize(("accept", "named"), [(None, False), ("*/*", False), ("text/*", False), (URQL, True), (f"{EVENTS};q=0", False)])
def test_it_is_known_whether_a_type_is_named(accept: str | None, named: bool) -> None:
    assert names(accept, EVENTS) is named
