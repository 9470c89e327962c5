"""Remembering: a wire that asks the simulated Acme each question once for all plugins, as long as it is well or always refuses the same."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx

from telegraphql.gateway.conformance.transport import RecordingTransport
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.sandbox import Sandbox
from tests.gateway.conformance.acme_sandbox import AcmeSandbox

# The others are not told in an answer.
TOLD = (None, "status", "html", "rate_limit", "unauthorized")
Asked = tuple[Fault, bytes, str]


class Answered(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes
    row: Any


class Remembering(RecordingTransport):
    """The journal, and what is counted, are the same as if each question were asked."""

    def __init__(self, sandbox: Sandbox, answers: dict[Asked, Answered]) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.answers = answers

    @property
    def _has_expired(self) -> bool:
        return isinstance(self.sandbox, AcmeSandbox) and self.sandbox.series != 0

    async def _send(self, request: httpx.Request) -> httpx.Response:
        fault = self.sandbox.fault
        key = fault, request.url.raw_path, str(request.headers.get("range"))
        if fault.mode not in TOLD or fault.rate < 1 or fault.latency_ms or request.method != "GET" or self._has_expired:
            return await super()._send(request)
        found = self.answers.get(key)
        if found is None:
            before = len(self.sandbox.journal)
            response = await super()._send(request)
            body = await response.aread()
            await response.aclose()
            if len(self.sandbox.journal) != before + 1:
                return httpx.Response(response.status_code, headers=response.headers, content=body)
            found = self.answers[key] = Answered(response.status_code, response.headers, body, self.sandbox.journal[-1])
        else:
            self.sent += 1
            # Others have their turn meanwhile, as when something is sent.
            await asyncio.sleep(0)
            self.sandbox.journal.append(found.row)
        return httpx.Response(found.status, headers=found.headers, content=found.body)
