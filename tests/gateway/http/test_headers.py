"""Headers by name; of several under one name the first counts."""

from starlette.types import Scope

from telegraphql.gateway.http.headers import header, headers


def test_the_first_of_several_counts() -> None:
    scope: Scope = {"headers": [(b"host", b"a"), (b"accept", b"*/*"), (b"host", b"b")]}
    assert headers(scope) == {b"host": b"a", b"accept": b"*/*"}
    assert (header(scope, b"host"), header(scope, b"origin")) == ("a", "")


def test_they_are_put_together_once() -> None:
    scope: Scope = {"headers": [(b"host", b"a")]}
    assert headers(scope) is headers(scope)
