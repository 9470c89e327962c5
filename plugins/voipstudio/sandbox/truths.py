"""The truth of the account's rows, with which the conformance kit compares records."""

from collections.abc import Mapping

from telegraphql.plugin import RecordTruth

TRUTHS: Mapping[str, RecordTruth] = {
    "Call": RecordTruth(rows="calls", time="calldate", amounts={"cost": "charge"}, refs={"session": "{root_live_id}"}),
    "Queue": RecordTruth(rows="queues"),
    "Recording": RecordTruth(rows="recordings", time="timestamp"),
    "Voicemessage": RecordTruth(rows="voicemessages", time="origtime"),
    "Chat": RecordTruth(rows="chats", time="created_at"),
    "Transaction": RecordTruth(rows="transactions", time="created_at", amounts={"amount": "amount"}),
    "MediaSession": RecordTruth(rows="mediaSessions", time="created_at"),
    "TrackingNumber": RecordTruth(rows="trackingNumbers"),
}
