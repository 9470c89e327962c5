"""Records of the vendor's documentation and of a live PBX. They are always among the data."""

from telegraphql.plugin import Row

ID = "NzAwNTUxOTA5NzczMTQ4MTYw"
EXAMPLE_TIME = "2017-07-21T17:32:28Z"
DOMAIN = "sandbox.example"
TENANT = "877828121322061824"
FILE_URL = "/api/blobs/WexWdABcd5D4PDgzTKV3gAAAEu00WcK"

TEXTS = (
    *("caller", "caller_domain", "caller_display_name", "callee", "callee_domain", "callee_display_name", "call_id", "destination"),
    *("outbound_caller_id", "did_cid", "trunk", "service_number", "user_data", "billed_account"),
)
DOCUMENTED_LEG: Row = {
    "id": ID,
    "session_id": ID,
    **dict.fromkeys(TEXTS, "text"),
    **dict.fromkeys(("started_at", "rang_at", "answered_at", "ended_at"), EXAMPLE_TIME),
    "direction": "INBOUND_CALL",
    "end_reason": "CALLER_DISCONNECTED",
    "reroute_reason": "TRANSFER",
    "status_code": 1,
    "duration": 1,
    "cost": 1,
}
UNANSWERED: Row = {
    **dict.fromkeys(("rang_at", "answered_at", "end_reason", "reroute_reason", "destination", "outbound_caller_id", "did_cid"), ""),
    **dict.fromkeys(("trunk", "service_number", "user_data", "billed_account"), ""),
    "caller_domain": DOMAIN,
    "callee_domain": DOMAIN,
    "direction": "EXTENSION_CALL",
    "cost": 0,
}
ANSWERED_LEG: Row = {
    **UNANSWERED,
    "id": "878156644691742721",
    "session_id": "878156644691742720",
    "caller": "102",
    "caller_display_name": "102",
    "callee": "103",
    "callee_display_name": "103",
    "started_at": "2024-08-20T06:00:59.457188Z",
    "rang_at": "2024-08-20T06:00:59.573011Z",
    "answered_at": "2024-08-20T06:01:01.965027Z",
    "ended_at": "2024-08-20T06:01:36.155027Z",
    "call_id": "GfJ2bS3lxYcPcVwWJbUVkw..",
    "end_reason": "CALLER_DISCONNECT",
    "status_code": 0,
    "duration": 35,
}
BUSY_LEG: Row = {
    **UNANSWERED,
    "id": "878156595253481473",
    "session_id": "878156595253481472",
    "caller": "101",
    "caller_display_name": "101",
    "callee": "102",
    "callee_display_name": "102",
    "started_at": "2024-08-20T06:00:47.670121Z",
    "ended_at": "2024-08-20T06:00:49.118604Z",
    "call_id": "mWkxv0yPCqMT1ydJpQk3Ng..",
    "status_code": 486,
    "duration": 0,
}
LEGS = (DOCUMENTED_LEG, ANSWERED_LEG, BUSY_LEG)
RECORDING: Row = {
    "id": "878156822119247872",
    "caller": "102",
    "callee": "103",
    "started_at": "2024-08-20T06:01:02.046Z",
    "ended_at": "2024-08-20T06:01:36.101Z",
    "duration": 34,
    "file_name": f"{TENANT}_878156644691742720_102_45060_08202024_140059.wav",
    "file_size": 0,
}
SCHEDULE: Row = {
    "id": ID,
    "name": "text",
    "type": "NORMAL",
    "email": "user@example.com",
    "format": "CSV",
    "range": "TODAY",
    "started_at": EXAMPLE_TIME,
    "ended_at": EXAMPLE_TIME,
    "cron_expr": "text",
    "filter": {
        "from": "ANY",
        "from_value": "text",
        "to": "ANY",
        "to_value": "text",
        "answer_state": "ANY",
        "duration": "ANY",
        "duration_from": 1,
        "duration_to": 1,
    },
    "status": "RUNNING",
}
REPORT: Row = {
    "id": ID,
    "name": "text",
    "type": "NORMAL",
    "format": "CSV",
    "completed_at": EXAMPLE_TIME,
    "file_name": "text",
    "file_size": 0,
    "file_url": FILE_URL,
}
