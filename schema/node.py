"""Node: what has a global id, and the text of such ids."""

import base64
import binascii

import strawberry

from telegraphql.schema.described import interface_type

URL_SAFE = bytes.maketrans(b"+/", b"-_")


# What `global_id` does with `kind:provider:native_id`, as an expression for code that writes many ids, and the names that it knows.
ID_TEXT = "b2a_base64(({text}).encode(), newline=False).translate(URL_SAFE).rstrip(b'=').decode()"
ID_NAMES = {"b2a_base64": binascii.b2a_base64, "URL_SAFE": URL_SAFE}


def global_id(kind: str, provider: str, native_id: str) -> str:
    """Return the global id of a record: opaque, URL-safe text."""
    text = binascii.b2a_base64(f"{kind}:{provider}:{native_id}".encode(), newline=False)
    return text.translate(URL_SAFE).rstrip(b"=").decode()


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
