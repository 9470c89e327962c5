"""List decoder: reads the answer to a listing, also one that says "nothing" or writes its numbers in other words."""

from typing import Generic, TypeVar

import msgspec

from telegraphql.gateway.upstream.messages import EMPTY

T = TypeVar("T")
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class ListDecoder(Generic[T]):
    """Decodes an answer to a Struct, of which one field holds the rows.

    Numbers may be written as text. `null`, `{}`, `[]`, and null in place of the rows are an answer without rows."""

    def __init__(self, struct: type[T], rows: str) -> None:
        self._rows = rows
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
            elif bytes((fields := FIELDS.decode(body)).get(self._rows, b"")) != b"null":
                raise
            return self._decoder.decode(msgspec.json.encode({**fields, self._rows: []}))
