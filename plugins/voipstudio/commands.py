"""Commands: deleting and changing many records with one request, and what becomes of the rest when one of them is unknown."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from gateway.errors import BadAnswer, Forbidden, NotFound, UpstreamError
from gateway.provider import Outcome
from schema.enums import DeletableKind, DictionaryKind
from schema.record import Record

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


def is_number(native_id: str) -> bool:
    """Whether a native id is one of this upstream, where all are whole numbers; anything else must not get into a path."""
    return native_id.isascii() and native_id.isdigit()


async def carried_out(ids: Sequence[str], act: Act) -> Outcome:
    """One request for all ids; where that is refused because of some of them, one request for each.

    The upstream documents one status for the whole request and nothing of what was done before it: it is taken to check all ids
    first. Were it not so, an id deleted by the refused request would be told as NOT_FOUND, but nothing would be done twice."""
    outcome = Outcome(failed={each: NotFound("has no such record") for each in ids if not is_number(each)})
    known = [each for each in ids if is_number(each)]
    if not known:
        return outcome
    try:
        outcome.records += await act(known)
        outcome.done += known
    except (NotFound, Forbidden, BadAnswer) as error:
        if len(known) > 1:
            await _one_by_one(known, act, outcome)
        else:
            outcome.failed[known[0]] = error
    return outcome


async def _one_by_one(ids: Sequence[str], act: Act, outcome: Outcome) -> None:
    for each in ids:
        try:
            outcome.records += await act([each])
            outcome.done.append(each)
        except UpstreamError as error:
            outcome.failed[each] = error


def changed(changes: dict[str, dict[str, Any]], ids: Sequence[str]) -> list[dict[str, Any]]:
    """The body of a bulk change: the attributes of each record beside its id."""
    return [{**changes[each], "id": int(each)} for each in ids]
