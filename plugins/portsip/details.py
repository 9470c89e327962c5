"""Details: records that take more than one row or one request to make."""

from typing import Any
from urllib.parse import urljoin

from telegraphql.plugin import Download, GetRequest, Mapping, NotFound, Page, Provider, Request, read_whole
from telegraphql.plugins.portsip import mapping, wire
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.plugins.portsip.conversation import whole
from telegraphql.plugins.portsip.odata import Expression, moment
from telegraphql.plugins.portsip.recording_match import Matcher
from telegraphql.plugins.portsip.recording_span import Span, merged
from telegraphql.plugins.portsip.values import BY_NUMBER, mime_type
from telegraphql.schema import Recording

MOST_WINDOWS = 8


class Details:
    """Finds them for one provider."""

    def __init__(self, of: Provider, client: PbxClient) -> None:
        self._of = of
        self._client = client

    async def session(self, key: str) -> Page:
        """Return a session by its legs. The key may be that of a recording found by its session, and stays its id in relations."""
        span = Span.read(key)
        page = await self.conversation(mapping.SESSION, span.session if span else key)
        for session in page.records if span else ():
            made = session.record()
            made.refs = {**made.refs, "id": key}
        return page

    async def conversation(self, table: Mapping[Any], key: str) -> Page:
        """Return a conversation that is put together from its legs: `/cdrs/{id}` has nothing else, and no id in it."""
        legs, answer = await self._client.items("/cdrs", key)
        page = self._client.page(table, [whole(legs, key)] if legs else [])
        for view in page.records:
            view.raw = answer
        return page

    async def queue(self, key: str, with_detail: bool) -> Page:
        """Return a queue by its id, or by its number, as calls know it; `with_detail` if more than the summary is needed."""
        if not key.startswith(BY_NUMBER):
            return await self._client.detail("/call_queues", key, mapping.QUEUE)
        expression = Expression()
        expression.one_of("extension_number", [key.removeprefix(BY_NUMBER)])
        page = await self._client.all("/call_queues", expression, "name asc", mapping.QUEUE)
        page.records = page.records[:1]
        if not page.records or not with_detail:
            return page
        return await self._client.detail("/call_queues", page.records[0].native_id, mapping.QUEUE)

    async def recording(self, key: str) -> Page:
        """Return a recording with what only its detail has."""
        items, _ = await self._client.items("/recordings", key)
        return self._client.page(mapping.RECORDING, items[:1], key=key)

    async def file(self, path: str, key: str) -> Download:
        """Return where the file of a record is: an address that needs no authentication, and that leaves the gateway in no answer."""
        row = await self._client.body(path, key, wire.FILED) or wire.Filed()
        filed = row.items[0] if row.items else row
        if not filed.file_url:
            raise NotFound("has no file for this record")
        request = Request(operation="GET /blobs/{digest}", path=urljoin(self._of.settings.base_url, filed.file_url), auth=False)
        size, name = read_whole(filed.file_size) or None, filed.file_name or None
        return Download(request=request, file_name=name, mime_type=mime_type(name), size_bytes=size)

    async def matched(self, wanted: GetRequest) -> list[tuple[Recording, Span]]:
        """Return the recordings of many calls or sessions: one request for the times at which they begin, matched in memory."""
        spans = [span for key in wanted.keys if (span := Span.read(key))]
        windows = [window for span in spans if (window := span.window(wanted.since, wanted.until, self._of.session_span))]
        if not windows:
            return []
        expression = Expression()
        expression.any([f"started_at ge {moment(a)} and started_at le {moment(b)}" for a, b in merged(windows, MOST_WINDOWS)])
        page = await self._client.all("/recordings", expression, "started_at asc", mapping.RECORDING, key=None)
        matcher = Matcher(spans, self._session_of)
        return [(view.record(), span) for view in page.records if (span := await matcher.match(view))]

    async def _session_of(self, recording: str) -> str | None:
        """Return the session that a recording's detail names."""
        page = await self.recording(recording)
        return next((each.refs["session"] for each in page.records), None)
