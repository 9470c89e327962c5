"""Values computed from PortSIP's rows: kinds of numbers, statuses, keys of relations, files."""

from datetime import datetime

from telegraphql.plugin import digits, read_whole
from telegraphql.plugins.portsip.recordings import RecordedCall, extension_in_file_name
from telegraphql.plugins.portsip.wire import Number
from telegraphql.schema import CallDirection, CallStatus, PartyKind

# The final SIP status; 0 is no failure.
STATUS = {
    0: CallStatus.NO_ANSWER,
    408: CallStatus.NO_ANSWER,
    480: CallStatus.NO_ANSWER,
    486: CallStatus.BUSY,
    487: CallStatus.CANCELED,
    600: CallStatus.BUSY,
}
BUSY_CODES = (486, 600)
MIME_TYPE = {"wav": "audio/wav", "mp3": "audio/mpeg", "csv": "text/csv", "html": "text/html"}
LEFT_QUEUE = ("QUEUE_EXIT", "QUEUE_ABANDONED")
BY_NUMBER = "number:"
PSTN_DIGITS = 7


def first_known(*values: str | None) -> str | None:
    """Return the first text that is not null."""
    return next((value for value in values if value is not None), None)


def or_empty(value: str | None) -> str:
    """Return a text; "" for null, where the schema needs one."""
    return value or ""


def status(answered: datetime | None, end_reason: str | None, code: Number) -> CallStatus:
    """Return how a call went, by its answer, its final SIP status and its reason."""
    if answered:
        return CallStatus.ANSWERED
    number = read_whole(code) or 0
    if end_reason == "CANCELLED" and number not in BUSY_CODES:
        return CallStatus.CANCELED
    return STATUS.get(number, CallStatus.FAILED if number >= 400 else CallStatus.UNKNOWN)


def party_kind(number: str | None, direction: CallDirection) -> PartyKind:
    """Return what stands behind a number of a call; both ends of an internal one are extensions, however long."""
    is_extension = direction is CallDirection.INTERNAL and number and digits(number) == number
    return PartyKind.EXTENSION if is_extension else number_kind(number)


def number_kind(number: str | None) -> PartyKind:
    """Return what a number looks like: an extension of three digits and more, or from seven digits on a public number."""
    if not number or not (digits(number) == number or number.startswith("+")):
        return PartyKind.UNKNOWN
    return PartyKind.PSTN if len(digits(number)) >= PSTN_DIGITS else PartyKind.EXTENSION


def sip_address(number: str | None, domain: str | None) -> str | None:
    """Return the SIP address of a number in a domain."""
    return f"sip:{number}@{domain}" if number and domain else None


def dialed_number(direction: CallDirection, did: str | None) -> str | None:
    """Return the public number that an inbound call was made to."""
    return did if direction is CallDirection.INBOUND else None


def leg_key(
    leg: str, session_id: str | None, caller: str | None, callee: str | None, answered: datetime | None, ended: datetime | None
) -> str | None:
    """Return the key by which the recordings of a leg are found; None for a leg that nobody answered, since it was not recorded.

    A row without a session id is a whole conversation, whose recordings may be of any callee.
    """
    if answered is None:
        return None
    return RecordedCall(leg, session_id or leg, caller or "", callee or "" if session_id else "", answered, ended).key


def session_key(session_id: str, caller: str | None, answered: datetime | None, ended: datetime | None) -> str | None:
    """Return the key by which the recordings of a conversation are found; None where nobody answered."""
    return leg_key(session_id, None, caller, None, answered, ended)


def recorded_leg_key(
    session_id: str | None, caller: str | None, callee: str | None, started: datetime, ended: datetime | None, file_name: str | None
) -> str | None:
    """Return the key by which the leg of a recording is found; None if its session is not known."""
    if session_id is None:
        return None
    return RecordedCall("", session_id, caller or "", callee or "", started, ended, extension_in_file_name(file_name)).key


def queue_name(name: object, number: str | None, native_id: str) -> str:
    """Return the name of a queue, or its number or id if it has none."""
    return (name.strip() if isinstance(name, str) else "") or number or native_id


def queue_key(number: str | None) -> str | None:
    """Return the key by which calls know a queue: its number."""
    return BY_NUMBER + number if number else None


def queue_of_call(service_number: str | None, callee: str | None, reroute_reason: str | None) -> str | None:
    """Return the key of a call's queue: the service number, or the callee if the row says that the queue let the caller go."""
    return queue_key(service_number or (callee if reroute_reason in LEFT_QUEUE else None))


def service_levels(seconds: int | None) -> list[int] | None:
    """Return the thresholds of a queue; 0 is none."""
    return [seconds] if seconds else None


def agent_count(agents: list[object] | None) -> int | None:
    """Return how many agents a queue has."""
    return None if agents is None else len(agents)


def mime_type(file_name: str | None) -> str | None:
    """Return the type of a file by the ending of its name."""
    return MIME_TYPE.get((file_name or "").rpartition(".")[2].lower())
