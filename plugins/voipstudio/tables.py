"""Tables: the collections of VoIPstudio, and which of the schema's filters each one understands."""

from dataclasses import replace

from gateway.provider import Push
from plugins.voipstudio import mapping, wire
from plugins.voipstudio.query import Collection, between, folder, like, number, outcome, told_by_time, unread, way, word

EXACT, SUPERSET = Push.EXACT, Push.SUPERSET

CALLS = Collection(
    path="/cdrs",
    decoder=wire.CDR,
    make=mapping.call,
    time="calldate",
    filters={
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
TRACKED_CALLS = replace(CALLS, path="/cdrs/calltracking")
QUEUES = Collection(path="/queues", decoder=wire.QUEUE, make=mapping.queue)
RECORDINGS = Collection(
    path="/monitors",
    decoder=wire.MONITOR,
    make=mapping.recording,
    time="timestamp",
    filters={
        "startedAt": (EXACT, told_by_time),
        "duration": (EXACT, between("duration")),
        "from": (SUPERSET, like("caller")),
        "to": (SUPERSET, like("called")),
    },
)
VOICEMESSAGES = Collection(
    path="/voicemessages",
    decoder=wire.VOICEMESSAGE,
    make=mapping.voicemessage,
    time="origtime",
    filters={
        "receivedAt": (EXACT, told_by_time),
        "from": (SUPERSET, like("caller")),
        "mailbox": (EXACT, number("extension_id")),
        "folder": (EXACT, folder),
        "isRead": (EXACT, unread),
        "duration": (EXACT, between("duration")),
    },
)
CHATS = Collection(
    path="/chats",
    decoder=wire.CHAT,
    make=mapping.chat,
    time="created_at",
    filters={
        "startedAt": (EXACT, told_by_time),
        "duration": (EXACT, between("duration")),
        "state": (EXACT, number("state")),
        "operatorId": (EXACT, number("operator_id")),
        "websiteId": (EXACT, number("website_id")),
    },
)
TRANSACTIONS = Collection(
    path="/transactions",
    decoder=wire.TRANSACTION,
    make=mapping.transaction,
    time="created_at",
    filters={
        "performedAt": (EXACT, told_by_time),
        "type": (SUPERSET, word("type")),  # the upstream may ignore case, we do not
    },
)
MEDIA_SESSIONS = Collection(
    path="/msdrs",
    decoder=wire.MSDR,
    make=mapping.media_session,
    time="created_at",
    filters={
        "startedAt": (EXACT, told_by_time),
        "duration": (EXACT, between("duration")),
        "userId": (EXACT, number("user_id")),
    },
)
TRACKING_NUMBERS = Collection(path="/calltracking/cdrs", decoder=wire.TRACKING_NUMBER, make=mapping.tracking_number)
