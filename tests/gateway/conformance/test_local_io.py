"""What the kit promises of plugins whose upstream is on this machine: one that keeps it all, and others that break it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.conformance import Contract
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.plugin.provider import ListRequest, Page
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as
from tests.gateway.conformance.ledger import Ledger


class TestLedger(Contract):
    plugin = Ledger
    records = 40


class Blocking(Ledger):
    async def check(self) -> None:
        await super().check()
        self.rows()


class Unguarded(Ledger):
    async def check(self) -> None:
        await asyncio.to_thread(self.rows)


class Comforting(Ledger):
    @same_as(Ledger.recordings)
    async def recordings(self, ask: ListRequest) -> Page:
        try:
            return await super().recordings(ask)
        except UpstreamError:
            return Page(records=[], read=0)


class Talkative(Ledger):
    async def check(self) -> None:
        try:
            await super().check()
        except UpstreamError as error:
            raise type(error)(f"cannot read {self.settings.ledger_folder}") from None


class Wide(Ledger):
    @property
    def folder(self) -> Any:
        return Open(self.settings.ledger_folder)


class Open:
    """Opens whatever a client makes up."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def open(self, name: str) -> Any:
        made_up = "kit" in name or name.isdecimal()
        return (self.path / ("calls.jsonl" if made_up else name)).open("rb")


FAULTS = "turns_faults_into_errors"
BROKEN = [
    Broken(Blocking, "keeps_the_event_loop_free", "open them in the function that self.upstream.run calls"),
    Broken(Unguarded, "sends_a_request_in_its_check", "`check` sends no request", frozenset({"reports_faults_in_its_check"})),
    Broken(Comforting, FAULTS, "but it succeeds: catch no errors, and check the response"),
    Broken(Talkative, "reports_faults_in_its_check", "write a message of your own that says what to do"),
    Broken(Wide, "reports_a_missing_file", "raise NotFound"),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
