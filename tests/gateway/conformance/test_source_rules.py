"""One plugin for each rule of gateway/conformance/source_rules.py that breaks it."""

import asyncio
import contextlib
import logging
import os
import urllib.request
from pathlib import Path

import pytest
import redis
import strawberry
import tenacity

from telegraphql.gateway.conformance.source_rules import RULES
from telegraphql.gateway.upstream.client import Request
from telegraphql.plugins.boxis import Boxis
from tests.gateway.conformance.acme import Acme, Rows
from tests.gateway.conformance.broken_plugins import Broken, judge


class Waiting(Acme):
    async def check(self) -> None:
        await asyncio.sleep(0)
        await super().check()


class Persistent(Acme):
    @tenacity.retry(stop=tenacity.stop_after_attempt(1), reraise=True)
    async def rows(self, path: str, params: dict[str, str]) -> Rows:
        return await super().rows(path, params)


class Dialling(Acme):
    async def check(self) -> None:
        urllib.request.Request(self.settings.base_url)
        await super().check()


class Environmental(Acme):
    async def authorize(self, request: Request) -> None:
        await super().authorize(request)
        request.params |= {"proxy": os.environ["ACME_PROXY"]} if "ACME_PROXY" in os.environ else {}


class Chatty(Acme):
    async def check(self) -> None:
        await super().check()
        logging.getLogger("chatty").debug("well")


class Hoarding(Acme):
    kept: redis.Redis | None = None


class Fluent(Acme):
    async def check(self) -> None:
        await super().check()
        strawberry.ID("well")


class Forgiving(Acme):
    async def check(self) -> None:
        try:
            await super().check()
        except Exception as error:
            raise error from None


class Blind(Acme):
    async def check(self) -> None:
        await super().check()
        with contextlib.suppress(ValueError, BaseException):
            int("1")


class Nosy(Acme):
    neighbour = Boxis.plugin


RULED = {
    "waits": (Waiting, "uses asyncio.sleep: the gateway does all waiting"),
    "retries": (Persistent, "uses tenacity"),
    "opens_clients": (Dialling, "uses urllib.request"),
    "reads_the_environment": (Environmental, "uses os.environ: add a setting"),
    "logs": (Chatty, "uses logging"),
    "keeps_answers": (Hoarding, "uses redis"),
    "speaks_graphql": (Fluent, "uses strawberry"),
    "catches_everything": (Forgiving, "uses Exception: catch only named exceptions"),
    "knows_other_plugins": (Nosy, "uses telegraphql.plugins.boxis.Boxis.plugin: plugins must not import each other"),
}
BROKEN = [Broken(plugin, "uses_nothing_forbidden", advice) for plugin, advice in RULED.values()]
BROKEN.append(Broken(Blind, "uses_nothing_forbidden", "uses BaseException"))


def test_every_rule_has_a_plugin_that_breaks_it() -> None:
    assert RULED.keys() == RULES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
