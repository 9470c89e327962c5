"""List the collections of VoIPstudio, with the schema's filters that each one understands."""

from dataclasses import replace

from telegraphql.plugin import Push
from telegraphql.plugins.voipstudio import mapping
from telegraphql.plugins.voipstudio.query import Resource, between, folder, like, number, outcome, unread, untold, way, word

# Where a list of values is wanted, only one can be asked for, so that more may come.
EXACT, SUPERSET = Push.EXACT, Push.SUPERSET

CALLS = Resource(
    path="/cdrs",
    mapping=mapping.CALL,
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
QUEUES = Resource(path="/queues", mapping=mapping.QUEUE)
RECORDINGS = Resource(
    path="/monitors",
    mapping=mapping.RECORDING,
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
    mapping=mapping.VOICEMESSAGE,
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
    mapping=mapping.CHAT,
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
    mapping=mapping.TRANSACTION_MAPPING,
    time="created_at",
    filters={
        "performedAt": (EXACT, untold),
        "type": (SUPERSET, word("type")),  # the upstream may ignore case, we do not
    },
)
MEDIA_SESSIONS = Resource(
    path="/msdrs",
    mapping=mapping.MEDIA_SESSION,
    time="created_at",
    filters={
        "startedAt": (EXACT, untold),
        "durationSeconds": (EXACT, between("duration")),
        "userId": (SUPERSET, number("user_id")),
    },
)
TRACKING_NUMBERS = Resource(path="/calltracking/cdrs", mapping=mapping.TRACKING_NUMBER)
