"""Credentials: found where clients put them; two that differ are none."""

from typing import Any

import pytest

from telegraphql.gateway.auth.authentication import MAX_LENGTH, credential_from_headers, credential_from_payload

HEADERS: dict[str, tuple[list[tuple[str, str]], str | None]] = {
    "nothing": ([("accept", "x")], None),
    "a bearer": ([("authorization", "Bearer tgq_1")], "tgq_1"),
    "a bearer in small letters": ([("authorization", "bearer  tgq_1 ")], "tgq_1"),
    "an API key": ([("x-api-key", "tgq_1")], "tgq_1"),
    "the same twice": ([("x-api-key", "tgq_1"), ("authorization", "Bearer tgq_1")], "tgq_1"),
    "two that differ": ([("x-api-key", "tgq_1"), ("authorization", "Bearer tgq_2")], ""),
    "two of one header": ([("authorization", "Bearer tgq_1"), ("authorization", "Bearer tgq_2")], ""),
    "another scheme": ([("authorization", "Basic dXNlcjpwYXNz")], ""),
    "no scheme": ([("authorization", "tgq_1")], ""),
    "an empty one": ([("authorization", "Bearer ")], ""),
    "one that is too long": ([("authorization", "Bearer " + "x" * (MAX_LENGTH + 1))], ""),
    "letters that no key has": ([("x-api-key", "tgq_\xe9")], ""),
    "a cookie": ([("cookie", "key=tgq_1")], None),
}


@pytest.mark.parametrize(("headers", "found"), HEADERS.values(), ids=HEADERS)
def test_a_request_brings_its_credential_in_a_header(headers: list[tuple[str, str]], found: str | None) -> None:
    assert credential_from_headers((name.encode(), value.encode("latin-1")) for name, value in headers) == found


PAYLOADS: dict[str, tuple[Any, str | None]] = {
    "nothing": ({}, None),
    "null": (None, None),
    "a list": (["Bearer tgq_1"], None),
    "authorization": ({"authorization": "Bearer tgq_1"}, "tgq_1"),
    "Authorization": ({"Authorization": "Bearer tgq_1"}, "tgq_1"),
    "an API key": ({"apiKey": "tgq_1"}, "tgq_1"),
    "a header's name": ({"X-API-Key": "tgq_1"}, "tgq_1"),
    "headers": ({"headers": {"Authorization": "Bearer tgq_1"}}, "tgq_1"),
    "two that differ": ({"apiKey": "tgq_1", "headers": {"Authorization": "Bearer tgq_2"}}, ""),
    "a number": ({"apiKey": 7}, None),
    "half a character": ({"apiKey": "tgq_\udcff"}, ""),
    "headers that are none": ({"headers": "Authorization"}, None),
}


@pytest.mark.parametrize(("payload", "found"), PAYLOADS.values(), ids=PAYLOADS)
def test_a_websocket_brings_it_in_its_first_message(payload: Any, found: str | None) -> None:
    assert credential_from_payload(payload) == found
