"""Tables: the collections of VoIPstudio, and which of the schema's filters each one understands."""

from dataclasses import replace

from telegraphql.plugin import Push
from telegraphql.plugins.voipstudio import mapping, wire
from telegraphql.plugins.voipstudio.query import Resource, between, folder, like, number, outcome, unread, untold, way, word

# Where a list of values is wanted, only one can be asked for, so that more may come.
EXACT, SUPERSET = Push.EXACT, Push.SUPERSET

CALLS = Resource(
    path="/cdrs",
    decoder=wire.CDR,
    make=mapping.call,
    time="calldate",
    filters={
        "startedAt": (EXACT, untold),
        "direction": (SUPERSET, way),
        "status": (SUPERSET, outcome),
        "from": (SUPERSET, like("src")),
        "to": (SUPERSET, like("dst")),
        "durationSeconds": (EXACT, between("duration")),
        "talkSeconds": (EXACT, between("billsec")),
        "userId": (SUPERSET, number("user_id")),
        "sessionId": (SUPERSET, number("root_live_id")),
        "isTracked": (EXACT, untold),  # by the collection that is read: see Voipstudio.calls
    },
)
TRACKED_CALLS = replace(CALLS, path="/cdrs/calltracking")
QUEUES = Resource(path="/queues", decoder=wire.QUEUE, make=mapping.queue)
RECORDINGS = Resource(
    path="/monitors",
    decoder=wire.MONITOR,
    make=mapping.recording,
    time="timestamp",
    filters={
        "startedAt": (EXACT, untold),
        "durationSeconds": (EXACT, between("duration")),
        "from": (SUPERSET, like("caller")),
        "to": (SUPERSET, like("called")),
    },
)
VOICEMESSAGES = Resource(
    path="/voicemessages",
    decoder=wire.VOICEMESSAGE,
    make=mapping.voicemessage,
    time="origtime",
    filters={
        "receivedAt": (EXACT, untold),
        "from": (SUPERSET, like("caller")),
        "mailbox": (SUPERSET, number("extension_id")),
        "folder": (SUPERSET, folder),
        "isRead": (EXACT, unread),
        "durationSeconds": (EXACT, between("duration")),
    },
)
CHATS = Resource(
    path="/chats",
    decoder=wire.CHAT,
    make=mapping.chat,
    time="created_at",
    filters={
        "startedAt": (EXACT, untold),
        "durationSeconds": (EXACT, between("duration")),
        "state": (SUPERSET, number("state")),
        "operatorId": (SUPERSET, number("operator_id")),
        "websiteId": (SUPERSET, number("website_id")),
    },
)
TRANSACTIONS = Resource(
    path="/transactions",
    decoder=wire.TRANSACTION,
    make=mapping.transaction,
    time="created_at",
    filters={
        "performedAt": (EXACT, untold),
        "type": (SUPERSET, word("type")),  # the upstream may ignore case, we do not
    },
)
MEDIA_SESSIONS = Resource(
    path="/msdrs",
    decoder=wire.MSDR,
    make=mapping.media_session,
    time="created_at",
    filters={
        "startedAt": (EXACT, untold),
        "durationSeconds": (EXACT, between("duration")),
        "userId": (SUPERSET, number("user_id")),
    },
)
TRACKING_NUMBERS = Resource(path="/calltracking/cdrs", decoder=wire.TRACKING_NUMBER, make=mapping.tracking_number)
