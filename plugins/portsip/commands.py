"""Commands of a PBX. Each request changes one record, so each can fail alone."""

from urllib.parse import quote

from telegraphql.plugin import CommandRequest, CommandResult, NotFound, UpstreamError
from telegraphql.plugins.portsip import mapping, schedules, wire
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.schema import ReportSchedule

SCHEDULES = "/call_reports"


class PbxCommands:
    """Runs the commands of one provider."""

    def __init__(self, client: PbxClient) -> None:
        self._client = client

    async def delete(self, path: str, request: CommandRequest) -> CommandResult:
        """Delete a record."""
        (key,) = request.ids
        await self._client.send(f"{path}/{quote(key, safe='')}/destroy", f"{path}/{{id}}/destroy")
        return CommandResult(done=[key])

    async def create_schedule(self, request: CommandRequest) -> CommandResult:
        """Create a report schedule."""
        body = schedules.request_body(request.arguments["input"])
        created = await self._client.read(SCHEDULES, wire.CREATED, method="POST", json=body)
        return CommandResult(done=[str(created.id)], records=await self._read_back(str(created.id)))

    async def update_schedule(self, request: CommandRequest) -> CommandResult:
        """Update report schedules. Omitted values stay, and are read first, since the values depend on each other."""
        result = CommandResult()
        for key in request.ids:
            existing = (await self._client.detail(SCHEDULES, key, mapping.SCHEDULE)).records
            if not existing:
                result.failed[key] = NotFound("has no such report schedule")
                continue
            body = schedules.request_body(request.arguments["input"], existing[0])
            await self._client.send(f"{SCHEDULES}/{quote(key, safe='')}", f"{SCHEDULES}/{{id}}", json=body)
            result.done.append(key)
            result.records += await self._read_back(key)
        return result

    async def _read_back(self, key: str) -> list[ReportSchedule]:
        """Return the schedule after a change, or nothing if it cannot be read: the change is done anyway."""
        try:
            return [*(await self._client.detail(SCHEDULES, key, mapping.SCHEDULE)).records]
        except UpstreamError:
            return []
