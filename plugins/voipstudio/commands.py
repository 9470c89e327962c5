"""Commands: deleting and changing many records with one request, and what becomes of the rest when one of them is unknown."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from telegraphql.plugin import BadAnswer, CommandResult, Forbidden, NotFound, RejectedInput, Unsupported, UpstreamError
from telegraphql.plugins.voipstudio.client import VoipstudioAccount
from telegraphql.plugins.voipstudio.query import Resource, is_number
from telegraphql.plugins.voipstudio.wire import ONE_OR_MANY
from telegraphql.schema import DeletableKind, DictionaryKind, Record

COLLECTION = {
    DeletableKind.CALLS: "/cdrs",
    DeletableKind.RECORDINGS: "/monitors",
    DeletableKind.VOICEMESSAGES: "/voicemessages",
    DeletableKind.CHAT_MESSAGES: "/chatmsgs",
    DeletableKind.STATEMENTS: "/statements",
}
DICTIONARY = {
    DictionaryKind.CALLS: "/cdrs/dictionaries",
    DictionaryKind.MEDIA_SESSIONS: "/mediasessions/dictionaries",
    DictionaryKind.MEDIA_SESSION_RECORDS: "/msdrs/dictionaries",
    DictionaryKind.SMS: "/sms/dictionaries",
}
Act = Callable[[Sequence[str]], Awaitable[Sequence[Record]]]


async def delete(account: VoipstudioAccount, path: str, ids: Sequence[str]) -> CommandResult:
    """Delete the records with these ids."""

    async def act(some: Sequence[str]) -> Sequence[Record]:
        await account.ask(f"DELETE {path}/{{ids}}", ",".join(some))
        return []

    return await _carried_out(ids, act)


async def change(account: VoipstudioAccount, resource: Resource, changes: Mapping[str, Any], **parameters: Any) -> CommandResult:
    """Set attributes of records, given by native id; the outcome holds those of them that the upstream shows afterwards."""
    wrong = [each for each, attributes in changes.items() if not isinstance(attributes, Mapping)]

    async def act(some: Sequence[str]) -> Sequence[Record]:
        body = [{**changes[each], "id": int(each)} for each in some]
        answer = await account.ask(f"PATCH {resource.path}", json=body)
        try:
            shown = account.page(resource.mapping, answer.decode(ONE_OR_MANY), **parameters)
        except BadAnswer:
            return []  # it is done, whatever is shown of it
        return [record.record() for record in shown.records if record.native_id in some]

    outcome = await _carried_out([each for each in changes if each not in wrong], act)
    outcome.failed |= {each: Unsupported("takes attributes only as an object of names and values") for each in wrong}
    return outcome


async def _carried_out(ids: Sequence[str], act: Act) -> CommandResult:
    """One request for all ids; where that is refused because of some of them, one request for each.

    The upstream documents one status for the whole request, and nothing of what was done before it: it is taken to check all ids
    first. Were it not so, an id deleted by the refused request would be told as NOT_FOUND; nothing would be done twice."""
    outcome = CommandResult(failed={each: NotFound("has no such record") for each in ids if not is_number(each)})
    known = [each for each in ids if is_number(each)]
    try:
        outcome.records += await act(known) if known else ()
        outcome.done += known
    except (NotFound, Forbidden, RejectedInput, BadAnswer) as error:
        if len(known) == 1:
            outcome.failed[known[0]] = error
        else:
            await _one_by_one(known, act, outcome)
    return outcome


async def _one_by_one(ids: Sequence[str], act: Act, outcome: CommandResult) -> None:
    for each in ids:
        try:
            outcome.records += await act([each])
            outcome.done.append(each)
        except UpstreamError as error:
            outcome.failed[each] = error
