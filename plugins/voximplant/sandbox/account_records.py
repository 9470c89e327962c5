"""Generated transactions, queues, queue visits and audit log entries."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox import sample_values

DAYS = 30


class AccountRecordGenerator:
    """Generates an account's records other than sessions."""

    def __init__(self, account_id: int, random: Random, now: datetime) -> None:
        self.account_id = account_id
        self.random = random
        self.now = now

    def spread(self, number: int, make: Callable[[int, datetime], Row]) -> list[Row]:
        """Return rows over the last 30 days, in clusters of one second."""
        rows: list[Row] = []
        at = self.now
        for index in range(number):
            if not rows or self.random.random() < 0.6:
                at = self.now - timedelta(seconds=self.random.randrange(60, DAYS * 86400))
            rows.append(make(index, at))
        return rows

    def transactions(self, number: int) -> list[Row]:
        """Return transactions, at least one of every type."""
        return self.spread(
            max(number, len(sample_values.TYPES)),
            lambda index, at: self.transaction(8_000_001 + self.account_id * 100_000 + index, at, index),
        )

    def transaction(self, number: int, at: datetime, index: int) -> Row:
        """Return a transaction. Its type depends on the index."""
        kind = sample_values.TYPES[index % len(sample_values.TYPES)]
        amount = round(self.random.randrange(100, 20_000) / 100, 2)
        row: Row = {
            "transaction_id": number,
            "account_id": str(self.account_id) if index % 2 else self.account_id,
            "performed_at": str(at),
            "amount": amount if any(part in kind for part in sample_values.CREDITS) else -amount,
            "currency": "RUR" if kind.startswith(("rub_", "robokassa")) else self.random.choice(("USD", "USD", "EUR")),
            "transaction_type": kind,
        }
        if index % 3:
            row["transaction_description"] = kind.replace("_", " ").capitalize()
        if kind == "user_money_transfer":
            row["user_id"] = self.random.choice(sample_values.USERS)[0]
        return row

    def holds(self) -> list[Row]:
        """Return amounts that are on hold."""
        return self.spread(12, lambda index, at: self.transaction(8_500_001 + self.account_id * 1_000 + index, at, 1))

    def queues(self) -> list[Row]:
        """Return ACD queues. The first has the id of the vendor's examples."""
        return [self._queue(index + 1, name) for index, name in enumerate(sample_values.QUEUES)]

    def _queue(self, number: int, name: str) -> Row:
        row: Row = {
            "acd_queue_id": number,
            "acd_queue_name": name,
            "acd_queue_priority": 1,
            "service_probability": 1,
            "auto_binding": False,
            "created": str(self.now - timedelta(days=400 + number)),
            "modified": str(self.now - timedelta(days=number)),
        }
        if number % 3:
            row |= {"application_id": 2, "max_waiting_time": number, "max_queue_size": 20, "average_service_time": 90}
        if number % 2:
            row |= {"sl_thresholds": [20, 60], "operatorcount": number}
        return row

    def smart_queues(self) -> list[Row]:
        """Return smart queues of one application."""
        return [self._smart_queue(index + 1, name) for index, name in enumerate(sample_values.SMART_QUEUES)]

    def _smart_queue(self, number: int, name: str) -> Row:
        row: Row = {
            "sq_queue_id": number,
            "sq_queue_name": name,
            "application_id": 5,
            "agent_selection": ("MOST_QUALIFIED", "LEAST_QUALIFIED", "MAX_WAITING_TIME")[number - 1],
            "task_selection": "MAX_PRIORITY",
            "call_max_queue_size": 50,
            "created": str(self.now - timedelta(days=200)),
            "agentcount": number * 3,
        }
        waits: tuple[Row, ...] = ({"call_max_waiting_time": 5}, {"call_max_waiting_time_in_seconds": 90}, {})
        return row | waits[number - 1]

    def visits(self, number: int) -> list[Row]:
        """Return visits to ACD queues with every outcome, with and without the flags that current responses omit."""
        return self.spread(number, self.visit)

    def visit(self, index: int, at: datetime) -> Row:
        """Return one visit. Its outcome depends on the index."""
        row: Row = {
            "acd_session_history_id": 70_001 + index,
            "acd_request_id": f"{self.random.getrandbits(128):032x}",
            "account_id": self.account_id,
            "begin_time": str(at),
            "priority": self.random.choice((1, 50, 100)),
            "acd_queue_id": self.random.randrange(1, len(sample_values.QUEUES) + 1),
            "waiting_duration": self.random.randrange(0, 600),
        }
        outcome = index % 5
        if outcome in (0, 1, 4):
            row |= self._served(outcome == 4)
        elif outcome == 2:
            row |= {"unserviced": True, "rejected": False}
        else:
            row |= {"unserviced": True, "rejected": True}
        if index % 11 == 0 and outcome == 2:
            row.pop("unserviced")
        return row | ({"events": [self._event(index, at)]} if index % 3 == 0 else {})

    def _served(self, without_flags: bool) -> Row:
        row: Row = {
            "user_id": self.random.choice(sample_values.USERS)[0],
            "in_service_duration": self.random.randrange(5, 900),
            "after_service_duration": self.random.randrange(0, 60),
        }
        return row if without_flags else row | {"operator_hangup": self.random.random() < 0.5, "unserviced": False, "rejected": False}

    def _event(self, index: int, at: datetime) -> Row:
        row: Row = {
            "acd_session_event_id": 40_001 + index,
            "time": str(at + timedelta(seconds=5)),
            "type": self.random.choice(sample_values.EVENTS),
        }
        return row | ({"user_id": self.random.choice(sample_values.USERS)[0]} if index % 2 else {"custom_data": "skill:2"})

    def audit(self, number: int) -> list[Row]:
        """Return audit log entries, with arguments as objects and as text."""
        return self.spread(number, self.change)

    def change(self, index: int, at: datetime) -> Row:
        """Return one audit log entry."""
        command = self.random.choice(sample_values.COMMANDS)
        arguments: Row = {"user_name": self.random.choice(sample_values.USERS)[1], "password": "*****"}
        number, name = sample_values.SUBUSERS[index % len(sample_values.SUBUSERS)]
        row: Row = {
            "audit_log_id": 3_000_001 + index,
            "account_id": self.account_id,
            "requested": str(at),
            "ip": self.random.choice(sample_values.ADDRESSES),
            "cmd_name": command,
            "cmd_args": arguments if index % 2 else msgspec.json.encode(arguments).decode(),
        }
        subuser_fields: Sequence[tuple[str, int | str | None]] = (("subuser_id", number), ("subuser_name", name))
        row |= {key: value for key, value in subuser_fields if value is not None}
        return row | ({"cmd_result": {"result": 1}} if index % 4 else {})
