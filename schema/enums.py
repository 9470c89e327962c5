"""Enums: the closed sets of words that every upstream's codes are translated into."""

from enum import Enum

import strawberry
from strawberry import enum_value as word


@strawberry.enum(description="Which way a call went, seen from the company.")
class CallDirection(Enum):
    INBOUND = word("INBOUND", description="From outside to the company.")
    OUTBOUND = word("OUTBOUND", description="From the company to outside.")
    INTERNAL = word("INTERNAL", description="Between parties of the company.")
    TRANSIT = word("TRANSIT", description="From outside to outside through the company's PBX.")
    UNKNOWN = word("UNKNOWN", description="The upstream does not say, or says a word we do not know.")


@strawberry.enum(description="How a call ended, or that it goes on.")
class CallStatus(Enum):
    ANSWERED = word("ANSWERED", description="Somebody or something answered and talked.")
    NO_ANSWER = word("NO_ANSWER", description="It rang and nobody answered.")
    BUSY = word("BUSY", description="The called party was busy.")
    FAILED = word("FAILED", description="The call could not be set up.")
    CONGESTION = word("CONGESTION", description="The network or PBX had no free line.")
    CANCELED = word("CANCELED", description="The caller hung up before an answer.")
    VOICEMAIL = word("VOICEMAIL", description="A voicemail box took the call.")
    IN_PROGRESS = word("IN_PROGRESS", description="The call is not over yet.")
    UNKNOWN = word("UNKNOWN", description="The upstream does not say, or says a word we do not know.")


@strawberry.enum(description="What kind of party stands behind a number.")
class PartyKind(Enum):
    PSTN = word("PSTN", description="A number of the public telephone network, mobile ones included.")
    EXTENSION = word("EXTENSION", description="An internal extension of a PBX.")
    USER = word("USER", description="A user account of the provider.")
    SIP = word("SIP", description="A SIP address.")
    QUEUE = word("QUEUE", description="A queue of waiting callers.")
    IVR = word("IVR", description="An automatic voice menu.")
    CONTACT = word("CONTACT", description="An entry of the company's address book.")
    VOICEMAIL = word("VOICEMAIL", description="A voicemail box.")
    UNKNOWN = word("UNKNOWN", description="The upstream does not say.")


@strawberry.enum(description="How a visit to a queue ended.")
class QueueOutcome(Enum):
    SERVICED = word("SERVICED", description="An agent took the caller.")
    ABANDONED = word("ABANDONED", description="The caller left before an agent answered.")
    REJECTED = word("REJECTED", description="The queue refused the caller: too many or waiting too long.")
    UNKNOWN = word("UNKNOWN", description="The upstream does not say.")


@strawberry.enum(description="What a movement of money was for.")
class TransactionKind(Enum):
    CHARGE = word("CHARGE", description="The provider charged for a service.")
    PAYMENT = word("PAYMENT", description="Money was paid in.")
    REFUND = word("REFUND", description="Money was given back.")
    ADJUSTMENT = word("ADJUSTMENT", description="A correction by the provider.")
    TRANSFER = word("TRANSFER", description="Money moved between accounts or users.")
    GIFT = word("GIFT", description="A gift, bonus or promotion of the provider.")
    OTHER = word("OTHER", description="Anything else; read type.")


@strawberry.enum(description="How far a transcription is.")
class TranscriptionStatus(Enum):
    NOT_REQUESTED = word("NOT_REQUESTED", description="Nobody asked for one.")
    IN_PROGRESS = word("IN_PROGRESS", description="The upstream is working on it.")
    COMPLETE = word("COMPLETE", description="It is there.")
    FAILED = word("FAILED", description="The upstream could not make it.")
    UNKNOWN = word("UNKNOWN", description="The upstream says a word we do not know.")


@strawberry.enum(description="What a report is about.")
class ReportKind(Enum):
    CALLS = word("CALLS", description="Calls with all details.")
    CALLS_BRIEF = word("CALLS_BRIEF", description="Calls in brief.")
    TRANSACTIONS = word("TRANSACTIONS", description="Movements of money.")
    AUDIT = word("AUDIT", description="Changes of the account.")
    CALL_LIST = word("CALL_LIST", description="The outcome of an automatic call list.")
    QUEUES = word("QUEUES", description="Queue performance, in any of the upstream's variants.")
    COSTS = word("COSTS", description="Costs of calls by group.")
    OTHER = word("OTHER", description="Anything else; read native.")


@strawberry.enum(description="How far a report is.")
class ReportStatus(Enum):
    QUEUED = word("QUEUED", description="Asked for, not begun.")
    RUNNING = word("RUNNING", description="The upstream is working on it.")
    DONE = word("DONE", description="Finished: media can be downloaded.")
    FAILED = word("FAILED", description="The upstream gave up: error says why.")
    EXPIRED = word("EXPIRED", description="Finished once; the upstream has removed the file.")


@strawberry.enum(description="The order of a list of records with a time. Ties stand in the order of provider and id.")
class TimeOrder(Enum):
    NEWEST_FIRST = word("NEWEST_FIRST", description="The latest record first.")
    OLDEST_FIRST = word("OLDEST_FIRST", description="The earliest record first.")


@strawberry.enum(description="Why a part of an answer is missing. The set is closed.")
class ProblemCode(Enum):
    UNAUTHORIZED = word("UNAUTHORIZED", description="The upstream refused the configured credentials.")
    FORBIDDEN = word("FORBIDDEN", description="The credentials are good, but not for this.")
    NOT_FOUND = word("NOT_FOUND", description="The upstream has no such record.")
    BAD_INPUT = word("BAD_INPUT", description="The upstream refused a value of the query, such as a filter's.")
    RATE_LIMITED = word("RATE_LIMITED", description="Too many requests to this upstream; wait retryAfter seconds.")
    TIMEOUT = word("TIMEOUT", description="The upstream did not answer in time.")
    UNAVAILABLE = word("UNAVAILABLE", description="The upstream is down or cannot be reached.")
    BAD_ANSWER = word("BAD_ANSWER", description="The upstream answered something that is not its documented format.")
    MALFORMED_RECORD = word("MALFORMED_RECORD", description="One record of an answer could not be read; the others are there.")
    MALFORMED_FIELD = word("MALFORMED_FIELD", description="An optional field of some records could not be read; it is null there.")
    STALE = word("STALE", description="The records are there, but from an earlier answer of the upstream.")
    UNSUPPORTED = word("UNSUPPORTED", description="This provider cannot do what was asked.")
    SCAN_LIMIT = word("SCAN_LIMIT", description="The search stopped at its limit; go on from endCursor.")


@strawberry.enum(description="How well an upstream applies a filter by itself. The gateway applies the rest, so the answer is the same.")
class FilterSupport(Enum):
    EXACT = word("EXACT", description="The upstream sends exactly the matching records.")
    SUPERSET = word("SUPERSET", description="The upstream sends the matching records and some more, which the gateway drops.")
    GATEWAY = word("GATEWAY", description="The upstream cannot filter by this; the gateway does.")
    UNSUPPORTED = word("UNSUPPORTED", description="Nobody can tell for this provider: it contributes a problem UNSUPPORTED.")


@strawberry.enum(description="Whether requests to a provider are let through.")
class BreakerState(Enum):
    CLOSED = word("CLOSED", description="Requests go through.")
    HALF_OPEN = word("HALF_OPEN", description="After a rest, a few requests try whether it is back.")
    OPEN = word("OPEN", description="It failed too often: requests are not sent for a while.")


@strawberry.enum(description="Whose dictionary of codes is wanted.")
class DictionaryKind(Enum):
    CALLS = word("CALLS", description="Codes of call records.")
    MEDIA_SESSIONS = word("MEDIA_SESSIONS", description="Codes of live media sessions.")
    MEDIA_SESSION_RECORDS = word("MEDIA_SESSION_RECORDS", description="Codes of finished media sessions.")
    SMS = word("SMS", description="Codes of text messages.")


@strawberry.enum(description="What deleteAll empties.")
class DeletableKind(Enum):
    CALLS = word("CALLS", description="All call records.")
    RECORDINGS = word("RECORDINGS", description="All recordings.")
    VOICEMESSAGES = word("VOICEMESSAGES", description="All voicemessages.")
    CHAT_MESSAGES = word("CHAT_MESSAGES", description="All chat messages.")
    STATEMENTS = word("STATEMENTS", description="All statements of account.")
