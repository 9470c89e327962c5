"""Upstream: the one place where requests leave for a provider - auth, timeouts, limits, error translation, redaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from gateway.errors import (
    BadAnswer,
    Expired,
    Forbidden,
    TooLarge,
    Unauthorized,
    UpstreamError,
)
from gateway.transport.flights import Borrowed, Flights
from gateway.transport.guard import Guard, GuardSettings, within_deadline
from gateway.transport.health import Health
from gateway.transport.operation import current, is_changing
from gateway.transport.surrogates import mended
from gateway.transport.translation import by_status, translated

T = TypeVar("T")
MOST_BYTES = 32 * 1024 * 1024
UNGUARDED = GuardSettings(attempts=1, breaker_failures=1_000_000, at_once=1000, per_second=100_000)


@dataclass(slots=True, kw_only=True)
class Request:
    """A request in the upstream's words. `operation` is its name in logs and counts, without ids; `path` may be a whole URL of a file.

    Its repr shows nothing that may be secret."""

    operation: str
    path: str = field(default="", repr=False)
    method: str = "GET"
    params: dict[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] | None = field(default=None, repr=False)
    json: Any = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    auth: bool = True
    most_bytes: int = MOST_BYTES


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


class Provides(Protocol):
    """What the client needs of a provider: its credentials and its words for refusals."""

    name: str

    async def authorize(self, request: Request) -> None:
        """Put the credentials into a request."""

    async def renew(self) -> None:
        """Get new credentials."""

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """The error an answer stands for."""


class Upstream:
    """The client of one provider. Every failure leaves it as an UpstreamError that names the provider."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        base_url: str,
        file_hosts: tuple[str, ...] = (),
        health: Health | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._client = client
        self._base = base_url.rstrip("/")
        self._hosts = {urlsplit(self._base).netloc, *file_hosts}
        self.health = health or Health()
        self._guard = guard or Guard(UNGUARDED, self.health)
        self._flights: Flights[Answer] = Flights()
        self._changes = 0
        self._renewals = 0
        self._not_renewed: UpstreamError | None = None
        self._renewing = asyncio.Lock()
        self.provider: Provides

    async def ask(self, request: Request) -> Answer:
        """The answer to a request, credentials renewed once when they ran out. Identical reads under way are asked once."""
        if is_changing() or not request.auth:
            try:
                return await self._asked(request)
            finally:
                self._changes += is_changing()
        async with within_deadline():
            try:
                return await self._flights.join(self._identity(request), lambda: self._asked(request))
            except Borrowed:
                return await self._asked(request)

    async def _asked(self, request: Request) -> Answer:
        return await self._renewed(request, self._ask)

    def _identity(self, request: Request) -> Hashable:
        """What makes two reads the same; a command in between makes them different."""
        parts = (self._changes, request.method, request.path, request.params, request.form, request.json, request.headers)
        return msgspec.json.encode(parts)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[httpx.Response]:
        """The open answer to a request for a file; redirects are not followed."""
        response = await self._renewed(request, self._open)
        try:
            with translated():
                yield response
        except UpstreamError as error:
            error.provider = error.provider or self.provider.name
            raise
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _renewed(self, request: Request, attempt: "Callable[[Request], Awaitable[T]]") -> T:
        """What an attempt gives, made a second time with new credentials where the old ones ran out."""
        seen = self._renewals
        try:
            return await self._named(lambda: self._guarded(request, attempt))
        except Expired:
            if not request.auth:
                raise
        await self._named(lambda: self._renew(seen))
        return await self._named(lambda: self._guarded(request, lambda signed: _no_longer_expired(attempt, signed)))

    async def _guarded(self, request: Request, attempt: "Callable[[Request], Awaitable[T]]") -> T:
        """Through the guard. What needs no credentials gets them for others, or is a file: it may not wait for those who wait for it."""
        if not request.auth:
            async with within_deadline():
                return await attempt(request)
        through = self._guard.once if is_changing() else self._guard.read
        return await through(lambda: attempt(request))

    async def _renew(self, seen: int) -> None:
        """Renew once for all who found the credentials expired; who waited meanwhile shares the outcome, be it good or bad.

        The guard counts it, so that credentials that are refused again and again are not tried all the time."""
        async with self._renewing:
            if self._renewals != seen:
                if self._not_renewed is not None:
                    raise self._not_renewed
                return
            try:
                await self._guard.renew(self.provider.renew)
            except UpstreamError as error:
                self._renewals, self._not_renewed = seen + 1, error
                raise
            self._renewals, self._not_renewed = seen + 1, None

    async def _named(self, attempt: "Callable[[], Awaitable[T]]") -> T:
        try:
            found = await attempt()
        except UpstreamError as error:
            error.provider = error.provider or self.provider.name
            self.health.failed(error)
            raise
        self.health.succeeded()
        return found

    async def _ask(self, request: Request) -> Answer:
        response = await self._send(request)
        try:
            body = await self._read(response, request.most_bytes)
        finally:
            await response.aclose()
        answer = Answer(response.status_code, body, response.headers)
        self._judge(answer)
        return answer

    async def _open(self, request: Request) -> httpx.Response:
        response = await self._send(request)
        if response.status_code in (200, 206) or (response.status_code == 416 and "Range" in request.headers):
            return response
        try:
            self._judge(Answer(response.status_code, await self._read(response, MOST_BYTES), response.headers))
        finally:
            await response.aclose()
        raise BadAnswer(f"the file was answered with status {response.status_code}")

    async def _send(self, request: Request) -> httpx.Response:
        signed = replace(
            request, params=dict(request.params), headers=dict(request.headers), form=None if request.form is None else dict(request.form)
        )
        if signed.auth:
            await self.provider.authorize(signed)
        current().count(self.provider.name, signed.operation)
        with translated():
            return await self._client.send(self._built(signed), stream=True, follow_redirects=False)

    def _built(self, request: Request) -> httpx.Request:
        whole = request.path.startswith(("http://", "https://"))
        url = request.path if whole else self._base + request.path
        try:
            host = urlsplit(url).netloc
        except ValueError:
            raise BadAnswer("the address of the file is broken") from None
        if host not in self._hosts:
            raise Forbidden("the file is kept on a host that is not this provider's; add it to `file_hosts` if you trust it")
        address = httpx.URL(url).copy_merge_params(request.params)
        return self._client.build_request(request.method, address, data=request.form, json=request.json, headers=request.headers)

    async def _read(self, response: httpx.Response, most: int) -> bytes:
        body = bytearray()
        with translated():
            async for part in response.aiter_bytes():
                body += part
                if len(body) > most:
                    raise TooLarge(f"the answer is longer than {most} bytes")
        return bytes(body)

    def _judge(self, answer: Answer) -> None:
        refusal = self.provider.refusal(answer) or by_status(answer.status, answer.headers)
        if refusal is not None:
            raise refusal


async def _no_longer_expired(attempt: Callable[[Request], Awaitable[T]], request: Request) -> T:
    """What an attempt gives; credentials that are refused as soon as they are new did not run out."""
    try:
        return await attempt(request)
    except Expired as error:
        raise Unauthorized(error.message) from None
