"""References of other graphs to an entity: its type and its key."""

from collections.abc import Mapping
from dataclasses import dataclass

from telegraphql.gateway.errors import BadId, BadInput, RequestError
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.node import read_global_id

# The key field of each entity.
KEYS: Mapping[str, str] = dict.fromkeys(sorted(KINDS), "id") | {"PhoneNumber": "number", "Provider": "name"}


@dataclass(frozen=True, slots=True)
class EntityReference:
    """An entity's type and key."""

    kind: str
    key: str


def parse_reference(representation: object) -> EntityReference | RequestError:
    """Return the reference in a representation, or the error of an invalid one."""
    if not isinstance(representation, dict):
        return BadInput("a representation must be an object with __typename and a key")
    kind = representation.get("__typename")
    if not isinstance(kind, str) or kind not in KEYS:
        return BadInput(f"__typename {str(kind)[:80]!r} is not an entity of this graph; use one such as Call")
    key = representation.get(KEYS[kind])
    if not isinstance(key, str) or not key:
        return BadInput(f"a representation of {kind} needs its key {KEYS[kind]!r}, as a string")
    if kind in KINDS and not _is_id(kind, key):
        return BadId(f"{key[:80]!r} is not the id of a {kind} of this gateway")
    return EntityReference(kind, key)


def _is_id(kind: str, text: str) -> bool:
    try:
        return read_global_id(text)[0] == kind
    except ValueError:
        return False
