"""Records that need more than one row or request."""

from typing import Any
from urllib.parse import urljoin

from telegraphql.plugin import Download, Mapping, NotFound, Page, Provider, Request, read_size
from telegraphql.plugins.portsip import mapping, wire
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.plugins.portsip.conversation import conversation_row
from telegraphql.plugins.portsip.filter_support import FilterPlan
from telegraphql.plugins.portsip.odata import Expression
from telegraphql.plugins.portsip.recordings import RecordedCall
from telegraphql.plugins.portsip.values import BY_NUMBER, mime_type


class DetailReader:
    """Reads the records of one provider."""

    def __init__(self, provider: Provider, client: PbxClient) -> None:
        self._provider = provider
        self._client = client

    async def session(self, key: str) -> Page:
        """Return a session by its legs. A key that identifies recordings is kept as the session's id in relations."""
        recorded = RecordedCall.parse(key)
        page = await self.conversation(mapping.SESSION, recorded.session if recorded else key)
        for session in page.records if recorded else ():
            record = session.record()
            record.refs = {**record.refs, "id": key}
        return page

    async def conversation(self, mapping: Mapping[Any], key: str) -> Page:
        """Return a conversation made from its legs, since `/cdrs/{id}` has nothing else, and no id."""
        legs, answer = await self._client.detail_items("/cdrs", key)
        page = self._client.page(mapping, [conversation_row(legs, key)] if legs else [])
        for view in page.records:
            view.raw = answer
        return page

    async def queue(self, key: str, with_detail: bool) -> Page:
        """Return a queue by its id, or by its number, which calls refer to. `with_detail` reads more than the summary."""
        if not key.startswith(BY_NUMBER):
            return await self._client.detail("/call_queues", key, mapping.QUEUE)
        number = key.removeprefix(BY_NUMBER)

        async def read(plan: FilterPlan) -> Page:
            expression = Expression()
            if plan.uses("extension_number"):
                expression.one_of("extension_number", [number])
            return await self._client.list_all("/call_queues", [expression], plan, "name asc", mapping.QUEUE)

        page = await self._client.adapt(read)
        page.records = [queue for queue in page.records if queue.number == number][:1]
        if not page.records or not with_detail:
            return page
        return await self._client.detail("/call_queues", page.records[0].native_id, mapping.QUEUE)

    async def recording(self, key: str) -> Page:
        """Return a recording with the fields that only its detail has."""
        items, _ = await self._client.detail_items("/recordings", key)
        return self._client.page(mapping.RECORDING, items[:1], key=key)

    async def file(self, path: str, key: str) -> Download:
        """Return the file of a record. Its URL needs no credentials and must not leave the gateway."""
        row = await self._client.body(path, key, wire.FILED) or wire.Filed()
        filed = row.items[0] if row.items else row
        if not filed.file_url:
            raise NotFound("has no file for this record")
        request = Request(operation="GET /blobs/{digest}", path=urljoin(self._provider.settings.base_url, filed.file_url), auth=False)
        size, name = read_size(filed.file_size) or None, filed.file_name or None
        return Download(request=request, file_name=name, mime_type=mime_type(name), size_bytes=size)
