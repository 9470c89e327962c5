"""The collections of VoIPstudio, with the schema's filters that each one supports."""

from dataclasses import replace

from telegraphql.plugin import Push
from telegraphql.plugins.voipstudio import mapping
from telegraphql.plugins.voipstudio.query import (
    Resource,
    direction_conditions,
    equals_cause,
    equals_folder,
    equals_id,
    equals_is_new,
    equals_text,
    not_sent,
    recording_direction_conditions,
    status_conditions,
    within,
)

# The upstream filters by one value: with several, it delivers more.
EXACT, SUPERSET = Push.EXACT, Push.SUPERSET

CALLS = Resource(
    path="/cdrs",
    mapping=mapping.CALL,
    time="calldate",
    filters={
        "startedAt": (EXACT, not_sent),
        "direction": (SUPERSET, direction_conditions),
        "status": (SUPERSET, status_conditions),
        "durationSeconds": (EXACT, within("duration")),
        "talkSeconds": (EXACT, within("billsec")),
        "userId": (SUPERSET, equals_id("user_id")),
        "hangupCause": (SUPERSET, equals_cause),
        "sessionId": (SUPERSET, equals_id("root_live_id")),
        "isTracked": (EXACT, not_sent),  # selects the collection: see Voipstudio.calls
    },
    numbers={"number": ("src", "dst"), "from": ("src",), "to": ("dst",), "callerIdShown": ("clid",)},
)
TRACKED_CALLS = replace(CALLS, path="/cdrs/calltracking")
QUEUES = Resource(path="/queues", mapping=mapping.QUEUE)
RECORDINGS = Resource(
    path="/monitors",
    mapping=mapping.RECORDING,
    time="timestamp",
    filters={
        "startedAt": (EXACT, not_sent),
        "durationSeconds": (EXACT, within("duration")),
        "direction": (SUPERSET, recording_direction_conditions),
        "userId": (SUPERSET, equals_id("user_id")),
    },
    numbers={"number": ("caller", "called"), "from": ("caller",), "to": ("called",)},
)
VOICEMESSAGES = Resource(
    path="/voicemessages",
    mapping=mapping.VOICEMESSAGE,
    time="origtime",
    filters={
        "receivedAt": (EXACT, not_sent),
        "mailbox": (SUPERSET, equals_id("extension_id")),
        "folder": (SUPERSET, equals_folder),
        "isRead": (EXACT, equals_is_new),
        "durationSeconds": (EXACT, within("duration")),
    },
    numbers={"from": ("caller",), "dialedNumber": ("dialled",)},
)
CHATS = Resource(
    path="/chats",
    mapping=mapping.CHAT,
    time="created_at",
    filters={
        "startedAt": (EXACT, not_sent),
        "durationSeconds": (EXACT, within("duration")),
        "state": (SUPERSET, equals_id("state")),
        "operatorId": (SUPERSET, equals_id("operator_id")),
        "websiteId": (SUPERSET, equals_id("website_id")),
    },
)
TRANSACTIONS = Resource(
    path="/transactions",
    mapping=mapping.TRANSACTION_MAPPING,
    time="created_at",
    filters={
        "performedAt": (EXACT, not_sent),
        "type": (SUPERSET, equals_text("type")),  # the upstream may ignore case
    },
)
MEDIA_SESSIONS = Resource(
    path="/msdrs",
    mapping=mapping.MEDIA_SESSION,
    time="created_at",
    filters={
        "startedAt": (EXACT, not_sent),
        "durationSeconds": (EXACT, within("duration")),
        "userId": (SUPERSET, equals_id("user_id")),
    },
)
TRACKING_NUMBERS = Resource(path="/calltracking/cdrs", mapping=mapping.TRACKING_NUMBER)
