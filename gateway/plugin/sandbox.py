"""The base class of sandboxes: simulated upstreams with a request journal, injected faults and known records.

A plugin's `sandbox` module derives from `Sandbox`, returns the routes of the wire protocol, and keeps its records in `self.records`, by
kind, as the upstream's own JSON objects. The base class adds the admin endpoints under /_sandbox.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from telegraphql.gateway.plugin.answer_faults import AnswerShape
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.past_random import PastRandom
from telegraphql.gateway.plugin.record_truth import RecordTruth
from telegraphql.gateway.plugin.sandbox_app import SandboxApp

Row = dict[str, Any]
T = TypeVar("T")
# How often a local sandbox makes its new calls.
TICK_SECONDS = 1.0


class Sandbox(ABC):
    """A simulated upstream with deterministic records: the same `seed`, `records` and `now` produce the same records.

    Its clock starts at `now`, which is the current time by default. With `office_hours` most calls of the past are in these.

    Attributes:
        plugin: the name of the plugin.
        port_offset: the distance of its port from the port base.
        base_path: the path of the API.
        answer_shapes: the form of the answers to each operation that sends rows. Faults that change rows need it.
        file_operations: the operations that send files.
        truths: what clients must see of the rows, by the schema's kind, such as "Call".
    """

    plugin: ClassVar[str]
    port_offset: ClassVar[int]
    base_path: ClassVar[str] = ""
    answer_shapes: ClassVar[Mapping[str, AnswerShape]] = MappingProxyType({})
    file_operations: ClassVar[frozenset[str]] = frozenset()
    truths: ClassVar[Mapping[str, RecordTruth]] = MappingProxyType({})

    def __init__(self, *, records: int = 1000, seed: int = 1, now: datetime | None = None, office_hours: bool = False) -> None:
        started = datetime.now(UTC)
        self._clock_offset = (now or started) - started
        self.now = (now or started).replace(microsecond=0)
        self.random = PastRandom(seed, int(self.now.timestamp()), office_hours)
        self.count = records
        self.records: dict[str, list[Row]] = defaultdict(list)
        self.base_url = ""
        self.journal: list[Row] = []
        self.fault = Fault()
        self._schedule = random.Random(f"{seed} {self.plugin}")
        self._calls_per_second = 0.0
        self._next_call = self.now
        self.generate()

    @abstractmethod
    def generate(self) -> None:
        """Fill `self.records`: `self.count` rows of kind "calls", including fixed examples, and what belongs to them."""

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Return the routes of the wire protocol."""

    @abstractmethod
    def operation(self, request: Request, body: bytes) -> str:
        """Return the name of the requested operation without ids, such as "GetCallHistory" or "GET /cdrs/{id}"."""

    @abstractmethod
    def add(self, kind: str, fields: Row) -> Row:
        """Add a record of this kind with the given fields, now, and return it.

        Raises:
            KeyError: Records of this kind cannot be added.
            ValueError: A field is invalid.
        """

    def live(self, calls_per_minute: float) -> None:
        """Make calls from `now` on: so many a minute on average, at random moments that follow from the seed. 0: none."""
        self._calls_per_second = calls_per_minute / 60
        self._next_call = self.now + self._pause()

    def advance(self) -> None:
        """Make the calls that ended since the last request."""
        while self._calls_per_second and self._next_call <= self.current_time():
            self.make_call(self._next_call)
            self._next_call += self._pause()

    def make_call(self, end: datetime) -> None:
        """Add a random conversation that ended at this moment, with what belongs to it. By default a call alone."""
        self.add("calls", {})

    def ending_at(self, end: datetime, make: Callable[[datetime], T], end_of: Callable[[T], datetime]) -> T:
        """Return what `make` returns for the start from which it lasts until `end`. It is made twice, from the same random numbers."""
        state = self.random.getstate()
        length = end_of(make(end)) - end
        self.random.setstate(state)
        return make(end - length)

    def _pause(self) -> timedelta:
        return timedelta(seconds=self._schedule.expovariate(self._calls_per_second)) if self._calls_per_second else timedelta()

    @abstractmethod
    def configuration(self, folder: Path) -> Row:
        """Return the table for telegraphql.toml that reaches this sandbox at `self.base_url`. Key files are written into `folder`."""

    @abstractmethod
    def refuse(self, mode: str) -> Response:
        """Return the upstream's own response to "rate_limit" and "unauthorized"."""

    def truth(self, kind: str, settings: Mapping[str, Any]) -> RecordTruth | None:
        """Return what clients must see of the rows of a kind with these settings of a provider. None if the kind cannot be listed."""
        return self.truths.get(kind)

    def refuse_input(self, mode: str) -> Response:
        """Return the upstream's own response to input that it refuses, by the mode of the fault."""
        return JSONResponse({"error": "invalid request"}, 400)

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """Return the parameters that the journal shows, without credentials."""
        return {name: value for name, value in request.query_params.items() if name not in ("api_key", "authcode", "account_id")}

    def expire(self) -> bool:
        """Expire the credentials that were issued or set so far. Return False if none can expire."""
        return False

    def current_time(self) -> datetime:
        """Return the upstream's current time: `now` plus the time since the sandbox was created."""
        return datetime.now(UTC) + self._clock_offset

    @contextmanager
    def clock_at(self, moment: datetime) -> Iterator[None]:
        """Let the upstream's clock show another time meanwhile."""
        offset = self._clock_offset
        self._clock_offset = moment - datetime.now(UTC)
        try:
            yield
        finally:
            self._clock_offset = offset

    def past(self, spread: timedelta) -> datetime:
        """Return a random time, in whole seconds, within `spread` before `now`."""
        return self.now - timedelta(seconds=self.random.age(60, max(61, int(spread.total_seconds()))))

    def app(self) -> ASGIApp:
        """Return the ASGI application: the upstream and its admin endpoints."""
        inner = Starlette(routes=[*self.routes()], lifespan=self.lifespan)
        return SandboxApp(self, inner)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Do what has to be done while the sandbox is served."""
        yield


class LocalSandbox(Sandbox):
    """The sandbox of an upstream that is files or a database of this machine.

    `configuration` writes them into the folder and names them. `add` also writes what it adds. Only the admin endpoints are served.
    """

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Make the new calls every second: no request does."""
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticking.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.advance()

    def routes(self) -> Sequence[Route]:
        """Return no routes."""
        return ()

    def operation(self, request: Request, body: bytes) -> str:
        """Return "": there are no HTTP requests."""
        return ""

    def refuse(self, mode: str) -> Response:
        """Return status 404: there are no HTTP requests."""
        return Response(status_code=404)
