"""Upstream: the one place where requests leave for a provider - auth, timeouts, limits, error translation, redaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

import httpx
import msgspec

from telegraphql.gateway.errors import BadAnswer, Expired, Unauthorized, UpstreamError
from telegraphql.gateway.upstream.cache import Answers
from telegraphql.gateway.upstream.coalescing import Borrowed, Flights
from telegraphql.gateway.upstream.content_check import is_instead, may_be_instead
from telegraphql.gateway.upstream.deadline import within_deadline
from telegraphql.gateway.upstream.error_mapping import by_status, translated
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.local_io import Local, still_wanted
from telegraphql.gateway.upstream.messages import MOST_BYTES, Answer, Decoder, Request
from telegraphql.gateway.upstream.request_budget import current, is_changing
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.gateway.upstream.sender import Sender, read, whole

__all__ = ["Answer", "Decoder", "Provides", "Request", "Upstream", "still_wanted"]
T = TypeVar("T")
UNGUARDED = ResilienceSettings(attempts=1, breaker_failures=1_000_000, at_once=1000, per_second=100_000)


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
        guard: Resilience | None = None,
        answers: Answers | None = None,
        local: Local | None = None,
    ) -> None:
        self._sender = Sender(client, base_url, file_hosts)
        self.health = health or Health()
        self._guard = guard or Resilience(UNGUARDED, self.health)
        self.recorder = self._guard.recorder
        self._answers = answers
        self._local = local or Local()
        self._flights: Flights[Any] = Flights()
        self._changes = 0
        self._renewals = 0
        self._not_renewed: UpstreamError | None = None
        self._renewing = asyncio.Lock()
        self.provider: Provides

    async def read(self, request: Request, decoder: "Decoder[T]") -> T:
        """What the answer to a request says, decoded. An answer in another format than the documented one is a failure like any other:
        a read is tried again, the breaker counts it, Health shows it. Whoever asks the same meanwhile gets the same value."""

        async def asked() -> tuple[Answer, T]:
            return await self._renewed(request, lambda signed: self._decoded(signed, decoder))

        answers = self._answers
        if answers is None or is_changing() or not request.auth or current().fresh:
            return (await self._shared(request, decoder, asked))[1]
        key = answers.key(_identity(request))
        return await answers.read(
            key,
            lambda body: Answer(200, body, {}).decode(decoder),
            lambda: self._shared(request, decoder, lambda: answers.keeping(key, asked)),
        )

    async def ask(self, request: Request) -> Answer:
        """The answer to a request as it came, for what `read` does not suit: the status or a header matters, or a command is done
        whatever is shown of it. Credentials are renewed once when they ran out; identical reads under way are asked once."""
        return await self._shared(request, None, lambda: self._renewed(request, self._ask))

    async def run(self, operation: str, work: Callable[[], T]) -> T:
        """What a function gives that reads files or a database of this machine, in a thread: guarded and counted as a request is."""
        try:
            return await self._renewed(Request(operation=operation, local=work), lambda asked: self._local.run(asked.operation, work))
        finally:
            await self._changed()

    async def _shared(self, request: Request, decoder: "Decoder[Any] | None", asked: Callable[[], Awaitable[T]]) -> T:
        if is_changing() or not request.auth:
            try:
                return await asked()
            finally:
                await self._changed()
        # A command in between makes two reads different, and so does what they are decoded with.
        flight = self._changes, id(decoder), _identity(request)
        if flight in self._flights:
            self.recorder.cached("shared")
        async with within_deadline():
            try:
                joined: T = await self._flights.join(flight, asked)
                return joined
            except Borrowed:
                return await asked()

    async def _changed(self) -> None:
        """After what a command has sent, done or not, nothing is what it was."""
        if is_changing():
            self._changes += 1
            if self._answers is not None:
                await self._answers.clear()

    async def _decoded(self, request: Request, decoder: "Decoder[T]") -> tuple[Answer, T]:
        answer = await self._ask(request)
        return answer, answer.decode(decoder)

    @asynccontextmanager
    async def stream(self, request: Request, mime_type: str | None = None) -> AsyncIterator[httpx.Response]:
        """The open answer to a request for a file of a type, where that is known; redirects are not followed."""
        response = await self._renewed(request, lambda signed: self._open(signed, mime_type))
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
        if self._answers is not None:
            await self._answers.aclose()
        await self._sender.aclose()
        self._local.aclose()

    async def _renewed(self, request: Request, attempt: "Callable[[Request], Awaitable[T]]") -> T:
        """What an attempt gives, made a second time with new credentials where the old ones ran out."""
        seen = self._renewals
        try:
            return await self._named(self._guarded(request, attempt))
        except Expired:
            if not request.auth:
                raise
        await self._named(self._renew(seen))
        return await self._named(self._guarded(request, lambda signed: _no_longer_expired(attempt, signed)))

    def _guarded(self, request: Request, attempt: "Callable[[Request], Awaitable[T]]") -> Awaitable[T]:
        """Through the guard. What needs no credentials gets them for others, or is a file: it may not wait for those who wait for it."""
        if not request.auth:
            return self._hurried(request, attempt)
        through = self._guard.once if is_changing() else self._guard.read
        return through(partial(self._recorded, request, attempt))

    async def _hurried(self, request: Request, attempt: "Callable[[Request], Awaitable[T]]") -> T:
        async with within_deadline():
            return await self._recorded(request, attempt)

    async def _recorded(self, request: Request, attempt: "Callable[[Request], Awaitable[T]]") -> T:
        signed = await self._signed(request)
        with self.recorder.request(signed.operation):
            return await attempt(signed)

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

    async def _named(self, attempt: "Awaitable[T]") -> T:
        try:
            found = await attempt
        except UpstreamError as error:
            error.provider = error.provider or self.provider.name
            self.health.failed(error)
            raise
        self.health.succeeded()
        return found

    async def _ask(self, request: Request) -> Answer:
        response = await self._sender.plainly(request)
        try:
            body = await read(response, request.most_bytes)
        finally:
            await response.aclose()
        answer = Answer(response.status_code, body, response.headers)
        self._judge(answer)
        return answer

    async def _open(self, request: Request, mime_type: str | None) -> httpx.Response:
        if request.local is not None:
            return await self._local.open(request.operation, request.local, request.headers.get("Range"))
        response = await self._sender.fully(request)
        status = response.status_code
        is_file = status in (200, 206) and not is_instead(response.headers, mime_type)
        try:
            if is_file and may_be_instead(response.headers, mime_type):
                self._judge(Answer(status, await whole(response), response.headers))
            if is_file or (status == 416 and "Range" in request.headers):
                return response
            self._judge(Answer(status, await read(response, MOST_BYTES), response.headers))
            raise BadAnswer("sent something else in place of the file" if status < 300 else f"the file was answered with status {status}")
        except BaseException:
            await response.aclose()
            raise

    async def _signed(self, request: Request) -> Request:
        """A copy with the credentials, counted as sent."""
        signed = request.copy()
        if signed.auth and signed.local is None:
            await self.provider.authorize(signed)
        current().count(self.provider.name, signed.operation)
        return signed

    def _judge(self, answer: Answer) -> None:
        refusal = self.provider.refusal(answer) or by_status(answer.status, answer.headers)
        if refusal is not None:
            raise refusal


def _identity(request: Request) -> bytes:
    """What makes two reads of one account the same."""
    return msgspec.json.encode((request.method, request.path, request.params, request.form, request.json, request.headers))


async def _no_longer_expired(attempt: Callable[[Request], Awaitable[T]], request: Request) -> T:
    """What an attempt gives; credentials that are refused as soon as they are new did not run out."""
    try:
        return await attempt(request)
    except Expired as error:
        raise Unauthorized(error.message) from None
