"""Credentials: the API key or token in a request's headers or in a WebSocket's first message."""

from collections.abc import Iterable, Mapping
from typing import Any

MAX_LENGTH = 16_384
HEADERS_BY_PAYLOAD_KEY = {"authorization": b"authorization", "apikey": b"x-api-key", "x-api-key": b"x-api-key"}


def credential_from_headers(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the key or token in `Authorization: Bearer` or `X-API-Key`.

    None: there is neither header. "": a header cannot hold a credential, or two headers hold different ones.
    """
    found = [_credential(name, value) for name, value in headers if name in (b"authorization", b"x-api-key")]
    # Of two different ones, a proxy in between may have checked the other.
    return None if not found else found[0] if len(set(found)) == 1 else ""


def credential_from_payload(payload: Any) -> str | None:
    """Return the key or token in the payload of graphql-transport-ws' connection_init.

    Browsers cannot set headers on a WebSocket. The payload may hold the headers at its top level or under `headers`.
    """
    if not isinstance(payload, Mapping):
        return None
    nested = payload.get("headers")
    entries = {**(nested if isinstance(nested, Mapping) else {}), **payload}
    texts = [(str(name).lower(), value) for name, value in entries.items() if isinstance(value, str)]
    return credential_from_headers(
        (HEADERS_BY_PAYLOAD_KEY[name], value.encode("utf-8", "surrogatepass")) for name, value in texts if name in HEADERS_BY_PAYLOAD_KEY
    )


def _credential(header: bytes, value: bytes) -> str:
    text = value.decode("latin-1").strip()
    if header == b"authorization":
        scheme, _, text = text.partition(" ")
        if scheme.lower() != "bearer":
            return ""
    text = text.strip()
    return text if len(text) <= MAX_LENGTH and text.isascii() else ""
