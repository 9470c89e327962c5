"""Garbled: real plugins before their sandboxes, whose rows arrive with odd values, or lack some, as often as they are told."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.runtime import connect
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.plugins.boxis.provider import Boxis
from telegraphql.plugins.portsip.provider import Portsip
from telegraphql.plugins.voipstudio.provider import Voipstudio
from telegraphql.plugins.voximplant.provider import Voximplant
from tests.support.clock import FIXED_NOW

PLUGINS: tuple[type[Provider], ...] = (Boxis, Portsip, Voipstudio, Voximplant)
ODD: tuple[Any, ...] = (
    None,
    "",
    " ",
    "N/A",
    "0",
    "-5",
    "1.50",
    "1e999999",
    "NaN",
    "Infinity",
    "1" * 400,
    "Zoë 😀\u2028\x00'\"{}\n",
    "0000-00-00 00:00:00",
    "2026-02-30T00:00:00Z",
    "2026-11-19 12:00:00",
    "2026-11-19T12:00:00.123456+05:30",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "QUEUE_EXIT",
    "ANSWERED",
    "[inbound]",
    0,
    1,
    -1,
    2**31,
    2**53 + 1,
    10**30,
    1.5,
    -0.0,
    1e308,
    True,
    False,
    [],
    {},
    ["x"],
)


def odd(value: Any, draw: Random) -> Any:
    """Another value, mostly such as the decoder lets through."""
    alike = [each for each in ODD if type(each) is type(value)]
    return draw.choice(alike if alike and draw.random() < 0.8 else ODD)


@dataclass
class Garbling(httpx.AsyncBaseTransport):
    """In front of an upstream; the same row is always garbled the same way, whoever asks for it."""

    inner: httpx.AsyncBaseTransport
    seed: int = 0
    rate: float = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answered = await self.inner.handle_async_request(request)
        body = await answered.aread()
        if self.rate and answered.headers.get("content-type", "").startswith("application/json"):
            body = json.dumps(self._walked(json.loads(body))).encode()
        return httpx.Response(answered.status_code, content=body, headers={"content-type": answered.headers.get("content-type", "")})

    def _walked(self, found: Any, below: bool = False) -> Any:
        """Objects that stand in lists, or under names with a number, are rows."""
        if isinstance(found, list):
            return [self._walked(each, True) for each in found]
        if not isinstance(found, dict):
            return found
        if below:
            return self._garbled(found)
        return {name: self._walked(each, name.startswith("call_")) for name, each in found.items()}

    def _garbled(self, row: dict[str, Any]) -> dict[str, Any]:
        # What comes with a row depends on what is asked; what of it is garbled does not.
        own = json.dumps({name: value for name, value in row.items() if not isinstance(value, list | dict)})
        draws = {name: Random(f"{self.seed}:{own}:{name}") for name in row}
        made = {name: odd(value, draws[name]) if draws[name].random() < self.rate else value for name, value in row.items()}
        return {name: value for name, value in made.items() if draws[name].random() >= self.rate / 4}


def before_its_sandbox(plugin: type[Provider], folder: Path, records: int = 24) -> tuple[BoundProvider, Callable[[int, float], None]]:
    """A provider, and how it is told to garble."""
    sandbox = plugin.sandbox()(records=records, seed=1, now=FIXED_NOW)
    sandbox.base_url = f"http://sandbox{sandbox.base_path}"
    table = {name: value for name, value in sandbox.configuration(folder).items() if name != "plugin"}
    read = plugin.settings_type(**table)
    garbling = Garbling(httpx.ASGITransport(sandbox.app()))
    upstream = Upstream(httpx.AsyncClient(transport=garbling), getattr(read, "base_url", sandbox.base_url), getattr(read, "file_hosts", ()))
    provider = connect(plugin, plugin.plugin, read, upstream)

    def garble(seed: int, rate: float) -> None:
        garbling.seed, garbling.rate = seed, rate

    return BoundProvider.of(provider), garble
