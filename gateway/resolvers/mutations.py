"""Commands: split by provider, sent once without retries, reported per id, and logged."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from telegraphql.gateway.auth.caller import Scope, scope_of_command
from telegraphql.gateway.errors import BadId, BadInput, NobodyCan, RequestError, Unsupported, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.declarations import CommandDeclaration
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult
from telegraphql.gateway.resolvers.lookup import find_named_provider, find_provider
from telegraphql.gateway.upstream.request_budget import changing
from telegraphql.schema.context import CommandOutcome
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.node import global_id, read_global_id
from telegraphql.schema.paging import Problem

MAX_IDS = 500
audit_log = logging.getLogger("telegraphql.audit")


@dataclass(slots=True)
class ProviderCommand:
    """One provider's share of a command. `ids` maps native ids to the ids in the request."""

    serving: BoundProvider
    command: CommandDeclaration
    ids: dict[str, str] = field(default_factory=dict)


async def run_command(serving: Mapping[str, BoundProvider], name: str, arguments: dict[str, Any], caller: str) -> CommandOutcome:
    """Carry out a command and return the outcome of each id.

    Raises:
        RequestError: The request is invalid; nothing was sent.
    """
    _check_json_arguments(arguments)
    if "ids" in arguments:
        return await _for_ids(serving, name, arguments, caller)
    provider = find_named_provider(serving, arguments["provider"])
    command = provider.declared.commands.get(name)
    if command is None and scope_of_command(name) is Scope.READ:
        raise Unsupported(f"does not support {name}: see its `capabilities`", provider=provider.id)
    if command is None:
        return CommandOutcome(problems=[unsupported(provider, name)])
    if arguments.get("confirm", provider.name) != provider.name:
        raise BadInput(f"`confirm` must be the provider's name, {provider.name!r}; nothing was sent")
    other_arguments = {key: value for key, value in arguments.items() if key not in ("provider", "nativeIds", "confirm")}
    ids = list(dict.fromkeys(arguments.get("nativeIds", ())))
    _check_id_count(ids)
    if "nativeIds" in arguments and not ids:
        return CommandOutcome()
    share = ProviderCommand(provider, command, {native: native for native in ids})
    return await _send_chunks(share, other_arguments, caller)


def _check_json_arguments(arguments: Mapping[str, Any]) -> None:
    """Raise BadInput unless every argument that is JSON in the schema is an object."""
    objects = [("filter.native", arguments.get("filter")), ("nativeFilter", (arguments.get("input") or {}).get("nativeFilter"))]
    objects += [("native", change.get("native")) for change in (arguments.get("changes") or {}).values()]
    for name, value in objects:
        if not isinstance(value, Mapping | None):
            raise BadInput(f"`{name}` must be a JSON object; nothing was sent")


async def _for_ids(serving: Mapping[str, BoundProvider], name: str, arguments: dict[str, Any], caller: str) -> CommandOutcome:
    ids = list(dict.fromkeys(arguments["ids"]))
    _check_id_count(ids)
    other_arguments = {key: value for key, value in arguments.items() if key != "ids"}
    shares: dict[str, ProviderCommand] = {}
    outcome = CommandOutcome()
    for id in ids:
        try:
            provider, command, native_id = _parse_id(serving, name, id)
        except RequestError as error:
            outcome.problems.append(_id_problem(id, error))
            continue
        shares.setdefault(provider.id, ProviderCommand(provider, command)).ids[native_id] = id
    for share_outcome in await asyncio.gather(*(_send_chunks(share, other_arguments, caller) for share in shares.values())):
        outcome.add(share_outcome)
    return outcome


def _parse_id(serving: Mapping[str, BoundProvider], name: str, id: str) -> tuple[BoundProvider, CommandDeclaration, str]:
    try:
        kind, provider_id, native_id = read_global_id(id)
    except ValueError:
        raise BadId(f"{id[:80]!r} is not an id of this gateway") from None
    provider = find_provider(serving, provider_id)
    command = _command(provider, name)
    if command.kind is None or command.kind.__name__ != kind:
        raise BadId(f"{name} does not work on a {kind}")
    return provider, command, native_id


def unsupported(provider: BoundProvider, name: str) -> Problem:
    """Return the problem of a command that a provider does not have."""
    message = f"the provider {provider.name} does not support {name}: see its `capabilities`"
    return Problem(provider=provider.id, code=ProblemCode.UNSUPPORTED, message=message, retryable=False)


def _command(serving: BoundProvider, name: str) -> CommandDeclaration:
    command = serving.declared.commands.get(name)
    if command is None:
        raise NobodyCan(f"the provider {serving.name} does not support {name}: see its `capabilities`")
    return command


def _check_id_count(ids: Sequence[str]) -> None:
    if len(ids) > MAX_IDS:
        raise BadInput(f"too many ids: {len(ids)} given, at most {MAX_IDS} allowed")


async def _send_chunks(share: ProviderCommand, arguments: dict[str, Any], caller: str) -> CommandOutcome:
    """Send one provider's share, in as many requests as needed. A failure is reported per id, or once; that of a read is raised."""
    outcome = CommandOutcome()
    chunk_size = share.command.at_most
    native_ids = list(share.ids)
    for chunk in [native_ids[at : at + chunk_size] for at in range(0, len(native_ids), chunk_size)] or [[]]:
        try:
            request = CommandRequest(ids=chunk, arguments=_arguments_of_chunk(arguments, chunk, share))
            with changing():
                result: CommandResult = await share.serving.answer(share.command.method, request)
        except UpstreamError as error:
            error.provider = error.provider or share.serving.id
            _log(share, caller, chunk, CommandResult(failed=dict.fromkeys(chunk, error)), error)
            if share.command.reads:
                raise
            if not chunk:
                outcome.problems.append(error.as_problem())
            result = CommandResult(failed=dict.fromkeys(chunk, error))
        else:
            _log(share, caller, chunk, result)
        outcome.add(_outcome(share, result))
    return outcome


def _arguments_of_chunk(arguments: dict[str, Any], chunk: Sequence[str], share: ProviderCommand) -> dict[str, Any]:
    """Return the arguments without ids. `changes`, which come by global id, are passed by native id and only for the chunk."""
    changes = arguments.get("changes")
    if changes is None:
        return arguments
    return arguments | {"changes": {native_id: changes[share.ids[native_id]] for native_id in chunk}}


def _outcome(share: ProviderCommand, result: CommandResult) -> CommandOutcome:
    problems = []
    for native_id, error in result.failed.items():
        error.provider = error.provider or share.serving.id
        problem = error.as_problem()
        problem.id = _global_id(share, native_id)
        problems.append(problem)
    return CommandOutcome([_global_id(share, native_id) for native_id in result.done], problems, result.records, result.value)


def _global_id(share: ProviderCommand, native_id: str) -> Any:
    kind = share.command.kind
    return share.ids.get(native_id) or (global_id(kind.__name__, share.serving.id, native_id) if kind else native_id)


def _id_problem(text: str, error: RequestError) -> Problem:
    codes = {"UNSUPPORTED": ProblemCode.UNSUPPORTED}
    code = codes.get(error.code, ProblemCode.NOT_FOUND)
    return Problem(provider="", code=code, message=str(error), retryable=False, retry_after=None, id=text)  # type: ignore[arg-type]


def _log(share: ProviderCommand, caller: str, ids: Sequence[str], result: CommandResult, error: UpstreamError | None = None) -> None:
    """Write the audit log: who did what to which ids, with what result. Arguments are left out, since they may be personal."""
    if share.command.reads:
        return
    entry = {
        "caller": caller,
        "command": share.command.name,
        "provider": share.serving.name,
        "ids": list(ids),
        "done": len(result.done),
        "failed": {native_id: failure.problem.value for native_id, failure in result.failed.items()},
        "error": error.problem.value if error else None,
    }
    audit_log.info(orjson.dumps(entry).decode(), extra={"fields": {"event": "command", **entry}})
