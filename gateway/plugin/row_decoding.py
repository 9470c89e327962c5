"""Row decoding: from JSON to Structs, a whole answer at once while it is regular, field by field where a row is not.

The answer to a listing may also say "nothing", or write its numbers in other words.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

from telegraphql.gateway.upstream.body import valid_utf8
from telegraphql.gateway.upstream.messages import EMPTY
from telegraphql.gateway.upstream.text_repair import repaired

T = TypeVar("T")
NO_ODD: frozenset[str] = frozenset()
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class RowDecoder:
    """Decodes the rows of one Struct. Numbers and booleans may be written as text."""

    def __init__(self, struct: type[msgspec.Struct]) -> None:
        self._struct = struct
        self._one: msgspec.json.Decoder[Any] = msgspec.json.Decoder(struct, strict=False)
        self._all: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[struct], strict=False)  # type: ignore[valid-type]
        self._names = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))
        required = len(self._names) - len(struct.__struct_defaults__)
        self._required = struct.__struct_fields__[:required]
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}

    def all(self, raws: Sequence[Any]) -> list[Any] | None:
        """Return the Structs of all rows; None where one of them is irregular."""
        try:
            rows: list[Any] = self._all.decode(b"[" + b",".join(raws) + b"]")
        except Exception:  # whatever it is, the row that holds it meets it again
            return None
        return rows if len(rows) == len(raws) else None

    def one(self, raw: Any) -> tuple[Any, frozenset[str]]:
        """Return the Struct of one row, and which of its attributes are not of the Struct's types."""
        try:
            return self._one.decode(raw), NO_ODD
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._by_field(repaired(valid_utf8(bytes(raw))))

    def _by_field(self, raw: bytes) -> tuple[Any, frozenset[str]]:
        found = FIELDS.decode(raw)
        values: dict[str, Any] = dict.fromkeys(self._required)
        odd = set[str]()
        for name, encoded in self._names.items():
            if encoded not in found:
                continue
            try:
                values[name] = self._decoder(name).decode(found[encoded])
            except (msgspec.DecodeError, RecursionError):
                values[name] = msgspec.json.decode(found[encoded])
                odd.add(name)
        odd.update(name for name in self._required if self._names[name] not in found)
        return self._struct(**values), frozenset(odd)

    def _decoder(self, name: str) -> "msgspec.json.Decoder[Any]":
        if name not in self._decoders:
            self._decoders[name] = msgspec.json.Decoder(get_type_hints(self._struct)[name], strict=False)
        return self._decoders[name]


class ListDecoder(Generic[T]):
    """Decodes an answer to a Struct, of which one field holds the rows.

    Numbers may be written as text. `null`, `{}`, `[]`, and null in place of the rows are an answer without rows.
    """

    def __init__(self, struct: type[T], rows: str) -> None:
        self.rows = rows
        self._decoder = msgspec.json.Decoder(struct, strict=False)

    def decode(self, body: bytes, /) -> T:
        """Return the answer.

        Raises:
            msgspec.DecodeError: the body is something else.
        """
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError:
            if body.strip() in EMPTY:
                fields = dict[str, msgspec.Raw]()
            elif bytes((fields := FIELDS.decode(body)).get(self.rows, b"")) != b"null":
                raise
            return self._decoder.decode(msgspec.json.encode({**fields, self.rows: []}))


@lru_cache(maxsize=1024)
def decoder_of(struct: type[msgspec.Struct]) -> RowDecoder:
    """Return the decoder of a Struct."""
    return RowDecoder(struct)
