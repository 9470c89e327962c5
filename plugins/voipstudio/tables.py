"""Tables: the collections of VoIPstudio, and which of the schema's filters each one understands."""

from gateway.provider import Push
from plugins.voipstudio.query import Collection, between, folder, like, number, outcome, told_by_time, unread, way, word

EXACT, SUPERSET = Push.EXACT, Push.SUPERSET

CALLS = Collection(
    "/cdrs",
    "calldate",
    {
        "startedAt": (EXACT, told_by_time),
        "direction": (SUPERSET, way),
        "status": (SUPERSET, outcome),
        "from": (SUPERSET, like("src")),
        "to": (SUPERSET, like("dst")),
        "duration": (EXACT, between("duration")),
        "talkDuration": (EXACT, between("billsec")),
        "userId": (EXACT, number("user_id")),
        "sessionId": (EXACT, number("root_live_id")),
        "tracked": (EXACT, lambda tracked: []),  # by the collection that is read; see Voipstudio.calls
    },
)
TRACKED_CALLS = Collection("/cdrs/calltracking", CALLS.time, CALLS.filters)
RECORDINGS = Collection(
    "/monitors",
    "timestamp",
    {
        "startedAt": (EXACT, told_by_time),
        "duration": (EXACT, between("duration")),
        "from": (SUPERSET, like("caller")),
        "to": (SUPERSET, like("called")),
    },
)
VOICEMESSAGES = Collection(
    "/voicemessages",
    "origtime",
    {
        "receivedAt": (EXACT, told_by_time),
        "from": (SUPERSET, like("caller")),
        "mailbox": (EXACT, number("extension_id")),
        "folder": (EXACT, folder),
        "isRead": (EXACT, unread),
        "duration": (EXACT, between("duration")),
    },
)
CHATS = Collection(
    "/chats",
    "created_at",
    {
        "startedAt": (EXACT, told_by_time),
        "duration": (EXACT, between("duration")),
        "state": (EXACT, number("state")),
        "operatorId": (EXACT, number("operator_id")),
        "websiteId": (EXACT, number("website_id")),
    },
)
TRANSACTIONS = Collection(
    "/transactions",
    "created_at",
    {
        "performedAt": (EXACT, told_by_time),
        "type": (SUPERSET, word("type")),  # its comparison may ignore case, ours does not
    },
)
MEDIA_SESSIONS = Collection(
    "/msdrs",
    "created_at",
    {
        "startedAt": (EXACT, told_by_time),
        "duration": (EXACT, between("duration")),
        "userId": (EXACT, number("user_id")),
    },
)
QUEUES = Collection("/queues")
TRACKING_NUMBERS = Collection("/calltracking/cdrs")
