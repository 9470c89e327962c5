"""Messages: a request in an upstream's words, and what came back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import msgspec

from telegraphql.gateway.errors import BadAnswer
from telegraphql.gateway.upstream.surrogates import mended

T = TypeVar("T")
MOST_BYTES = 32 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Request:
    """A request in the upstream's words. `operation` is its name in logs and counts, without ids; `path` may be a whole URL of a file.
    `local` opens a file of this machine instead, such as `partial(folder.open, name)`; it runs in a thread.

    Its repr shows nothing that may be secret."""

    operation: str
    path: str = field(default="", repr=False)
    method: str = "GET"
    params: dict[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] | None = field(default=None, repr=False)
    json: Any = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    auth: bool = True
    local: Callable[[], Any] | None = field(default=None, repr=False)
    most_bytes: int = MOST_BYTES

    def copy(self) -> "Request":
        """The same once more, with parameters, headers and form of its own."""
        return Request(
            operation=self.operation,
            path=self.path,
            method=self.method,
            params=dict(self.params),
            form=None if self.form is None else dict(self.form),
            json=self.json,
            headers=dict(self.headers),
            auth=self.auth,
            local=self.local,
            most_bytes=self.most_bytes,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Its repr shows no body."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def decode(self, decoder: "Decoder[T]") -> T:
        """The body in the documented format; BadAnswer where it is something else."""
        try:
            return decoder.decode(self.body)
        except (msgspec.DecodeError, RecursionError) as error:
            whole = mended(self.body)
            if whole != self.body:
                return replace(self, body=whole).decode(decoder)
            raise BadAnswer(f"the answer is not in the documented format ({type(error).__name__})") from None


class Decoder(Protocol[T]):  # type: ignore[misc]
    """A msgspec decoder, or anything alike."""

    def decode(self, body: bytes, /) -> T:
        """The value; msgspec.DecodeError where there is none."""
