"""Commands that delete or change several records with one request, and retry one by one if some of them are refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from telegraphql.plugin import BadAnswer, CommandResult, Forbidden, NotFound, RejectedInput, UpstreamError
from telegraphql.plugins.voipstudio.client import VoipstudioAccount
from telegraphql.plugins.voipstudio.query import Resource, is_number
from telegraphql.plugins.voipstudio.wire import ONE_OR_MANY
from telegraphql.schema import DeletableKind, DictionaryKind, Record

COLLECTIONS = {
    DeletableKind.CALLS: "/cdrs",
    DeletableKind.RECORDINGS: "/monitors",
    DeletableKind.VOICEMESSAGES: "/voicemessages",
    DeletableKind.CHAT_MESSAGES: "/chatmsgs",
    DeletableKind.STATEMENTS: "/statements",
}
DICTIONARIES = {
    DictionaryKind.CALLS: "/cdrs/dictionaries",
    DictionaryKind.MEDIA_SESSIONS: "/mediasessions/dictionaries",
    DictionaryKind.MEDIA_SESSION_RECORDS: "/msdrs/dictionaries",
    DictionaryKind.SMS: "/sms/dictionaries",
}
Action = Callable[[Sequence[str]], Awaitable[Sequence[Record]]]


async def delete(account: VoipstudioAccount, path: str, ids: Sequence[str]) -> CommandResult:
    """Delete the records with these ids."""

    async def action(chunk: Sequence[str]) -> Sequence[Record]:
        await account.ask(f"DELETE {path}/{{ids}}", ",".join(chunk))
        return []

    return await _run_for_all(ids, action)


async def update(account: VoipstudioAccount, resource: Resource, changes: Mapping[str, Any], **parameters: Any) -> CommandResult:
    """Set attributes of records, given by native id. The result holds the updated records that the upstream returns."""

    async def action(chunk: Sequence[str]) -> Sequence[Record]:
        body = [{**attributes(changes[each]), "id": int(each)} for each in chunk]
        answer = await account.ask(f"PATCH {resource.path}", json=body)
        try:
            updated = account.page(resource.mapping, answer.decode(ONE_OR_MANY), **parameters)
        except BadAnswer:
            return []  # the update is done, even if its response cannot be read
        return [record.record() for record in updated.records if record.native_id in chunk]

    return await _run_for_all([*changes], action)


def attributes(change: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the attributes of a change by the upstream's names; those of `native` have them already."""
    return {**(change.get("native") or {}), **{name: value for name, value in change.items() if name != "native"}}


async def _run_for_all(ids: Sequence[str], action: Action) -> CommandResult:
    """Send one request for all ids. If it is refused because of some of them, send one request for each.

    The upstream documents one status for the whole request, and does not say whether it changes some records before it fails. The plugin
    assumes that it checks all ids first. Otherwise an id that the refused request deleted would be reported as NOT_FOUND; nothing would be
    done twice.
    """
    result = CommandResult(failed={each: NotFound("has no such record") for each in ids if not is_number(each)})
    valid = [each for each in ids if is_number(each)]
    try:
        result.records += await action(valid) if valid else ()
        result.done += valid
    except (NotFound, Forbidden, RejectedInput, BadAnswer) as error:
        if len(valid) == 1:
            result.failed[valid[0]] = error
        else:
            await _run_one_by_one(valid, action, result)
    return result


async def _run_one_by_one(ids: Sequence[str], action: Action, result: CommandResult) -> None:
    for each in ids:
        try:
            result.records += await action([each])
            result.done.append(each)
        except UpstreamError as error:
            result.failed[each] = error
