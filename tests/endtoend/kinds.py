"""Kinds: what can be listed, and all the plain fields a client can ask of each kind."""

from dataclasses import dataclass

PARTY = "{ number extension e164 name uri country kind nativeId isWithheld }"
MONEY = "{ amount currency }"
HEAD = "id nativeId provider { name }"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: its root field, its fields without HEAD, whether it has a time, and the name of that."""

    name: str
    root: str
    fields: str
    time: str | None

    @property
    def filter(self) -> str:
        return f"{self.name}Filter"


def _kind(name: str, root: str, time: str | None, fields: str) -> Kind:
    return Kind(name, root, " ".join(fields.split()), time)


KINDS = {
    kind.name: kind
    for kind in (
        _kind(
            "Call",
            "calls",
            "startedAt",
            f"""direction status answeredBy hangupCause sipStatusCode from {PARTY} to {PARTY} dialedNumber forwardedFrom callerIdShown trunk
            startedAt ringingAt answeredAt endedAt isEndedAtDerived durationSeconds ringSeconds talkSeconds cost {MONEY}
            ratePerMinute {MONEY} userId accountId customData mediaServer sipCallId rerouteReason""",
        ),
        _kind(
            "Session",
            "sessions",
            "startedAt",
            f"""startedAt endedAt durationSeconds direction status answeredBy finishReason applicationName ruleName initiatorAddress
            mediaServer customData userId accountId applicationId audioQuality isDerived cost {MONEY}""",
        ),
        _kind(
            "Queue", "queues", None, "name number strategy maxWaitSeconds ringSeconds serviceLevelSeconds agentCount createdAt modifiedAt"
        ),
        _kind(
            "QueueVisit",
            "queueVisits",
            "enteredAt",
            """enteredAt waitSeconds serviceSeconds wrapUpSeconds priority outcome wasHungUpByAgent agentId requestId
            events { at type agentId customData }""",
        ),
        _kind(
            "Recording",
            "recordings",
            "startedAt",
            f"""startedAt endedAt durationSeconds sizeBytes fileName from {PARTY} to {PARTY} cost {MONEY} expiresAt isRemoved
            direction userId
            transcription {{ status text summary sentiment }}""",
        ),
        _kind(
            "Voicemessage",
            "voicemessages",
            "receivedAt",
            f"receivedAt from {PARTY} to {PARTY} dialedNumber mailbox durationSeconds isRead folder transcript",
        ),
        _kind(
            "Chat",
            "chats",
            "startedAt",
            """startedAt endedAt durationSeconds state operatorId operatorUserAgent websiteId customerId
            visitor { nativeId name email ip city country location userAgent referrer }""",
        ),
        _kind("Transaction", "transactions", "performedAt", f"performedAt amount {MONEY} kind type description isPending accountId userId"),
        _kind(
            "MediaSession",
            "mediaSessions",
            "startedAt",
            f"startedAt durationSeconds from {PARTY} to {PARTY} sipCallId hangupCause type userId",
        ),
        _kind("AuditEntry", "auditEntries", "performedAt", "performedAt actor actorId ip command arguments result"),
        _kind(
            "TrackingNumber",
            "trackingNumbers",
            None,
            "name number uri createdAt channels rate status targetType targetId isSmsEnabled isFaxEnabled info",
        ),
        _kind(
            "Report",
            "reports",
            "createdAt",
            "name kind status format createdAt completedAt expiresAt fileName sizeBytes downloadCount error summary",
        ),
        _kind(
            "ReportSchedule",
            "reportSchedules",
            None,
            "name type nativeType status nativeStatus email format nativeFormat range nativeRange from to cron nativeFilter",
        ),
    )
}
TIMED = [kind for kind in KINDS.values() if kind.time]
NAMED = [kind for kind in KINDS.values() if not kind.time]
