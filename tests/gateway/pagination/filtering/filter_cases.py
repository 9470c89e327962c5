"""The truth about every field of every filter, written by hand: a value, records that match it, and records that do not."""

from decimal import Decimal
from typing import Any, NamedTuple

from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.schema.audit_entry import AuditEntry
from telegraphql.schema.call import Call
from telegraphql.schema.chat import Chat
from telegraphql.schema.enums import (
    CallDirection,
    CallStatus,
    MessageStatus,
    PartyKind,
    QueueOutcome,
    ReportKind,
    ReportScheduleStatus,
    ReportScheduleType,
    ReportStatus,
    TransactionKind,
)
from telegraphql.schema.filters import DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.media_session import MediaSession
from telegraphql.schema.message import Message
from telegraphql.schema.node import global_id
from telegraphql.schema.queue import Queue, QueueVisit
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.report import Report, ReportSchedule
from telegraphql.schema.session import Session
from telegraphql.schema.tracking_number import TrackingNumber
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.values import Money, Party, Visitor
from telegraphql.schema.voicemessage import Voicemessage
from tests.support.records import at, call, message, queue, recording, report, session, visit, voicemessage

TIMES = TimeRange(since=at(10), until=at(20))
SECONDS = IntRange(min=10, max=20)


class Truth(NamedTuple):
    """A filter's field: a value, records that match it, and records that do not."""

    kind: type[Record]
    field: str
    value: Any
    match: list[Any]
    differ: list[Any]


def party(number: str | None) -> Party:
    return Party(number=number)


def made(kind: type[Any], /, **given: Any) -> Any:
    return kind(provider_name="a", native_id="1", **given)


def chat(seconds: float = 0, **given: Any) -> Chat:
    return made(Chat, started_at=at(seconds), visitor=Visitor(), **given)


def transaction(seconds: float = 0, **given: Any) -> Transaction:
    return made(Transaction, performed_at=at(seconds), **({"amount": Money(amount=Decimal(0)), "type": "sms"} | given))


def stream(seconds: float = 0, **given: Any) -> MediaSession:
    return made(MediaSession, started_at=at(seconds), **given)


def entry(seconds: float = 0, **given: Any) -> AuditEntry:
    return made(AuditEntry, performed_at=at(seconds), **({"command": "AddUser"} | given))


def schedule(**given: Any) -> ReportSchedule:
    return made(ReportSchedule, **({"name": "x"} | given))


def requested(seconds: float = 0, **given: Any) -> Report:
    return report(1, seconds, **({"status": ReportStatus.DONE} | given))


def timed(kind: type[Record], field: str, make: Any) -> Truth:
    """A half-open range of time."""
    return Truth(kind, field, TIMES, [make(10), make(19.999999)], [make(9.999999), make(20), make(30)])


def counted(kind: type[Record], field: str, make: Any) -> Truth:
    """A closed range of whole numbers."""
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field)
    return Truth(
        kind, field, SECONDS, [make(**{name: 10}), make(**{name: 20})], [make(**{name: 9}), make(**{name: 21}), make(**{name: None})]
    )


def priced(kind: type[Record], field: str, make: Any) -> Truth:
    """A closed range of amounts."""
    wanted = DecimalRange(min=Decimal("0.50"), max=Decimal(2))
    amounts = [Money(amount=Decimal(each)) for each in ("0.5", "2", "0.49", "2.0001")]
    return Truth(kind, field, wanted, [make(each) for each in amounts[:2]], [*[make(each) for each in amounts[2:]], make(None)])


def named(kind: type[Record], make: Any, *ends: str) -> Truth:
    """The name of a party at any of the ends."""
    return Truth(
        kind,
        "name",
        KELLER,
        [make(**{end: ANNA}) for end in ends],
        [make(**{ends[0]: OURS}), make(**{ends[0]: Party(name="Keller")}), make()],
    )


def leg(**given: Any) -> Call:
    return call(1, **given)


def sound(**given: Any) -> Recording:
    return recording(1, 1, **given)


def within(seconds: float = 0, **given: Any) -> Session:
    return session(1, seconds, **given)


def legs(*calls: Call) -> Session:
    return session(1, held={"calls": [*calls]})


def voicemail(seconds: float = 0, **given: Any) -> Voicemessage:
    return voicemessage(1, seconds, **given)


def sms(seconds: float = 0, **given: Any) -> Message:
    return message(1, seconds, **given)


def stay(seconds: float = 0, of: str = "7", **given: Any) -> QueueVisit:
    return visit(1, of, seconds, **given)


IN, OUT = CallDirection.INBOUND, CallDirection.OUTBOUND
KELLER = TextFilter(starts_with="ANNA", contains="keller")
USER = Party(number="+41616925870", native_id="606", kind=PartyKind.USER)
NUMBERED = NumberFilter(equals=["061 692 58 79"])
OURS, THEIRS = party("+41616925879"), party("+41616925870")
ANNA = Party(number="0616925879", name="Anna Keller", to_e164=Numbering("CH").e164)
HIDDEN = Party(is_withheld=True)
INSIDE = NumberFilter(equals=["606"])
AGENT = Party(number="+41616925879", extension="606")
ID7 = [global_id("Queue", "a", "7"), global_id("Queue", "b", "8")]
S7 = [global_id("Session", "a", "7"), global_id("Session", "b", "8")]
APP = {"session": session(1, application_id="5", application_name="ivr", rule_name="main", custom_data="vip")}

TRUTHS = [
    timed(Call, "startedAt", lambda seconds: call(1, seconds)),
    Truth(
        Call, "direction", [CallDirection.INBOUND], [leg(direction=CallDirection.INBOUND)], [leg(direction=CallDirection.OUTBOUND), leg()]
    ),
    Truth(
        Call,
        "status",
        [CallStatus.BUSY, CallStatus.FAILED],
        [leg(status=CallStatus.BUSY), leg(status=CallStatus.FAILED)],
        [leg(status=CallStatus.ANSWERED), leg()],
    ),
    Truth(Call, "number", NUMBERED, [leg(from_=OURS), leg(to=OURS)], [leg(from_=THEIRS, to=THEIRS), leg()]),
    Truth(Call, "number", INSIDE, [leg(to=AGENT), leg(from_=party("606"))], [leg(from_=OURS, to=party("6060")), leg()]),
    Truth(Call, "to", INSIDE, [leg(to=AGENT)], [leg(from_=AGENT), leg()]),
    Truth(Call, "search", "606", [leg(to=AGENT)], [leg(to=OURS), leg()]),
    Truth(Call, "from", NUMBERED, [leg(from_=OURS, to=THEIRS)], [leg(from_=THEIRS, to=OURS), leg()]),
    Truth(Call, "to", NUMBERED, [leg(from_=THEIRS, to=OURS)], [leg(from_=OURS, to=THEIRS), leg()]),
    Truth(Call, "search", "061 692 58 79", [leg(from_=OURS), leg(to=ANNA)], [leg(from_=THEIRS, to=THEIRS), leg()]),
    Truth(Call, "search", "nna k", [leg(to=ANNA)], [leg(to=OURS), leg()]),
    Truth(Call, "search", "6925879", [leg(to=ANNA)], [leg(to=THEIRS), leg()]),
    Truth(Call, "dialedNumber", NUMBERED, [leg(dialed_number="+41616925879")], [leg(dialed_number="+41616925870", from_=OURS), leg()]),
    Truth(Call, "callerIdShown", NUMBERED, [leg(caller_id_shown="0616925879")], [leg(caller_id_shown="0616925870"), leg()]),
    Truth(Call, "trunk", ["Paris"], [leg(trunk="Paris")], [leg(trunk="paris"), leg()]),
    timed(Call, "answeredAt", lambda seconds: leg(answered_at=at(seconds))),
    Truth(Call, "hangupCause", ["REFERRED"], [leg(hangup_cause="REFERRED")], [leg(hangup_cause="REPLACED"), leg()]),
    Truth(Call, "sipStatusCode", [486, 600], [leg(sip_status_code=600)], [leg(sip_status_code=487), leg()]),
    counted(Call, "durationSeconds", leg),
    counted(Call, "talkSeconds", leg),
    priced(Call, "cost", lambda money: leg(cost=money)),
    Truth(
        Call,
        "agentId",
        ["606"],
        [leg(direction=IN, to=AGENT), leg(direction=OUT, from_=AGENT), leg(direction=IN, to=USER)],
        [leg(direction=IN, from_=AGENT), leg(to=AGENT), leg(direction=IN, to=OURS), leg()],
    ),
    named(Call, leg, "from_", "to"),
    Truth(
        Call, "queueId", ID7, [leg(held={"queue": queue(7, "x")})], [leg(held={"queue": queue(8, "x")}), leg(held={"queue": None}), leg()]
    ),
    Truth(Call, "isWithheld", True, [leg(from_=HIDDEN)], [leg(from_=OURS, to=HIDDEN), leg()]),
    Truth(Call, "userId", ["7"], [leg(user_id="7")], [leg(user_id="8"), leg()]),
    Truth(Call, "sessionId", S7, [leg(session="7")], [leg(session="8"), leg()]),
    Truth(Call, "isTracked", True, [leg(refs={"tracked": "yes"})], [leg(refs={"tracked": "no"}), leg()]),
    Truth(Call, "accountId", ["2"], [leg(account_id="2")], [leg(account_id="1"), leg()]),
    Truth(Call, "applicationId", ["5"], [leg(held=APP)], [leg(held={"session": session(1)}), leg()]),
    Truth(Call, "applicationName", ["ivr"], [leg(held=APP)], [leg(held={"session": session(1)}), leg()]),
    Truth(Call, "ruleName", ["main"], [leg(held=APP)], [leg(held={"session": session(1, rule_name="other")}), leg()]),
    Truth(Call, "customData", ["vip"], [leg(held=APP)], [leg(held={"session": session(1)}), leg()]),
    timed(Session, "startedAt", within),
    Truth(Session, "direction", [CallDirection.TRANSIT], [within(direction=CallDirection.TRANSIT)], [within()]),
    Truth(Session, "status", [CallStatus.ANSWERED], [within(status=CallStatus.ANSWERED)], [within()]),
    Truth(Session, "number", NUMBERED, [legs(leg(to=THEIRS), leg(to=OURS))], [legs(leg(to=THEIRS)), legs(), within()]),
    Truth(Session, "search", "nna k", [legs(leg(), leg(from_=ANNA))], [legs(leg(from_=OURS)), legs()]),
    Truth(Session, "name", KELLER, [legs(leg(to=ANNA))], [legs(leg(to=Party(name="Keller"))), legs()]),
    counted(Session, "durationSeconds", within),
    priced(Session, "cost", lambda money: within(cost=money)),
    Truth(Session, "userId", ["7"], [within(user_id="7")], [within(user_id="8"), within()]),
    Truth(Session, "accountId", ["2"], [within(account_id="2")], [within(account_id="1"), within()]),
    Truth(Session, "applicationId", ["5"], [within(application_id="5")], [within(application_id="55"), within()]),
    Truth(Session, "applicationName", ["ivr"], [within(application_name="ivr")], [within(application_name="ivr2"), within()]),
    Truth(Session, "ruleName", ["main"], [within(rule_name="main")], [within(rule_name="Main"), within()]),
    Truth(Session, "customData", ["vip"], [within(custom_data="vip")], [within(custom_data=""), within()]),
    Truth(
        Queue,
        "name",
        TextFilter(equals=["SALES", "Support"]),
        [queue(1, "Sales"), queue(1, "support")],
        [queue(1, "Sales 2"), queue(1, "")],
    ),
    Truth(Queue, "search", "SALES", [queue(1, "Sales 2")], [queue(1, "Support"), queue(1, "")]),
    Truth(Queue, "search", "60 0", [queue(1, "x", number="600")], [queue(1, "x", number="601"), queue(1, "Room 6, 00")]),
    Truth(Queue, "number", ["600"], [queue(1, "x", number="600")], [queue(1, "x", number="6001"), queue(1, "x")]),
    timed(QueueVisit, "enteredAt", stay),
    Truth(QueueVisit, "queueId", ID7, [stay(of="7")], [stay(of="8")]),
    Truth(QueueVisit, "outcome", [QueueOutcome.SERVICED], [stay(outcome=QueueOutcome.SERVICED)], [stay()]),
    counted(QueueVisit, "waitSeconds", stay),
    Truth(QueueVisit, "agentId", ["7"], [stay(agent_id="7")], [stay(agent_id="77"), stay()]),
    Truth(QueueVisit, "requestId", ["7"], [stay(request_id="7")], [stay(request_id="77"), stay()]),
    Truth(QueueVisit, "wasHungUpByAgent", False, [stay(was_hung_up_by_agent=False)], [stay(was_hung_up_by_agent=True), stay()]),
    timed(Recording, "startedAt", lambda seconds: recording(1, 1, seconds)),
    counted(Recording, "durationSeconds", sound),
    Truth(Recording, "number", NUMBERED, [sound(from_=OURS), sound(to=OURS)], [sound(from_=THEIRS), sound()]),
    priced(Recording, "cost", lambda money: sound(cost=money)),
    named(Recording, sound, "from_", "to"),
    Truth(Recording, "isWithheld", False, [sound(from_=OURS), sound()], [sound(from_=HIDDEN)]),
    Truth(Recording, "from", NUMBERED, [sound(from_=OURS)], [sound(to=OURS), sound()]),
    Truth(Recording, "direction", [CallDirection.INBOUND], [sound(direction=CallDirection.INBOUND)], [sound()]),
    Truth(Recording, "userId", ["7"], [sound(user_id="7")], [sound(user_id="77"), sound()]),
    Truth(Recording, "search", "+41 61 692 58 79", [sound(to=ANNA)], [sound(to=THEIRS), sound()]),
    Truth(Recording, "to", NUMBERED, [sound(to=OURS)], [sound(from_=OURS), sound()]),
    Truth(Recording, "direction", [IN], [sound(direction=IN)], [sound(direction=CallDirection.OUTBOUND), sound()]),
    Truth(Recording, "userId", ["5"], [sound(user_id="5")], [sound(user_id="6"), sound()]),
    timed(Voicemessage, "receivedAt", voicemail),
    Truth(Voicemessage, "dialedNumber", NUMBERED, [voicemail(dialed_number="+41616925879")], [voicemail(to=OURS), voicemail()]),
    Truth(Voicemessage, "from", NUMBERED, [voicemail(from_=OURS)], [voicemail(from_=THEIRS), voicemail()]),
    Truth(Voicemessage, "dialedNumber", NUMBERED, [voicemail(dialed_number="+41616925879")], [voicemail(dialed_number="1"), voicemail()]),
    named(Voicemessage, voicemail, "from_", "to"),
    Truth(
        Voicemessage, "search", "0616925879", [voicemail(from_=OURS), voicemail(dialed_number="+41616925879")], [voicemail(from_=THEIRS)]
    ),
    Truth(Voicemessage, "isWithheld", True, [voicemail(from_=HIDDEN)], [voicemail(from_=OURS), voicemail()]),
    Truth(Voicemessage, "mailbox", ["200"], [voicemail(mailbox="200")], [voicemail(mailbox="201"), voicemail()]),
    Truth(Voicemessage, "folder", ["INBOX"], [voicemail(folder="INBOX")], [voicemail(folder="Old"), voicemail()]),
    Truth(Voicemessage, "isRead", False, [voicemail(is_read=False)], [voicemail(is_read=True), voicemail()]),
    counted(Voicemessage, "durationSeconds", voicemail),
    timed(Message, "sentAt", sms),
    Truth(Message, "direction", [IN], [sms(direction=IN)], [sms(direction=CallDirection.OUTBOUND), sms()]),
    Truth(
        Message,
        "status",
        [MessageStatus.FAILED, MessageStatus.UNDELIVERED],
        [sms(status=MessageStatus.FAILED), sms(status=MessageStatus.UNDELIVERED)],
        [sms(status=MessageStatus.SENT), sms()],
    ),
    priced(Message, "cost", lambda money: sms(cost=money)),
    named(Message, sms, "from_", "to"),
    Truth(Message, "number", NUMBERED, [sms(from_=OURS), sms(to=OURS)], [sms(from_=THEIRS), sms()]),
    Truth(Message, "from", NUMBERED, [sms(from_=OURS)], [sms(to=OURS), sms()]),
    Truth(Message, "to", NUMBERED, [sms(to=OURS)], [sms(from_=OURS), sms()]),
    Truth(Message, "search", "anna", [sms(to=ANNA)], [sms(to=OURS, text="Anna"), sms()]),
    Truth(Message, "text", TextFilter(contains="CODE"), [sms(text="Your code: 1")], [sms(text="No"), sms()]),
    counted(Message, "segments", sms),
    Truth(Message, "sessionId", S7, [sms(session="7")], [sms(session="8"), sms()]),
    Truth(Message, "accountId", ["2"], [sms(account_id="2")], [sms(account_id="1"), sms()]),
    timed(Chat, "startedAt", chat),
    counted(Chat, "durationSeconds", chat),
    Truth(Chat, "state", ["1"], [chat(state="1")], [chat(state="2"), chat()]),
    Truth(
        Chat,
        "name",
        KELLER,
        [made(Chat, started_at=at(0), visitor=Visitor(name="anna KELLER"))],
        [made(Chat, started_at=at(0), visitor=Visitor(name="Keller")), chat()],
    ),
    Truth(Chat, "search", "kell", [made(Chat, started_at=at(0), visitor=Visitor(name="Anna Keller"))], [chat()]),
    Truth(Chat, "operatorId", ["7"], [chat(operator_id="7")], [chat(operator_id="8"), chat()]),
    Truth(Chat, "websiteId", ["7"], [chat(website_id="7")], [chat(website_id="8"), chat()]),
    timed(Transaction, "performedAt", transaction),
    Truth(Transaction, "kind", [TransactionKind.REFUND], [transaction(kind=TransactionKind.REFUND)], [transaction()]),
    Truth(Transaction, "type", ["sms"], [transaction(type="sms")], [transaction(type="mms")]),
    priced(Transaction, "amount", lambda money: transaction(amount=money or Money(amount=Decimal("9")))),
    Truth(Transaction, "search", "monthly", [transaction(description="Monthly fee")], [transaction(description="Call"), transaction()]),
    Truth(Transaction, "isPending", False, [transaction(), transaction(is_pending=False)], [transaction(is_pending=True)]),
    Truth(Transaction, "userId", ["7"], [transaction(user_id="7")], [transaction(user_id="8"), transaction()]),
    Truth(Transaction, "hasUser", False, [transaction(refs={"hasUser": "no"})], [transaction(refs={"hasUser": "yes"}), transaction()]),
    Truth(Transaction, "accountId", ["2"], [transaction(account_id="2")], [transaction(account_id="1"), transaction()]),
    timed(MediaSession, "startedAt", stream),
    counted(MediaSession, "durationSeconds", stream),
    Truth(MediaSession, "number", NUMBERED, [stream(from_=OURS), stream(to=OURS)], [stream(to=THEIRS), stream()]),
    Truth(MediaSession, "search", "kell", [stream(from_=ANNA)], [stream(from_=OURS), stream()]),
    named(MediaSession, stream, "from_", "to"),
    Truth(MediaSession, "userId", ["7"], [stream(user_id="7")], [stream(user_id="8"), stream()]),
    timed(AuditEntry, "performedAt", entry),
    Truth(AuditEntry, "command", ["AddUser"], [entry()], [entry(command="DelUser")]),
    Truth(AuditEntry, "search", "keller", [entry(actor="Anna Keller")], [entry(actor="Anna"), entry()]),
    Truth(AuditEntry, "actorId", ["7"], [entry(actor_id="7")], [entry(actor_id="8"), entry()]),
    Truth(AuditEntry, "relatedTo", "152", [entry(refs={"relatedTo": "152"})], [entry(refs={"relatedTo": "15"}), entry()]),
    Truth(AuditEntry, "ip", ["192.0.2.1"], [entry(ip="192.0.2.1")], [entry(ip="192.0.2.2"), entry()]),
    Truth(
        TrackingNumber,
        "name",
        TextFilter(starts_with="camp", contains="AIGN"),
        [made(TrackingNumber, name="Campaign")],
        [made(TrackingNumber, name="Camp"), made(TrackingNumber, name="A campaign")],
    ),
    Truth(
        TrackingNumber,
        "search",
        "061 692",
        [made(TrackingNumber, name="x", number="0616925879")],
        [made(TrackingNumber, name="x", number="0626925879")],
    ),
    timed(Report, "createdAt", requested),
    Truth(Report, "name", TextFilter(contains="week"), [requested(name="Weekly")], [requested(name="Monthly"), requested()]),
    Truth(Report, "kind", [ReportKind.AUDIT], [requested(kind=ReportKind.AUDIT)], [requested()]),
    Truth(Report, "status", [ReportStatus.DONE], [requested()], [requested(status=ReportStatus.FAILED)]),
    Truth(ReportSchedule, "name", TextFilter(contains="week"), [schedule(name="Weekly")], [schedule(name="Monthly")]),
    Truth(ReportSchedule, "type", [ReportScheduleType.CALLS], [schedule(type=ReportScheduleType.CALLS)], [schedule()]),
    Truth(ReportSchedule, "status", [ReportScheduleStatus.RUNNING], [schedule(status=ReportScheduleStatus.RUNNING)], [schedule()]),
]
