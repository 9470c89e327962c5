"""Enums: the closed sets of words into which the codes of all providers are translated."""

from enum import Enum

from strawberry import enum_value as word

from telegraphql.schema.described import enum_type


@enum_type
class CallDirection(Enum):
    """The direction of a call or message, seen from the company."""

    INBOUND = word("INBOUND", description="From outside to the company.")
    OUTBOUND = word("OUTBOUND", description="From the company to outside.")
    INTERNAL = word("INTERNAL", description="Between parties of the company.")
    TRANSIT = word("TRANSIT", description="From outside to outside, through the company's PBX.")
    UNKNOWN = word("UNKNOWN", description="Not reported, or reported in a word that the gateway does not know.")


@enum_type
class CallStatus(Enum):
    """The outcome of a call, or that it is in progress."""

    ANSWERED = word("ANSWERED", description="A person or a machine answered.")
    NO_ANSWER = word("NO_ANSWER", description="The phone rang, and nobody answered.")
    BUSY = word("BUSY", description="The called party was busy.")
    FAILED = word("FAILED", description="The call could not be set up.")
    CONGESTION = word("CONGESTION", description="The network or the PBX had no free line.")
    CANCELED = word("CANCELED", description="The caller hung up before anybody answered.")
    VOICEMAIL = word("VOICEMAIL", description="A voicemail box answered.")
    IN_PROGRESS = word("IN_PROGRESS", description="The call has not ended yet.")
    UNKNOWN = word("UNKNOWN", description="Not reported, or reported in a word that the gateway does not know.")


@enum_type
class MessageStatus(Enum):
    """The state of delivery of a message."""

    QUEUED = word("QUEUED", description="Accepted by the provider, but not sent yet.")
    SENT = word("SENT", description="Sent to the recipient's network, which has not reported a delivery.")
    DELIVERED = word("DELIVERED", description="The recipient's network reported the delivery.")
    READ = word("READ", description="The recipient has read it.")
    RECEIVED = word("RECEIVED", description="It came from outside, and the provider has received it.")
    UNDELIVERED = word("UNDELIVERED", description="Sent, but not delivered.")
    FAILED = word("FAILED", description="It could not be sent.")
    CANCELED = word("CANCELED", description="It was canceled before it was sent.")
    UNKNOWN = word("UNKNOWN", description="Not reported, or reported in a word that the gateway does not know.")


@enum_type
class AnsweredBy(Enum):
    """The party that answered a call."""

    PERSON = word("PERSON", description="Somebody, or a machine, at the called end.")
    SCENARIO = word("SCENARIO", description="Only the provider: music, a voice menu or a bot.")


@enum_type
class PartyKind(Enum):
    """The kind of party behind a number."""

    PSTN = word("PSTN", description="A number of the public telephone network, mobile numbers included.")
    EXTENSION = word("EXTENSION", description="An internal extension of a PBX.")
    USER = word("USER", description="A user account of the provider.")
    SIP = word("SIP", description="A SIP address.")
    QUEUE = word("QUEUE", description="A queue of waiting callers.")
    IVR = word("IVR", description="An automatic voice menu.")
    CONTACT = word("CONTACT", description="An entry of the company's address book.")
    VOICEMAIL = word("VOICEMAIL", description="A voicemail box.")
    UNKNOWN = word("UNKNOWN", description="Not reported.")


@enum_type
class QueueOutcome(Enum):
    """The outcome of a visit to a queue."""

    SERVICED = word("SERVICED", description="An agent answered the caller.")
    ABANDONED = word("ABANDONED", description="The caller left before an agent answered.")
    REJECTED = word("REJECTED", description="The queue refused the caller: too many callers, or too long a wait.")
    UNKNOWN = word("UNKNOWN", description="Not reported.")


@enum_type
class TransactionKind(Enum):
    """The purpose of a transaction."""

    CHARGE = word("CHARGE", description="The provider charged for a service.")
    PAYMENT = word("PAYMENT", description="Money was paid in.")
    REFUND = word("REFUND", description="Money was paid back.")
    ADJUSTMENT = word("ADJUSTMENT", description="A correction by the provider.")
    TRANSFER = word("TRANSFER", description="Money moved between accounts or users.")
    GIFT = word("GIFT", description="A gift, bonus or promotion of the provider.")
    OTHER = word("OTHER", description="Any other purpose; see `type`.")


@enum_type
class TranscriptionStatus(Enum):
    """The progress of a transcription."""

    NOT_REQUESTED = word("NOT_REQUESTED", description="No transcription was requested.")
    IN_PROGRESS = word("IN_PROGRESS", description="The provider is working on it.")
    COMPLETE = word("COMPLETE", description="The transcription is complete.")
    FAILED = word("FAILED", description="The provider could not make it.")
    UNKNOWN = word("UNKNOWN", description="Reported in a word that the gateway does not know.")


@enum_type
class ReportKind(Enum):
    """The subject of a report."""

    CALLS = word("CALLS", description="Calls with all details.")
    CALLS_BRIEF = word("CALLS_BRIEF", description="Calls in brief.")
    TRANSACTIONS = word("TRANSACTIONS", description="Movements of money.")
    AUDIT = word("AUDIT", description="Changes of the account.")
    CALL_LIST = word("CALL_LIST", description="The results of an automatic call list.")
    QUEUES = word("QUEUES", description="The performance of queues, in any of the provider's variants.")
    COSTS = word("COSTS", description="Costs of calls by group.")
    OTHER = word("OTHER", description="Any other subject; see `native`.")


@enum_type
class ReportStatus(Enum):
    """The progress of a report."""

    QUEUED = word("QUEUED", description="Requested, but not started.")
    RUNNING = word("RUNNING", description="The provider is working on it.")
    DONE = word("DONE", description="Finished; `media` can be downloaded.")
    FAILED = word("FAILED", description="The provider gave up; `error` says why.")
    EXPIRED = word("EXPIRED", description="The provider has removed the finished file.")


@enum_type
class TimeOrder(Enum):
    """The order of a list of records with a time. Records of the same time are ordered by provider and id."""

    NEWEST_FIRST = word("NEWEST_FIRST", description="The latest record first.")
    OLDEST_FIRST = word("OLDEST_FIRST", description="The earliest record first.")


@enum_type
class ProblemCode(Enum):
    """The reason why a part of an answer is missing. This set is closed."""

    UNAUTHORIZED = word("UNAUTHORIZED", description="The provider refused the configured credentials.")
    FORBIDDEN = word("FORBIDDEN", description="The credentials are valid, but do not allow this.")
    NOT_FOUND = word("NOT_FOUND", description="The provider has no such record.")
    BAD_INPUT = word("BAD_INPUT", description="The provider refused a value of the query, such as a filter's.")
    RATE_LIMITED = word("RATE_LIMITED", description="Too many requests to this provider. Retry after `retryAfter` seconds.")
    TIMEOUT = word("TIMEOUT", description="The provider did not answer in time.")
    UNAVAILABLE = word("UNAVAILABLE", description="The provider is down or cannot be reached.")
    BAD_ANSWER = word("BAD_ANSWER", description="The provider's answer is not in its documented format.")
    MALFORMED_RECORD = word("MALFORMED_RECORD", description="A record could not be read and is left out; the others are there.")
    MALFORMED_FIELD = word("MALFORMED_FIELD", description="An optional field of some records could not be read and is null in them.")
    STALE = word("STALE", description="The records come from an earlier answer of the provider.")
    UNSUPPORTED = word("UNSUPPORTED", description="This provider does not support the request.")
    SCAN_LIMIT = word("SCAN_LIMIT", description="The search stopped at its limit. Continue from `endCursor`.")


@enum_type
class ReportScheduleType(Enum):
    """The content of a scheduled report."""

    CALLS = word("CALLS", description="Calls.")
    EXTENSION_COSTS = word("EXTENSION_COSTS", description="The cost of the calls of groups of extensions.")
    QUEUE_PERFORMANCE = word("QUEUE_PERFORMANCE", description="The performance of queues.")
    QUEUE_DETAILS = word("QUEUE_DETAILS", description="Detailed statistics of queues.")
    QUEUE_ABANDONED_CALLS = word("QUEUE_ABANDONED_CALLS", description="Calls whose caller gave up in a queue.")
    QUEUE_SERVICE_LEVEL = word("QUEUE_SERVICE_LEVEL", description="The share of calls for which queues kept their service level.")
    QUEUE_SERVICE_LEVEL_BREACHES = word("QUEUE_SERVICE_LEVEL_BREACHES", description="Calls for which queues missed their service level.")
    QUEUE_CALLBACKS = word("QUEUE_CALLBACKS", description="Calls back to callers of queues.")
    QUEUE_FAILED_CALLBACKS = word("QUEUE_FAILED_CALLBACKS", description="Failed calls back to callers of queues.")
    QUEUE_TEAMS = word("QUEUE_TEAMS", description="General statistics of the teams of queues.")
    RING_GROUPS = word("RING_GROUPS", description="Statistics of ring groups.")
    UNKNOWN = word("UNKNOWN", description="A type that the gateway does not know: see `nativeType`.")


@enum_type
class ReportScheduleStatus(Enum):
    """The state of a report schedule."""

    SCHEDULED = word("SCHEDULED", description="It waits for its next run.")
    RUNNING = word("RUNNING", description="It prepares a report.")
    ABORTED = word("ABORTED", description="It was stopped before its report was complete.")
    UNKNOWN = word("UNKNOWN", description="A state that the gateway does not know: see `nativeStatus`.")


@enum_type
class ReportRange(Enum):
    """The days that a scheduled report covers, counted from the day on which it is prepared."""

    TODAY = word("TODAY", description="That day.")
    YESTERDAY = word("YESTERDAY", description="The day before.")
    LAST_WEEK = word("LAST_WEEK", description="The week before.")
    LAST_SEVEN_DAYS = word("LAST_SEVEN_DAYS", description="The seven days before.")
    LAST_MONTH = word("LAST_MONTH", description="The month before.")
    LAST_THIRTY_DAYS = word("LAST_THIRTY_DAYS", description="The thirty days before.")
    CUSTOM = word("CUSTOM", description="From `from` to `to`, whenever it is prepared.")
    UNKNOWN = word("UNKNOWN", description="A range that the gateway does not know: see `nativeRange`.")


@enum_type
class ReportFormat(Enum):
    """The format of the file of a scheduled report."""

    CSV = word("CSV", description="Comma-separated values.")
    HTML = word("HTML", description="A page for a browser.")
    UNKNOWN = word("UNKNOWN", description="A format that the gateway does not know: see `nativeFormat`.")


@enum_type
class ReportPartyKind(Enum):
    """The condition for the callers or called parties whose calls a report covers."""

    ANY = word("ANY", description="Anybody.")
    EXTENSIONS = word("EXTENSIONS", description="An extension, or a range of extensions.")
    NUMBER = word("NUMBER", description="One number.")
    NUMBER_PREFIX = word("NUMBER_PREFIX", description="Numbers that start with the value.")
    NUMBER_PART = word("NUMBER_PART", description="Numbers that contain the value.")
    INTERNAL = word("INTERNAL", description="All extensions.")
    EXTERNAL = word("EXTERNAL", description="All numbers that are no extensions.")
    UNKNOWN = word("UNKNOWN", description="A condition that the gateway does not know: see `nativeFilter`.")


@enum_type
class FilterSupport(Enum):
    """The precision with which a provider applies a filter. The gateway applies what is left, so the result is the same."""

    EXACT = word("EXACT", description="The provider returns exactly the matching records.")
    SUPERSET = word("SUPERSET", description="The provider returns more than the matching records; the gateway drops the others.")
    GATEWAY = word("GATEWAY", description="The provider cannot filter by this; the gateway does.")
    UNSUPPORTED = word(
        "UNSUPPORTED", description="Neither the provider nor the gateway can tell. The list has a problem UNSUPPORTED for this provider."
    )


@enum_type
class BreakerState(Enum):
    """The state of a circuit breaker."""

    CLOSED = word("CLOSED", description="Requests are sent.")
    HALF_OPEN = word("HALF_OPEN", description="A few test requests are sent to see whether the provider has recovered.")
    OPEN = word("OPEN", description="The provider failed repeatedly. No requests are sent for a while.")


@enum_type
class HealthStatus(Enum):
    """The health of a provider, judged by the gateway's own requests."""

    HEALTHY = word("HEALTHY", description="The last request succeeded.")
    DEGRADED = word("DEGRADED", description="The provider answers, but the last request failed, such as with RATE_LIMITED.")
    DOWN = word("DOWN", description="The provider cannot be reached, does not answer properly, or refuses the credentials.")
    UNKNOWN = word("UNKNOWN", description="No request was sent yet.")


@enum_type
class DictionaryKind(Enum):
    """The subject of a dictionary of codes."""

    CALLS = word("CALLS", description="Codes of call records.")
    MEDIA_SESSIONS = word("MEDIA_SESSIONS", description="Codes of live media sessions.")
    MEDIA_SESSION_RECORDS = word("MEDIA_SESSION_RECORDS", description="Codes of finished media sessions.")
    SMS = word("SMS", description="Codes of text messages.")


@enum_type
class DeletableKind(Enum):
    """The records that `deleteAll` deletes."""

    CALLS = word("CALLS", description="All call records.")
    RECORDINGS = word("RECORDINGS", description="All recordings.")
    VOICEMESSAGES = word("VOICEMESSAGES", description="All voicemessages.")
    CHAT_MESSAGES = word("CHAT_MESSAGES", description="All chat messages.")
    STATEMENTS = word("STATEMENTS", description="All statements of account.")
