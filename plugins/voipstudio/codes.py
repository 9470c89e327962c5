"""Codes: what VoIPstudio's words for direction, outcome, party and money mean, and which of them can be asked for."""

import re
from collections.abc import Collection

from telegraphql.plugins.voipstudio.wire import Word
from telegraphql.schema import CallDirection, CallStatus, PartyKind, TransactionKind

STATUS = {"CONNECTED": CallStatus.ANSWERED, "ON_HOLD": CallStatus.ANSWERED, "VM": CallStatus.VOICEMAIL}
UNANSWERED = ("INITIAL", "RINGING")
# Why an unanswered call ended, in the words of Q.850 as Asterisk spells them; any other cause is NO_ANSWER.
CAUSE = {
    "User busy": CallStatus.BUSY,
    "Call Rejected": CallStatus.FAILED,
    "Unallocated (unassigned) number": CallStatus.FAILED,
    "No route to destination": CallStatus.FAILED,
    "Destination out of order": CallStatus.FAILED,
    "Invalid number format": CallStatus.FAILED,
    "Network out of order": CallStatus.FAILED,
    "Subscriber absent": CallStatus.FAILED,
    "Circuit/channel congestion": CallStatus.CONGESTION,
    "Switch congestion": CallStatus.CONGESTION,
}
ALIKE = {CallStatus.BUSY: "User busy", CallStatus.CONGESTION: "congestion"}  # a part of all causes of a status
RANG_ONLY = frozenset({CallStatus.NO_ANSWER, *CAUSE.values()})
MADE = {word: frozenset({status}) for word, status in STATUS.items()} | dict.fromkeys(UNANSWERED, RANG_ONLY)
INTERNAL = "USER_LOCAL"
DESTINATION = {
    "in": CallDirection.INBOUND,
    "webcall": CallDirection.INBOUND,  # a visitor of a website calls the company
    "out": CallDirection.OUTBOUND,
    "callmeback": CallDirection.OUTBOUND,  # the company calls a visitor who asked for it
}
TYPE = {"O": CallDirection.OUTBOUND, "I": CallDirection.INBOUND, "M": CallDirection.INBOUND}
MISSED = "M"
QUEUE = re.compile(r"Queue(\d+)")
PARTY = (
    (re.compile(r"(\d+)"), PartyKind.USER),
    (re.compile(r"contact:(\d+)"), PartyKind.CONTACT),
    (QUEUE, PartyKind.QUEUE),
    (re.compile(r"IVR(\d+)"), PartyKind.IVR),
)
EXTENSION = re.compile(r"\d{2,6}")
# The reference has no words for these two; what else comes is OTHER and not pending.
TRANSACTION = {
    "charge": TransactionKind.CHARGE,
    "invoice": TransactionKind.CHARGE,
    "subscription": TransactionKind.CHARGE,
    "payment": TransactionKind.PAYMENT,
    "topup": TransactionKind.PAYMENT,
    "refund": TransactionKind.REFUND,
    "adjustment": TransactionKind.ADJUSTMENT,
    "transfer": TransactionKind.TRANSFER,
    "bonus": TransactionKind.GIFT,
}
PENDING = frozenset({"pending", "not completed", "not completed yet"})


def direction(context: Word, destination: Word, type_: Word) -> CallDirection:
    """Return which way a leg went: `context` names internal ones, then `destination` decides, and `type` where it says nothing."""
    if context == INTERNAL:
        return CallDirection.INTERNAL
    return DESTINATION.get(str(destination)) or TYPE.get(str(type_)) or CallDirection.UNKNOWN


def status(disposition: Word, t_cause: Word, type_: Word) -> CallStatus:
    """Return how a leg ended, by `disposition`; unanswered ones by the cause of their end."""
    word = str(disposition)
    if word in STATUS:
        return STATUS[word]
    if word in UNANSWERED:
        return CAUSE.get(str(t_cause), CallStatus.NO_ANSWER)
    return CallStatus.NO_ANSWER if type_ == MISSED else CallStatus.UNKNOWN


def only_disposition(wanted: Collection[CallStatus]) -> str | None:
    """Return the one word of the upstream behind all wanted statuses; None if several words, or none, can be."""
    words = [word for word, made in MADE.items() if not made.isdisjoint(wanted)]
    wordless = {CallStatus.NO_ANSWER, CallStatus.UNKNOWN} & {*wanted}
    return words[0] if len(words) == 1 and not wordless else None


def only_cause(wanted: Collection[CallStatus]) -> str | None:
    """Return a part of all causes of the wanted status; None if several statuses are wanted or their causes share none."""
    return ALIKE.get(next(iter(wanted))) if len({*wanted}) == 1 else None


def only_context(wanted: Collection[CallDirection]) -> str | None:
    """Return the one context behind the wanted directions: only internal calls have one.

    The others may come from `destination` or from `type`, and an upstream without OR cannot be asked for either.
    """
    return INTERNAL if {*wanted} == {CallDirection.INTERNAL} else None
