"""Notebook: a provider of somebody else, without any upstream - calls written down by hand, every ninth with a tape."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field

from telegraphql.plugin import GetRequest, Keyset, ListRequest, LocalSettings, Page, Provider, Push, gets, lists
from telegraphql.schema import Call, CallDirection, CallStatus, Party, Problem, Recording

FIRST = datetime(2026, 10, 22, 8, tzinfo=UTC)
APART = timedelta(hours=5)


class NotebookSettings(LocalSettings):
    """How much is written in it."""

    lines: int = Field(default=90, description="How many calls are written down.")


class Notebook(Provider):
    """Calls by line number, the oldest on line 0."""

    plugin = "notebook"
    contract_version = 1
    settings_type = NotebookSettings
    settings: NotebookSettings

    @lists(Call, pages=Keyset(most=20), filters={"startedAt": Push.EXACT}, counts=True)
    async def calls(self, ask: ListRequest) -> Page:
        """All lines."""
        return self._slice([self._call(line) for line in range(self.settings.lines)], ask)

    @gets(Call, at_most=50)
    async def calls_by_line(self, wanted: GetRequest) -> Page:
        """Lines by number."""
        return _page([self._call(int(key)) for key in wanted.keys if key.isdigit() and int(key) < self.settings.lines])

    @lists(Recording, pages=Keyset(most=20))
    async def recordings(self, ask: ListRequest) -> Page:
        """All tapes."""
        return self._slice([self._tape(line) for line in range(0, self.settings.lines, 9)], ask)

    @gets(Recording, by="call", at_most=50)
    async def tapes_of_lines(self, wanted: GetRequest) -> Page:
        """The tapes of lines."""
        return _page([self._tape(int(key)) for key in wanted.keys])

    def _call(self, line: int) -> Call:
        """The call on a line."""
        return Call(
            provider_name=self.name,
            native_id=str(line),
            refs={"recordings": str(line) if line % 9 == 0 else None},
            raw={"line": line, "said": "hello"},
            direction=CallDirection.INBOUND,
            status=CallStatus.ANSWERED,
            from_=Party(number=f"+4161692{line:04d}", to_e164=self.numbering.e164),
            to=Party(number="+41616925879", to_e164=self.numbering.e164),
            started_at=FIRST + line * APART,
            duration_seconds=60 + line,
        )

    def _tape(self, line: int) -> Recording:
        """The tape of a line."""
        return Recording(provider_name=self.name, native_id=f"tape-{line}", refs={"call": str(line)}, started_at=FIRST + line * APART)

    def _slice(self, records: Sequence[Any], ask: ListRequest) -> Page:
        found = [
            each for each in records if (not ask.since or each.started_at >= ask.since) and (not ask.until or each.started_at <= ask.until)
        ]
        found.sort(key=lambda each: each.started_at, reverse=ask.newest_first)
        page = _page(found[ask.offset : ask.offset + ask.size])
        page.total = len(found)
        return page


def _page(records: list[Any]) -> Page:
    problems: list[Problem] = []
    return Page(records=records, read=len(records), problems=problems)
