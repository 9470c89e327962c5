"""Commands: what changes something upstream - split by provider, never retried, told per id, and logged."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from telegraphql.gateway.errors import BadId, BadInput, NobodyCan, RequestError, UnknownProvider, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.declarations import Command
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult
from telegraphql.gateway.upstream.request_budget import changing
from telegraphql.schema.context import CommandOutcome
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import global_id, read_global_id

MOST_IDS = 500
audit = logging.getLogger("telegraphql.audit")


@dataclass(slots=True)
class Work:
    """One provider's share of a command: the ids it is for and, by native id, what was asked."""

    serving: BoundProvider
    command: Command
    ids: dict[str, str] = field(default_factory=dict)


async def run(serving: Mapping[str, BoundProvider], name: str, arguments: dict[str, Any], caller: str) -> CommandOutcome:
    """Carry out a command and tell what became of each id; RequestError before anything is sent where it cannot be right."""
    _objects(arguments)
    if "ids" in arguments:
        return await _for_ids(serving, name, arguments, caller)
    provider = _named(serving, arguments["provider"])
    command = _command(provider, name)
    if arguments.get("confirm", provider.name) != provider.name:
        raise BadInput(f"`confirm` must be the provider's name, {provider.name!r}; nothing was sent")
    rest = {key: value for key, value in arguments.items() if key not in ("provider", "nativeIds", "confirm")}
    ids = list(dict.fromkeys(arguments.get("nativeIds", ())))
    _few(ids)
    if "nativeIds" in arguments and not ids:
        return CommandOutcome()
    work = Work(provider, command, {native: native for native in ids})
    return await _work(work, rest, caller, raising=not ids)


def _objects(arguments: Mapping[str, Any]) -> None:
    """What is JSON in the schema must be an object, with the upstream's words as its keys."""
    given = [("filter.native", arguments.get("filter") or {})]
    given += [("attributes", attributes) for attributes in (arguments.get("changes") or {}).values()]
    for name, value in given:
        if not isinstance(value, Mapping):
            raise BadInput(f"`{name}` must be an object; nothing was sent")


async def _for_ids(serving: Mapping[str, BoundProvider], name: str, arguments: dict[str, Any], caller: str) -> CommandOutcome:
    ids = list(dict.fromkeys(arguments["ids"]))
    _few(ids)
    rest = {key: value for key, value in arguments.items() if key != "ids"}
    works: dict[str, Work] = {}
    done = CommandOutcome()
    for text in ids:
        try:
            provider, command, native = _target(serving, name, text)
        except RequestError as error:
            done.problems.append(_wrong_id(text, error))
            continue
        works.setdefault(provider.name, Work(provider, command)).ids[native] = text
    for part in await asyncio.gather(*(_work(work, rest, caller) for work in works.values())):
        done.add(part)
    return done


def _target(serving: Mapping[str, BoundProvider], name: str, text: str) -> tuple[BoundProvider, Command, str]:
    try:
        kind, owner, native = read_global_id(text)
    except ValueError:
        raise BadId(f"{text[:80]!r} is not an id of this gateway") from None
    provider = _named(serving, owner)
    command = _command(provider, name)
    if command.kind is None or command.kind.__name__ != kind:
        raise BadId(f"{name} does not work on a {kind}")
    return provider, command, native


def _named(serving: Mapping[str, BoundProvider], name: str) -> BoundProvider:
    found = serving.get(name)
    if found is None:
        raise UnknownProvider(f"there is no provider {name[:80]!r}; ask providers {{ name }} for those there are")
    return found


def _command(serving: BoundProvider, name: str) -> Command:
    found = serving.declared.commands.get(name)
    if found is None:
        raise NobodyCan(f"the provider {serving.name} cannot do {name}; its capabilities list what it can")
    return found


def _few(ids: Sequence[str]) -> None:
    if len(ids) > MOST_IDS:
        raise BadInput(f"at most {MOST_IDS} ids can be given at once")


async def _work(work: Work, arguments: dict[str, Any], caller: str, raising: bool = False) -> CommandOutcome:
    """One provider's share, in as many requests as it takes; without ids a failure is raised, not told."""
    done = CommandOutcome()
    most = work.command.at_most
    natives = list(work.ids)
    for chunk in [natives[at : at + most] for at in range(0, len(natives), most)] or [[]]:
        try:
            order = CommandRequest(ids=chunk, arguments=_of(arguments, chunk, work))
            with changing():
                outcome: CommandResult = await work.serving.answer(work.command.method, order)
        except UpstreamError as error:
            error.provider = error.provider or work.serving.name
            _log(work, caller, chunk, CommandResult(failed=dict.fromkeys(chunk, error)), error)
            if raising:
                raise
            outcome = CommandResult(failed=dict.fromkeys(chunk, error))
        else:
            _log(work, caller, chunk, outcome)
        done.add(_told(work, outcome))
    return done


def _of(arguments: dict[str, Any], chunk: Sequence[str], work: Work) -> dict[str, Any]:
    """The other arguments; changes that come per id are given under native ids, only those of the chunk."""
    changes = arguments.get("changes")
    if changes is None:
        return arguments
    return arguments | {"changes": {native: changes[work.ids[native]] for native in chunk}}


def _told(work: Work, outcome: CommandResult) -> CommandOutcome:
    problems = []
    for native, error in outcome.failed.items():
        error.provider = error.provider or work.serving.name
        problem = error.as_problem()
        problem.id = _global(work, native)
        problems.append(problem)
    return CommandOutcome([_global(work, native) for native in outcome.done], problems, outcome.records, outcome.value)


def _global(work: Work, native: str) -> Any:
    kind = work.command.kind
    return work.ids.get(native) or (global_id(kind.__name__, work.serving.name, native) if kind else native)


def _wrong_id(text: str, error: RequestError) -> Problem:
    codes = {"UNSUPPORTED": ProblemCode.UNSUPPORTED}
    code = codes.get(error.code, ProblemCode.NOT_FOUND)
    return Problem(provider="", code=code, message=str(error), retryable=False, retry_after=None, id=text)  # type: ignore[arg-type]


def _log(work: Work, caller: str, ids: Sequence[str], outcome: CommandResult, error: UpstreamError | None = None) -> None:
    """Who did what to what, and what became of it; arguments are left out, since they may be personal."""
    if work.command.reads:
        return
    entry = {
        "caller": caller,
        "command": work.command.name,
        "provider": work.serving.name,
        "ids": list(ids),
        "done": len(outcome.done),
        "failed": {native: each.problem.value for native, each in outcome.failed.items()},
        "error": error.problem.value if error else None,
    }
    audit.info(orjson.dumps(entry).decode(), extra={"fields": {"event": "command", **entry}})
