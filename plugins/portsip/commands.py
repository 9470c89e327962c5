"""Commands: what changes something at a PBX. Each request is for one record, so each fails alone."""

from urllib.parse import quote

from telegraphql.plugin import CommandRequest, CommandResult, NotFound, UpstreamError
from telegraphql.plugins.portsip import mapping, schedules, wire
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.schema import ReportSchedule

SCHEDULES = "/call_reports"


class Commands:
    """Carries them out for one provider."""

    def __init__(self, client: PbxClient) -> None:
        self._client = client

    async def destroy(self, path: str, order: CommandRequest) -> CommandResult:
        """Delete records."""
        outcome = CommandResult()
        for key in order.ids:
            try:
                await self._client.tell(f"{path}/{quote(key, safe='')}/destroy", f"{path}/{{id}}/destroy")
                outcome.done.append(key)
            except UpstreamError as error:
                outcome.failed[key] = error
        return outcome

    async def create(self, order: CommandRequest) -> CommandResult:
        """Order reports."""
        body = schedules.body(order.arguments["input"])
        created = await self._client.read(SCHEDULES, wire.CREATED, method="POST", json=body)
        return CommandResult(done=[str(created.id)], records=await self._seen(str(created.id)))

    async def update(self, order: CommandRequest) -> CommandResult:
        """Change orders for reports; what is left out stays, and is looked at first, since the parts depend on each other."""
        outcome = CommandResult()
        for key in order.ids:
            found = (await self._client.detail(SCHEDULES, key, mapping.SCHEDULE)).records
            if not found:
                outcome.failed[key] = NotFound("has no such report schedule")
                continue
            body = schedules.body(order.arguments["input"], found[0])
            await self._client.tell(f"{SCHEDULES}/{quote(key, safe='')}", f"{SCHEDULES}/{{id}}", json=body)
            outcome.done.append(key)
            outcome.records += await self._seen(key)
        return outcome

    async def _seen(self, key: str) -> list[ReportSchedule]:
        """The schedule after a change; none where it cannot be seen, since the change is done all the same."""
        try:
            return [*(await self._client.detail(SCHEDULES, key, mapping.SCHEDULE)).records]
        except UpstreamError:
            return []
