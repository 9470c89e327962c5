"""One plugin for each promise of gateway/conformance/side_effects.py that breaks it."""

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.errors import Expired, Unauthorized, UpstreamError
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.upstream.client import Answer, Request
from tests.gateway.conformance.acme import Acme
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class Eager(Acme):
    def __init__(self, name: str, settings: Any, upstream: Any, numbering: Any) -> None:
        super().__init__(name, settings, upstream, numbering)
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{settings.base_url}/queues", trust_env=False, verify=False)


class Careless(Acme):
    async def check(self) -> None:
        pass


class Sneaky(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        with contextlib.suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, verify=False) as client:
                await client.get(f"{self.settings.base_url}/queues")
        return await super().queues(ask)


class Wasteful(Acme):
    @same_as(Acme.recordings)
    async def recordings(self, ask: ListRequest) -> Page:
        page = await super().recordings(ask)
        for record in page.records:
            await self.rows("/sounds", {"ids": record.native_id})
        return page


class Unstoppable(Acme):
    @same_as(Acme.recordings)
    async def recordings(self, ask: ListRequest) -> Page:
        return await asyncio.shield(asyncio.create_task(super().recordings(ask)))


class LoggingIn(Acme):
    async def login(self, request: Request) -> None:
        params = {"limit": "1", **{name: request.params[name] for name in ("user", "key")}}
        await self.upstream.ask(Request(operation="LOGIN", path="/login", params=params, auth=False))


class Distrustful(LoggingIn):
    async def authorize(self, request: Request) -> None:
        await super().authorize(request)
        if request.operation != "LOGIN":
            await self.login(request)


class Stampeding(LoggingIn):
    logged_in = False

    async def authorize(self, request: Request) -> None:
        await super().authorize(request)
        if not self.logged_in:
            await self.login(request)
            self.logged_in = True


class Tired(Acme):
    async def renew(self) -> None:
        pass


class Offended(Acme):
    def refusal(self, answer: Answer) -> UpstreamError | None:
        found = super().refusal(answer)
        return Unauthorized(found.message) if isinstance(found, Expired) else found


class Hectic(Acme):
    @same_as(Acme.recordings)
    async def recordings(self, ask: ListRequest) -> Page:
        if self.series != "0":
            await self.renew()
        return await super().recordings(ask)


class Talkative(Acme):
    async def authorize(self, request: Request) -> None:
        await super().authorize(request)
        logging.getLogger("talkative").debug("asking with %s", request.params)


# What can be seen in the code as well.
SEEN = frozenset({"uses_nothing_forbidden"})
BROKEN = [
    Broken(Eager, "sends_nothing_when_constructed", "delay it until the first operation", SEEN),
    Broken(
        Careless,
        "sends_a_request_in_its_check",
        "send the cheapest one that needs credentials",
        frozenset({"reports_faults_in_its_check"}),
    ),
    Broken(Sneaky, "opens_no_client_of_its_own", "send all with self.upstream", SEEN),
    Broken(Distrustful, "logs_in_once", "every operation also sends ['GET /login']: log in under a lock"),
    Broken(Stampeding, "logs_in_once", "log in under a lock, keep the credentials"),
    Broken(Tired, "renews_its_credentials", "return Expired from `refusal`, and get new credentials in `renew`"),
    Broken(Offended, "renews_its_credentials", "expired credentials end in Unauthorized"),
    Broken(Hectic, "renews_its_credentials", "get new ones only in `renew`"),
    Broken(Wasteful, "fetches_only_what_is_selected", "check ListRequest.select before further requests"),
    Broken(Unstoppable, "stops_when_cancelled", "create no tasks"),
    Broken(Talkative, "exposes_no_secrets", "a line of the logger talkative contains a secret: log nothing", SEEN),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
