"""Request headers by name, and which of our media types a client likes best."""

import pytest
from starlette.types import Scope

from telegraphql.gateway.http.request_headers import EVENT_STREAM, GRAPHQL, HTML, JSON, accepts_explicitly, header, headers, negotiate

OFFERS = (JSON, GRAPHQL, EVENT_STREAM)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"

LIKED = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    ("text/*", EVENT_STREAM),
    (JSON, JSON),
    (GRAPHQL, GRAPHQL),
    ("APPLICATION/JSON", JSON),
    (f"{GRAPHQL}, {JSON}", GRAPHQL),
    (f"{JSON}, {GRAPHQL}", JSON),
    (f"{GRAPHQL};q=0.5, {JSON};q=0.9", JSON),
    (f"{JSON};q=0.9,{GRAPHQL}", GRAPHQL),
    (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
    (f"*/*, {GRAPHQL}", GRAPHQL),
    (f"*/*, {JSON};q=0, {GRAPHQL};q=0.1", EVENT_STREAM),
    (f"{EVENT_STREAM}, {JSON};q=0.5", EVENT_STREAM),
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
    assert negotiate(accept, OFFERS) == liked


def test_a_browser_likes_a_page_best() -> None:
    assert negotiate(BROWSER, (*OFFERS, HTML)) == HTML
    assert negotiate("*/*", (*OFFERS, HTML)) == JSON


@pytest.mark.parametrize(
    ("accept", "named"), [(None, False), ("*/*", False), ("text/*", False), (URQL, True), (f"{EVENT_STREAM};q=0", False)]
)
def test_it_is_known_whether_a_type_is_named(accept: str | None, named: bool) -> None:
    assert accepts_explicitly(accept, EVENT_STREAM) is named


def test_the_first_of_several_counts() -> None:
    scope: Scope = {"headers": [(b"host", b"a"), (b"accept", b"*/*"), (b"host", b"b")]}
    assert headers(scope) == {b"host": b"a", b"accept": b"*/*"}
    assert (header(scope, b"host"), header(scope, b"origin")) == ("a", "")


def test_they_are_put_together_once() -> None:
    scope: Scope = {"headers": [(b"host", b"a")]}
    assert headers(scope) is headers(scope)
