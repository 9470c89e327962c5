"""The records in the examples of the vendor's API reference."""

from typing import Any

from telegraphql.plugin import Row

_LEG: dict[str, Any] = {"successful": True, "transaction_id": 0, "remote_number_type": "pstn"}
_OUT: dict[str, Any] = {"incoming": False, "direction": "Russia", "local_number": "test1", "remote_number": "7111", **_LEG}
_IN: dict[str, Any] = {"incoming": True, "local_number": "7111", "remote_number": "test1", **_LEG}
_AT = "192.168.15.103"
_SESSION: dict[str, Any] = {
    "user_id": 1,
    "duration": 6,
    "account_id": 1,
    "application_id": 2,
    "initiator_address": _AT,
    "media_server_address": _AT,
}
_RECORDS = "http://1.2.3.4/records//2013/07/21"

SESSIONS: tuple[Row, ...] = (
    {
        "calls": [
            {"call_id": 14, "duration": 4, "start_time": "2013-07-21 15:04:19", **_OUT},
            {
                "call_id": 15,
                "duration": 4,
                "start_time": "2013-07-21 15:04:20",
                "record_url": f"{_RECORDS}/224cf30d83f569da.1374419057.0.flv",
                **_IN,
            },
        ],
        **_SESSION,
        "start_date": "2013-07-21 15:04:17",
        "log_file_url": "http://1.2.3.4/logs//2013/07/21/150417_6226d04fa72789c3.1374719057.0.log",
        "call_session_history_id": 14,
    },
    {
        "calls": [
            {"call_id": 16, "duration": 4, "start_time": "2013-07-21 15:04:46", **_OUT},
            {
                "call_id": 17,
                "duration": 3,
                "start_time": "2013-07-21 15:04:47",
                "record_url": f"{_RECORDS}/9586a463e96f7847.1374419086.0.flv",
                **_IN,
            },
        ],
        "active": False,
        **_SESSION,
        "start_date": "2013-07-21 15:04:44",
        "debugger_url": "some_name",
        "log_file_url": "http://0.0.0.0/logs//2013/07/21/150444_507b8174ef0041de.1374419084.0.log",
        "call_session_history_id": 15,
    },
)

_MONEY: dict[str, Any] = {"currency": "USD", "account_id": 1}
TRANSACTIONS: tuple[Row, ...] = (
    {
        "amount": 5,
        **_MONEY,
        "performed_at": "2013-09-13 14:34:37",
        "transaction_id": 51,
        "transaction_type": "gift",
        "transaction_description": "Gift",
    },
    {
        "amount": -0.05,
        **_MONEY,
        "performed_at": "2013-10-01 13:10:51",
        "transaction_id": 9784,
        "transaction_type": "money_distribution",
        "transaction_description": "To identity: ivan",
    },
    {
        "amount": 0.01,
        **_MONEY,
        "performed_at": "2013-10-01 13:13:19",
        "transaction_id": 9786,
        "transaction_type": "money_distribution",
        "transaction_description": "From identity: maria",
    },
)

VISITS: tuple[Row, ...] = (
    {
        "events": [{"time": "2014-03-20 17:43:15", "type": "OPERATOR_UNREACHABLE", "user_id": 661884, "acd_session_event_id": 54}],
        "user_id": 661885,
        "priority": 100,
        "rejected": False,
        "account_id": 1,
        "begin_time": "2014-03-20 17:41:33",
        "unserviced": False,
        "acd_queue_id": 1,
        "acd_request_id": "xLL_CWMYRiC7bG4ytf-WUk6kquVV9E9IlwowY68pdCQ",
        "operator_hangup": False,
        "waiting_duration": 161,
        "in_service_duration": 36,
        "acd_session_history_id": 123,
        "after_service_duration": 0,
    },
    {
        "priority": 100,
        "rejected": False,
        "account_id": 1,
        "begin_time": "2014-03-20 17:44:35",
        "unserviced": True,
        "acd_queue_id": 1,
        "acd_request_id": "98oFQi0zSfKWCDurZPRtixYviCGiRk0agbtJbNOPrXs",
        "waiting_duration": 3028,
        "acd_session_history_id": 124,
    },
)

AUDIT: tuple[Row, ...] = (
    {
        "ip": "192.168.0.12",
        "cmd_args": {"skill_name": "manager"},
        "cmd_name": "AddSkill",
        "requested": "2018-02-04 19:35:13",
        "account_id": 1,
        "cmd_result": {"skill_id": 152},
        "audit_log_id": 58,
    },
    {
        "ip": "192.168.0.12",
        "cmd_args": {"bind": True, "skill_id": [152], "acd_queue_id": [151]},
        "cmd_name": "BindSkill",
        "requested": "2018-02-05 19:36:19",
        "account_id": 1,
        "audit_log_id": 159,
    },
    {
        "ip": "192.168.15.12",
        "cmd_args": {"skill_id": [152]},
        "cmd_name": "DelSkill",
        "requested": "2018-02-12 21:42:56",
        "account_id": 1,
        "cmd_result": {"deleted_skills": [{"skill_id": 152, "skill_name": "officer"}]},
        "audit_log_id": 1073,
    },
)

REPORTS: tuple[Row, ...] = (
    {
        "error": {"msg": "No disc space.", "code": 24},
        "format": "csv",
        "created": "2015-10-07 18:40:01",
        "completed": "2015-10-07 18:40:02",
        "history_type": "calls",
        "history_report_id": 34,
    },
    {
        "format": "csv",
        "created": "2015-10-07 18:40:05",
        "completed": "2015-10-07 18:40:06",
        "file_name": "call_history_2015-09-07_(12_of_12).csv",
        "file_size": 2511,
        "store_until": "2015-10-14",
        "history_type": "calls",
        "download_size": 687,
        "download_count": 1,
        "calculated_data": {"session_count": 12, "total_session_count": 12},
        "last_downloaded": "2015-10-07 18:40:18",
        "history_report_id": 35,
    },
    {
        "format": "csv",
        "created": "2015-10-07 18:40:10",
        "completed": "2015-10-07 18:40:11",
        "file_name": "transaction_history_2015-09-07_(10.2_8.15).csv",
        "file_size": 3511,
        "store_until": "2015-10-14",
        "history_type": "transactions",
        "download_size": 698,
        "download_count": 2,
        "calculated_data": {
            "account_id": 1,
            "end_balance": "8.15 USD",
            "start_balance": "10.2 USD",
            "transaction_count": 120,
            "total_transaction_count": 120,
        },
        "last_downloaded": "2015-10-07 18:40:19",
        "history_report_id": 36,
    },
    {"format": "csv", "created": "2015-10-07 18:40:15", "history_type": "transactions", "history_report_id": 37},
)
