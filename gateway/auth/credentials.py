"""Credentials: what a request or a WebSocket's first message brings to prove who asks."""

from collections.abc import Iterable, Mapping
from typing import Any

MOST = 16_384


def of_headers(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key or token of a request, from `Authorization: Bearer` or `X-API-Key`; None without either, "" for what cannot be one."""
    found = [_said(name, value) for name, value in headers if name in (b"authorization", b"x-api-key")]
    # Two that differ are one too many: whoever stands in between may have looked at the other.
    return None if not found else found[0] if len(set(found)) == 1 else ""


def of_payload(payload: Any) -> str | None:
    """The key or token of graphql-transport-ws' connection_init; browsers cannot give a WebSocket headers."""
    if not isinstance(payload, Mapping):
        return None
    inner = payload.get("headers")
    parts = {**(inner if isinstance(inner, Mapping) else {}), **payload}
    given = [(str(name).lower(), value) for name, value in parts.items() if isinstance(value, str)]
    names = {"authorization": b"authorization", "apikey": b"x-api-key", "x-api-key": b"x-api-key"}
    return of_headers((names[name], value.encode("utf-8", "surrogatepass")) for name, value in given if name in names)


def _said(name: bytes, value: bytes) -> str:
    text = value.decode("latin-1").strip()
    if name == b"authorization":
        scheme, _, text = text.partition(" ")
        if scheme.lower() != "bearer":
            return ""
    text = text.strip()
    return text if len(text) <= MOST and text.isascii() else ""
