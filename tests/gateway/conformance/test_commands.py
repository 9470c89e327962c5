"""One plugin for each promise of gateway/conformance/commands.py that breaks it."""

from pathlib import Path

import pytest

from telegraphql.gateway.errors import Unavailable, UpstreamError
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult
from tests.gateway.conformance.acme import Acme
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class Insistent(Acme):
    @same_as(Acme.delete_recordings)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        try:
            return await super().delete_recordings(order)
        except Unavailable:
            return await super().delete_recordings(order)


class Claiming(Acme):
    @same_as(Acme.delete_recordings)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        try:
            return await super().delete_recordings(order)
        except UpstreamError as error:
            return CommandResult(done=list(order.ids), failed=dict.fromkeys(order.ids, error))


class Evasive(Acme):
    @same_as(Acme.delete_recordings)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        try:
            return await super().delete_recordings(order)
        except UpstreamError:
            return CommandResult()


BROKEN = [
    Broken(Insistent, "sends_commands_once", "sends ['DELETE /sounds'] again after the fault status-503: do not retry"),
    Broken(Claiming, "sends_commands_once", "put only ids into CommandResult.done that the upstream confirmed"),
    Broken(Evasive, "sends_commands_once", "raise the error, or put it into CommandResult.failed"),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
