"""List the kinds of the schema with the word that each provider has for them."""

from collections.abc import Mapping

from docs.generate.markers import escaped, table
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.schema import RECORD_KINDS

# What a provider's own API, file or table calls the records of a kind: an operation, a path, a field or a file.
UPSTREAM_WORDS: Mapping[str, Mapping[str, str]] = {
    "Call": {
        "asterisk": "Master.csv",
        "boxis": "getCDR",
        "portsip": "/calllogs",
        "twilio": "Calls",
        "voipstudio": "/cdrs",
        "voximplant": "calls",
    },
    "Session": {
        "asterisk": "linkedid",
        "boxis": "linkedid",
        "portsip": "/cdrs",
        "twilio": "ParentCallSid",
        "voipstudio": "root_live_id",
        "voximplant": "GetCallHistory",
    },
    "Queue": {"portsip": "/call_queues", "twilio": "Queues", "voipstudio": "/queues", "voximplant": "GetQueues"},
    "QueueVisit": {"asterisk": "queue_log", "voximplant": "GetACDHistory"},
    "Recording": {
        "asterisk": "recordingfile",
        "portsip": "/recordings",
        "twilio": "Recordings",
        "voipstudio": "/monitors",
        "voximplant": "records",
    },
    "Voicemessage": {"asterisk": "voicemail", "portsip": "/voicemails", "voipstudio": "/voicemessages"},
    "Message": {"twilio": "Messages"},
    "Chat": {"voipstudio": "/chats"},
    "Transaction": {"twilio": "Usage", "voipstudio": "/transactions", "voximplant": "GetTransactionHistory"},
    "MediaSession": {"voipstudio": "/msdrs"},
    "AuditEntry": {"voximplant": "GetAuditLog"},
    "TrackingNumber": {"voipstudio": "/calltracking/cdrs"},
    "Report": {"portsip": "/completed_call_reports", "voximplant": "GetHistoryReports"},
    "ReportSchedule": {"portsip": "/call_reports"},
    "Note": {"twilio": "Notifications", "voipstudio": "/cdrs/{id}/notes"},
    "ResourceUsage": {"voximplant": "other_resource_usage"},
    "Attachment": {"twilio": "Messages/{}/Media"},
}


def kinds(found: Mapping[str, type[Provider]]) -> str:
    """Return one row for each kind: its meaning, and the providers' words for it."""
    names = sorted(found)
    rows = []
    for kind in RECORD_KINDS:
        words = UPSTREAM_WORDS[kind.__name__]
        meaning = " ".join((kind.__doc__ or "").partition("\n\n")[0].split())
        rows.append([f"`{kind.__name__}`", escaped(meaning), *(f"`{words[name]}`" if name in words else "–" for name in names)])
    return table(["Kind", "Meaning", *(found[name].title for name in names)], rows)
