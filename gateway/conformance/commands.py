"""Promises about commands: sent once, and each failure reported."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from telegraphql.gateway.conformance.faults import FAULTS
from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import promise, require
from telegraphql.gateway.conformance.walks import records_of_kind
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.declarations import CommandDeclaration
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult, Provider
from telegraphql.gateway.upstream.request_budget import changing
from telegraphql.schema.record import Record

SAMPLE = 3


@dataclass(frozen=True, slots=True)
class DeleteCase:
    """A command that takes only ids."""

    command: CommandDeclaration
    kind: type[Record]


def delete_commands(plugin: type[Provider]) -> Mapping[str, DeleteCase]:
    """Return the commands that delete records."""
    commands = declared(plugin).commands
    return {name: DeleteCase(each, each.kind) for name, each in commands.items() if each.kind is not None and name.startswith("delete")}


@promise(delete_commands)
async def sends_commands_once(harness: Harness, case: DeleteCase) -> None:
    """Send a failed command only once, since it may have been carried out, and report none of its ids as done."""
    command, records = case.command, await records_of_kind(harness, case.kind)
    ids = [record.native_id for record in records][: min(SAMPLE, command.at_most)]
    for name in ("status-503", "drop"):
        harness.reconnect()
        await harness.provider.check()
        harness.fault(FAULTS[name].fault)
        with harness.recorded_requests() as requests:
            outcome = await _outcome(harness, command, ids)
        harness.clear_fault()
        counts = Counter((row["operation"], row["path"], str(row["parameters"])) for row in requests)
        repeated = [each[0] for each, times in counts.items() if times > 1]
        require(not repeated, f"{command.name} sends {repeated[:1]} again after the fault {name}: do not retry; the client decides")
        missing = sorted(set(ids) - outcome.failed.keys())
        require(
            not missing,
            f"{command.name} fails with {name}, but its result lacks {missing[:1]}: raise the error, or put it into CommandResult.failed",
        )
        advice = "put only ids into CommandResult.done that the upstream confirmed"
        require(not outcome.done, f"{command.name} fails with {name}, but reports {outcome.done[:1]} as done: {advice}")


async def _outcome(harness: Harness, command: CommandDeclaration, ids: list[str]) -> CommandResult:
    try:
        with changing():
            outcome: CommandResult = await harness.serving.answer(command.method, CommandRequest(ids=ids))
    except UpstreamError as error:
        return CommandResult(failed=dict.fromkeys(ids, error))
    return outcome
