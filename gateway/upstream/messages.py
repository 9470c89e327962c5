"""Messages: a request to an upstream, its answer, and the exchange of both."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from time import thread_time
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from telegraphql.gateway.errors import BadAnswer, TooLarge
from telegraphql.gateway.upstream.body import MAX_BODY_BYTES
from telegraphql.gateway.upstream.request_budget import IS_CHANGING, current, note_answer
from telegraphql.gateway.upstream.text_repair import repaired
from telegraphql.gateway.upstream.work import Work

T = TypeVar("T")
Handler: TypeAlias = "Callable[[Exchange], Awaitable[Any]]"
Step: TypeAlias = "Callable[[Handler, Exchange], Awaitable[Any]]"
# A shorter answer is decoded in about a millisecond; a longer one in a thread, after its memory was estimated.
INLINE_BYTES = 256 * 1024
INLINE_XML_BYTES = 16 * 1024
# Bytes that a decoded answer may take, and what an object and a value take, roughly.
MAX_DECODED_BYTES, OBJECT_BYTES, VALUE_BYTES = 64 * 1024 * 1024, 200, 60


@dataclass(slots=True, kw_only=True)
class Request:
    """A request in the upstream's words.

    `operation` is its name in logs and metrics, without ids. `path` may be the whole URL of a file. `local` opens a file of this machine
    instead, such as `partial(folder.open, name)`; it runs in a thread. A longer answer than `max_bytes` is refused. `link` is an address
    that the upstream sent for its next page, whole or relative to `path`: it takes the place of `path` and `params`, and is refused if it
    leads to another origin than the upstream's. `host` is the setting with the URL of another host of the upstream, such as "media_url", to
    which `path` belongs instead of `base_url`. The repr shows nothing that may be secret.
    """

    operation: str
    path: str = field(default="", repr=False)
    method: str = "GET"
    params: dict[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] | None = field(default=None, repr=False)
    json: Any = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    auth: bool = True
    local: Callable[[], Any] | None = field(default=None, repr=False)
    max_bytes: int = MAX_BODY_BYTES
    link: str | None = field(default=None, repr=False)
    host: str = field(default="base_url", repr=False)

    def copy(self) -> "Request":
        """Return a copy with parameters, headers and form of its own."""
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
            max_bytes=self.max_bytes,
            link=self.link,
            host=self.host,
        )


# UnicodeDecodeError: text of the answer that was not read by this gateway.
DECODE_ERRORS = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
EMPTY = (b"[]", b"{}", b"null")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request. Its repr shows no body."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def decode(self, decoder: "Decoder[T]") -> T:
        """Return the body in the documented format, repaired if single characters are broken.

        Raises:
            BadAnswer: the body is something else.
        """
        try:
            return decoder.decode(self.body)
        except DECODE_ERRORS as error:
            body = repaired(self.body)
            if body != self.body:
                return replace(self, body=body).decode(decoder)
            if self._is_empty:
                return self._decode_empty(decoder)
            raise BadAnswer(f"the answer is not in the documented format ({type(error).__name__})") from None

    @property
    def _is_empty(self) -> bool:
        return self.body.strip() in EMPTY or (not self.body and self.status == HTTPStatus.NO_CONTENT)

    def _decode_empty(self, decoder: "Decoder[T]") -> T:
        """Return what a decoder makes of another way to write nothing: some upstreams send an object or null for an empty list."""
        for body in EMPTY:
            try:
                return decoder.decode(body)
            except DECODE_ERRORS:
                continue
        raise BadAnswer("the answer is empty, where the documented format is not")

    async def decoded(self, decoder: "Decoder[T]") -> T:
        """Return the body as `decode` does, without blocking other tasks if it is long.

        Raises:
            TooLarge: the decoded answer would take too much memory.
        """
        note_answer(len(self.body))
        if len(self.body) <= (INLINE_XML_BYTES if self.body[:1] == b"<" else INLINE_BYTES):
            try:
                return decoder.decode(self.body)
            except DECODE_ERRORS:
                return self.decode(decoder)
        return await asyncio.to_thread(self._decode_long, decoder, current().work)

    def _decode_long(self, decoder: "Decoder[T]", work: Work) -> T:
        began = thread_time()
        objects, values = self.body.count(b"{"), self.body.count(b",")
        if len(self.body) + OBJECT_BYTES * objects + VALUE_BYTES * values > MAX_DECODED_BYTES:
            raise TooLarge("sent more records than can be read at once")
        try:
            return self.decode(decoder)
        finally:
            work.cpu_seconds += thread_time() - began


class Decoder(Protocol[T]):  # type: ignore[misc]
    """A msgspec decoder, or anything with the same method."""

    def decode(self, body: bytes, /) -> T:
        """Return the decoded value; raise msgspec.DecodeError if there is none."""


@dataclass(slots=True)
class Exchange:
    """A request, how its answer is decoded, and what the steps to the upstream have found out about both.

    `answer` is set by the attempt that succeeded; it stays None where the value came from the cache or from another exchange.
    """

    request: Request
    decoder: "Decoder[Any] | None" = None
    is_command: bool = field(default_factory=IS_CHANGING.get)
    is_file: bool = False
    mime_type: str | None = None
    is_renewed: bool = False
    answer: Answer | None = None
    _identity: bytes = b""

    @property
    def identity(self) -> bytes | None:
        """Return the bytes that are equal for two equal requests of one account.

        None if nobody else may use the answer: it is a file or a login, is read on this machine, or changes something.
        """
        asked = self.request
        if not asked.auth or self.is_file or self.is_command or asked.local is not None:
            return None
        if not self._identity:
            self._identity = msgspec.json.encode(
                (asked.method, asked.host, asked.path, asked.params, asked.form, asked.json, asked.headers)
            )
        return self._identity
