"""References: what other graphs say of an entity - its type and its key."""

from collections.abc import Mapping
from dataclasses import dataclass

from telegraphql.gateway.errors import BadId, BadInput, RequestError
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.record import read_global_id

# By which field each entity is known.
KEYS: Mapping[str, str] = dict.fromkeys(sorted(KINDS), "id") | {"PhoneNumber": "number", "Provider": "name"}


@dataclass(frozen=True, slots=True)
class Reference:
    """An entity's type and its key."""

    kind: str
    key: str


def read(representation: object) -> Reference | RequestError:
    """The reference that a representation is, or what is wrong with it."""
    if not isinstance(representation, dict):
        return BadInput("a representation is an object with __typename and a key")
    kind = representation.get("__typename")
    if not isinstance(kind, str) or kind not in KEYS:
        return BadInput(f"a representation's __typename is that of an entity of this graph, such as Call; this is {str(kind)[:80]!r}")
    key = representation.get(KEYS[kind])
    if not isinstance(key, str) or not key:
        return BadInput(f"a representation of a {kind} needs its {KEYS[kind]}, as text")
    if kind in KINDS and not _is_id(kind, key):
        return BadId(f"{key[:80]!r} is not the id of a {kind} of this gateway")
    return Reference(kind, key)


def _is_id(kind: str, text: str) -> bool:
    try:
        return read_global_id(text)[0] == kind
    except ValueError:
        return False
