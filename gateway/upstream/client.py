"""Upstream: the one place where requests leave for a provider."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import httpx

from telegraphql.gateway.errors import BadAnswer, BadData, Expired, Unauthorized, UpstreamError
from telegraphql.gateway.tracebacks import drop_tracebacks
from telegraphql.gateway.upstream.body import plain_headers, read_body, readable
from telegraphql.gateway.upstream.cache import AccountCache
from telegraphql.gateway.upstream.coalescing import Coalescer
from telegraphql.gateway.upstream.content_check import is_instead, may_be_instead
from telegraphql.gateway.upstream.credentials import Credentials
from telegraphql.gateway.upstream.error_mapping import by_status, translated
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.instrumentation import Sent
from telegraphql.gateway.upstream.local_io import Local, still_wanted
from telegraphql.gateway.upstream.messages import Answer, Decoder, Exchange, Handler, Request, Step
from telegraphql.gateway.upstream.request_budget import current
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.gateway.upstream.sender import REDIRECTS, Sender

log = logging.getLogger("telegraphql")
__all__ = ["Answer", "Decoder", "Provides", "Request", "Upstream", "still_wanted"]
T = TypeVar("T")
MAX_REDIRECTS = 3
UNLIMITED = ResilienceSettings(max_attempts=1, breaker_failures=1_000_000, max_concurrency=1000, requests_per_second=100_000)


class Provides(Protocol):
    """The part of a provider that the client uses: its credentials and its error table."""

    name: str
    id: str

    async def authorize(self, request: Request) -> None:
        """Put the credentials into a request."""

    async def renew(self) -> None:
        """Get new credentials."""

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Return the error an answer stands for."""


class Upstream:
    """The client of one provider. Every failure leaves it as an UpstreamError that names the provider.

    A read passes these steps: cache, coalesce, report, resilience, then, once per attempt: sign, send, judge, decode.
    """

    provider: Provides

    def __init__(
        self,
        client: httpx.AsyncClient,
        base_url: str,
        file_hosts: tuple[str, ...] = (),
        health: Health | None = None,
        resilience: Resilience | None = None,
        cache: AccountCache | None = None,
        local: Local | None = None,
        other_urls: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.health = health or Health()
        self._sender, self._local, self._cache = Sender(client, base_url, file_hosts, other_urls), local or Local(), cache
        self._resilience = resilience or Resilience(UNLIMITED, self.health)
        self.recorder = self._resilience.recorder
        self._coalescer = Coalescer(self.recorder)
        self._closing: list[Callable[[], None]] = []
        self._credentials = Credentials(self._resilience, lambda: self.provider.renew())
        steps: list[Step] = [self._coalescer.share, self._report, self._resilience.protect]
        if cache is not None:
            steps.insert(0, cache.reuse)
        self._pass_read = _pipeline(steps, self._attempt)
        self._pass_local = _pipeline(steps, self._attempt_locally)
        self._pass_file = _pipeline(steps, self._attempt_file)

    async def read(self, request: Request, decoder: "Decoder[T]") -> T:
        """Return the decoded answer to a request. An answer in another format is a failure like any other.

        Equal reads under way share one value.
        """
        own = request if request.link is None else self._sender.linked(request)
        value: T = await self._pass_read(Exchange(own, decoder))
        return value

    async def ask(self, request: Request) -> Answer:
        """Return the answer to a request as it came, for plugins that need its status or a header, and for commands."""
        answer: Answer = await self._pass_read(Exchange(self._sender.linked(request)))
        return answer

    async def run(self, operation: str, work: Callable[[], T]) -> T:
        """Return the result of a function that reads files or a database of this machine; it runs in a thread."""
        result: T = await self._pass_local(Exchange(Request(operation=operation, local=work)))
        return result

    @asynccontextmanager
    async def stream(self, request: Request, mime_type: str | None = None) -> AsyncIterator[httpx.Response]:
        """Yield the open answer to a request for a file; `mime_type` is its type, if that is known."""
        response: httpx.Response = await self._pass_file(Exchange(request, is_file=True, mime_type=mime_type))
        try:
            yield response
        except Exception as error:
            told = translated(error)
            if isinstance(told, UpstreamError):
                told.provider = told.provider or self.provider.id
            raise told from None
        finally:
            await response.aclose()

    def set_warnings(self, warnings: Sequence[str]) -> None:
        """Set what limits the gateway at this provider, and what to change, for its health and `telegraphql check`. New ones are logged."""
        for warning in warnings:
            if warning not in self.health.warnings:
                log.warning("provider %s: %s", self.provider.name, warning)
        self.health.warnings = tuple(warnings)

    def call_at_close(self, close: Callable[[], None]) -> None:
        """Call a function when all connections are closed, such as one that closes those to a database."""
        self._closing.append(close)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._cache is not None:
            await self._cache.aclose()
        await self._sender.aclose()
        self._local.aclose()
        for close in self._closing:
            close()

    async def _report(self, following: Handler, exchange: Exchange) -> Any:
        """Pass the exchange on, once more with new credentials if they had expired. Name the provider in its error, and keep its health."""
        renewals = self._credentials.renewals
        try:
            try:
                value = await following(exchange)
            except Expired:
                if not exchange.request.auth:
                    raise
                await self._credentials.renew(renewals)
                exchange.is_renewed = True
                value = await following(exchange)
        except UpstreamError as error:
            error.provider = error.provider or self.provider.id
            self.health.failed(error)
            # Their frames hold the bytes of the answer, some of them in a cycle.
            drop_tracebacks(error)
            raise
        self.health.succeeded()
        return value

    async def _attempt(self, exchange: Exchange) -> Any:
        """Sign, send, judge and decode one request."""
        signed = await self._signed(exchange.request)
        with Sent(self.recorder, signed.operation) as sent:
            try:
                answer = await self._sender.fetch(signed, sent)
            except Exception as error:
                raise translated(error) from None
            self.health.note_date(answer.headers.get("date"))
            self._judge(answer, exchange)
            value = answer if exchange.decoder is None else await answer.decoded(exchange.decoder)
            exchange.answer = answer
            return value

    async def _attempt_locally(self, exchange: Exchange) -> Any:
        """Run a function in a thread."""
        request = await self._signed(exchange.request)
        assert request.local is not None
        with Sent(self.recorder, request.operation):
            return await self._local.run(request.operation, request.local)

    async def _attempt_file(self, exchange: Exchange) -> httpx.Response:
        """Open a file, over HTTP or on this machine."""
        signed = await self._signed(exchange.request)
        with Sent(self.recorder, signed.operation) as sent:
            if signed.local is not None:
                return await self._local.open(signed.operation, signed.local, signed.headers.get("Range"))
            try:
                response = await self._open_file(signed, sent)
            except Exception as error:
                raise translated(error) from None
            try:
                return await self._judged_file(response, signed, exchange)
            except BaseException as error:
                await response.aclose()
                raise (translated(error) if isinstance(error, Exception) else error) from None

    async def _open_file(self, signed: Request, sent: Sent) -> httpx.Response:
        """Return the open answer after at most three redirects."""
        response = await self._sender.open(signed, sent)
        for _ in range(MAX_REDIRECTS):
            if response.status_code not in REDIRECTS:
                return response
            await response.aclose()
            signed = self._sender.redirected(signed, response.headers.get("location"))
            current().count(self.provider.name, signed.operation)
            response = await self._sender.open(signed, sent)
        if response.status_code in REDIRECTS:
            await response.aclose()
            raise BadData(f"redirects a file more than {MAX_REDIRECTS} times")
        return response

    async def _judged_file(self, response: httpx.Response, signed: Request, exchange: Exchange) -> httpx.Response:
        """Return an open answer that is a file; raise the error that it stands for otherwise."""
        status, mime_type = response.status_code, exchange.mime_type
        is_file = status in (200, 206) and not is_instead(response.headers, mime_type)
        if is_file and may_be_instead(response.headers, mime_type):
            body = await read_body(response)
            self._judge(Answer(status, body, response.headers), exchange)
            await response.aclose()
            return httpx.Response(
                status, headers=[*plain_headers(response), ("content-length", str(len(body)))], stream=httpx.ByteStream(body)
            )
        if is_file or (status == 416 and "Range" in signed.headers):
            return readable(response)
        self._judge(Answer(status, await read_body(response), response.headers), exchange)
        raise BadAnswer("sent something else in place of the file" if status < 300 else f"the file was answered with status {status}")

    async def _signed(self, request: Request) -> Request:
        """Return a copy with the credentials, counted as sent."""
        signed = request.copy()
        if signed.auth and signed.local is None:
            await self.provider.authorize(signed)
        current().count(self.provider.name, signed.operation)
        return signed

    def _judge(self, answer: Answer, exchange: Exchange) -> None:
        """Raise the error that an answer stands for."""
        refusal = self.provider.refusal(answer)
        if refusal is None:
            if 200 <= answer.status < 300:
                return
            refusal = by_status(answer.status, answer.headers)
        if exchange.is_renewed and isinstance(refusal, Expired):
            # Credentials that are refused as soon as they are new have not expired.
            raise Unauthorized(refusal.message)
        raise refusal


def _pipeline(steps: Sequence[Step], last: Handler) -> Handler:
    """Return a function that passes an exchange through the steps in order. Each step calls the next one, or answers itself."""
    handler = last
    for step in reversed(steps):
        handler = partial(step, handler)
    return handler
