"""Node: what has a global id, and the text of such ids."""

import base64
import binascii
from collections.abc import Callable

import strawberry

from telegraphql.schema.described import interface_type

URL_SAFE = bytes.maketrans(b"+/", b"-_")


def global_id(kind: str, provider: str, native_id: str) -> str:
    """Return the global id of a record: opaque, URL-safe text."""
    text = binascii.b2a_base64(f"{kind}:{provider}:{native_id}".encode(), newline=False)
    return text.translate(URL_SAFE).rstrip(b"=").decode()


def id_writer(kind: str, provider: str) -> Callable[[str], str]:
    """Return a function that writes the opaque ids of one provider's records of a kind."""
    begun = f"{kind}:{provider}:"

    def write(native_id: str) -> str:
        text = binascii.b2a_base64((begun + native_id).encode(), newline=False)
        return text.translate(URL_SAFE).rstrip(b"=").decode()

    return write


def read_global_id(text: str) -> tuple[str, str, str]:
    """Return the kind, the provider and the native id of a global id.

    Raises:
        ValueError: The text was not written by `global_id`.
    """
    try:
        kind, provider, native_id = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode().split(":", 2)
    except ValueError:
        raise ValueError("not an id of this gateway") from None
    if not (kind and provider and native_id) or global_id(kind, provider, native_id) != text:
        raise ValueError("not an id of this gateway")
    return kind, provider, native_id


@interface_type
class Node:
    """An object with a global id."""

    @strawberry.field(description="The global id. Pass it to `node(id)`.")
    def id(self) -> strawberry.ID:
        raise NotImplementedError
