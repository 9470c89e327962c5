"""The legs of sessions: by the sessions' ids, or on a PBX that does not filter by them by the times at which the legs started."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from telegraphql.plugin import Page, Provider
from telegraphql.plugins.portsip import mapping
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.plugins.portsip.conversation import start_times
from telegraphql.plugins.portsip.details import DetailReader
from telegraphql.plugins.portsip.filter_support import ALTERNATIVES, FilterPlan
from telegraphql.plugins.portsip.filters import time_expressions
from telegraphql.plugins.portsip.odata import Expression
from telegraphql.plugins.portsip.recordings import Window

AROUND = timedelta(seconds=1)


class LegReader:
    """Reads legs for one provider."""

    def __init__(self, provider: Provider, client: PbxClient, details: DetailReader) -> None:
        self._provider = provider
        self._client = client
        self._details = details

    async def of_sessions(self, sessions: Sequence[str], since: datetime | None = None, until: datetime | None = None) -> Page:
        """Return the legs of sessions, or on a PBX without call logs the sessions themselves as calls.

        `since` and `until` enclose the starts of all legs, if that is known.
        """
        return await self._client.adapt(lambda plan: self._read(plan, sessions, since, until))

    async def _read(self, plan: FilterPlan, sessions: Sequence[str], since: datetime | None, until: datetime | None) -> Page:
        has_legs = self._provider.settings.has_call_logs
        path, name = ("/calllogs", "session_id") if has_legs else ("/cdrs", "id")
        if plan.uses(name, *([ALTERNATIVES] if len(sessions) > 1 else [])):
            expressions = [Expression()]
            expressions[0].one_of(name, sessions)
        elif has_legs:
            expressions = await self._expressions_by_time(plan, sessions, since, until)
        else:
            return await self._conversations(sessions)
        page = await self._client.list_all(path, expressions, plan, "started_at asc", mapping.CALL)
        page.records = [leg for leg in page.records if leg.refs["session"] in sessions]
        return page

    async def _conversations(self, sessions: Sequence[str]) -> Page:
        pages = await asyncio.gather(*(self._details.conversation(mapping.CALL, key) for key in sessions))
        return Page(records=[call for page in pages for call in page.records], read=sum(page.read for page in pages))

    async def _expressions_by_time(
        self, plan: FilterPlan, sessions: Sequence[str], since: datetime | None, until: datetime | None
    ) -> list[Expression]:
        if since is not None and until is not None and until - since <= self._provider.session_span:
            windows = [(since, until)]
        else:
            windows = [window for window in await asyncio.gather(*map(self._window, sessions)) if window]
        return time_expressions(plan, "started_at", [(start - AROUND, end + AROUND) for start, end in windows])

    async def _window(self, session: str) -> Window | None:
        """Return from when to when the legs of a session started, by its detail, which has no ids of legs."""
        legs, _ = await self._client.detail_items("/cdrs", session)
        times = start_times(legs)
        return (min(times), max(times)) if times else None
