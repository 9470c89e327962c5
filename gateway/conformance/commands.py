"""Ordering: a command is sent once, whatever becomes of it, and what failed is told."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from telegraphql.gateway.conformance.faults import FAULTS
from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import need, promise
from telegraphql.gateway.conformance.walks import known
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.declarations import CommandDeclaration
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult, Provider
from telegraphql.gateway.upstream.request_budget import changing
from telegraphql.schema.record import Record

FEW = 3


@dataclass(frozen=True, slots=True)
class Deletion:
    """A command that needs ids and nothing else."""

    command: CommandDeclaration
    kind: type[Record]


def deletions(plugin: type[Provider]) -> Mapping[str, Deletion]:
    """The commands that delete records."""
    found = declared(plugin).commands
    return {name: Deletion(each, each.kind) for name, each in found.items() if each.kind is not None and name.startswith("delete")}


@promise(deletions)
async def orders_once(harness: Harness, deletion: Deletion) -> None:
    """A command that fails is not sent again, since nobody knows whether it was carried out, and none of its ids is told as done."""
    command, harness_ids = deletion.command, await known(harness, deletion.kind)
    ids = [record.native_id for record in harness_ids][: min(FEW, command.at_most)]
    for name in ("status-503", "drop"):
        harness.reconnect()
        await harness.provider.check()
        harness.fault(FAULTS[name].fault)
        with harness.noted() as rows:
            outcome = await _outcome(harness, command, ids)
        harness.heal()
        sent = Counter((row["operation"], row["path"], str(row["parameters"])) for row in rows)
        twice = [each[0] for each, times in sent.items() if times > 1]
        need(not twice, f"{command.name} sends {twice[:1]} again after {name}: leave it failed, for the client to decide")
        missing = sorted(set(ids) - outcome.failed.keys())
        need(not missing, f"{command.name} fails with {name}, but does not tell of {missing[:1]}: raise the error, or put it into `failed`")
        need(not outcome.done, f"{command.name} fails with {name}, but tells {outcome.done[:1]} as done: tell what the upstream said")


async def _outcome(harness: Harness, command: CommandDeclaration, ids: list[str]) -> CommandResult:
    try:
        with changing():
            outcome: CommandResult = await harness.serving.answer(command.method, CommandRequest(ids=ids))
    except UpstreamError as error:
        return CommandResult(failed=dict.fromkeys(ids, error))
    return outcome
