"""Details: records that take more than one row or one request to make."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urljoin

import msgspec

from telegraphql.plugin import BadAnswer, Download, GetRequest, NotFound, Provider, Request
from telegraphql.plugins.portsip import mapping, wire
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.plugins.portsip.odata import Expression, moment
from telegraphql.plugins.portsip.recording_match import Matcher
from telegraphql.plugins.portsip.recording_span import Span, merged
from telegraphql.schema import Call, Queue, Recording, Session

MOST_WINDOWS = 8
Found = list[tuple[Recording, Span]]


class Details:
    """Finds them for one provider."""

    def __init__(self, of: Provider, asking: PbxClient) -> None:
        self._of = of
        self._asking = asking

    async def session(self, key: str) -> Session | None:
        """A session by its legs. The key may be that of a recording found by its session, and stays its id in relations."""
        span = Span.read(key)
        native_id = span.session if span else key
        legs, raw = await self._asking.items("/cdrs", native_id)
        if not legs:
            return None
        made = mapping.session(_whole(legs, native_id), self._of)
        made.raw = raw
        made.refs = {**made.refs, "id": key} if span else made.refs
        return made

    async def call(self, key: str) -> Call | None:
        """A call of a PBX that knows only conversations."""
        legs, raw = await self._asking.items("/cdrs", key)
        if not legs:
            return None
        made = mapping.call(_whole(legs, key), self._of)
        made.raw = raw
        return made

    async def queue(self, key: str, whole: bool, make: Callable[[wire.QueueRow, Provider], Queue] = mapping.queue) -> Queue | None:
        """A queue by its id, or by its number, as calls know it; `whole` where more than the summary is wanted."""
        if not key.startswith(mapping.BY_NUMBER):
            return await self._asking.detail("/call_queues", key, wire.QUEUE, make)
        expression = Expression()
        expression.one_of("extension_number", [key.removeprefix(mapping.BY_NUMBER)])
        found = await self._asking.all("/call_queues", expression, "name asc", wire.QUEUE, make)
        if not found or not whole:
            return found[0] if found else None
        return await self._asking.detail("/call_queues", found[0].native_id, wire.QUEUE, make)

    async def recording(self, key: str) -> Recording | None:
        """A recording with what only its detail has."""
        items, _ = await self._asking.items("/recordings", key)
        return self._asking.record(items[0], wire.RECORDING, partial(_recording, key=key)) if items else None

    async def file(self, path: str, key: str) -> Download:
        """Where the file of a recording, voicemail or report is: at an address that needs no authentication and is told to nobody."""
        row = await self._asking.body(path, key, wire.FILED) or wire.Filed()
        found = row.items[0] if row.items else row
        if not found.file_url:
            raise NotFound("has no file for this record")
        url = urljoin(self._of.settings.base_url, found.file_url)
        info = mapping.file(found.file_name, found.file_size)
        request = Request(operation="GET /blobs/{digest}", path=url, auth=False)
        return Download(request=request, file_name=info.file_name, mime_type=info.mime_type, size_bytes=info.size_bytes)

    async def matched(self, wanted: GetRequest) -> Found:
        """The recordings of many calls or sessions: one request over the times in which they begin, matched in memory."""
        spans = [span for key in wanted.keys if (span := Span.read(key))]
        windows = [window for span in spans if (window := span.window(wanted.since, wanted.until, self._of.span))]
        if not windows:
            return []
        expression = Expression()
        expression.any([f"started_at ge {moment(a)} and started_at le {moment(b)}" for a, b in merged(windows, MOST_WINDOWS)])
        found = await self._asking.all("/recordings", expression, "started_at asc", wire.RECORDING, mapping.recording)
        matcher = Matcher(spans, self.recording)
        return [pair for each in found if (pair := await matcher.match(each))]


def _whole(legs: list[msgspec.Raw], native_id: str) -> wire.CallLog:
    try:
        return mapping.whole([wire.LEG.decode(leg) for leg in legs], native_id)
    except (msgspec.DecodeError, ValueError):
        raise BadAnswer("the legs of the session are not in the documented format") from None


def _recording(row: wire.RecordingRow, of: Provider, key: str) -> Recording:
    """A recording of a detail, which is asked for by the id that it does not hold."""
    return mapping.recording(msgspec.structs.replace(row, id=key), of)
