"""Generated sessions with their calls, recordings and resource usages, and the charges for them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

from telegraphql.plugin import PastRandom, Row, mp3_size
from telegraphql.plugins.voximplant.sandbox import sample_values

DAYS = 30
TIE_SIZE = 44
MIN_FOR_TIE = 150
ORIGIN = "http://sandbox.invalid"


class Shape(NamedTuple):
    """A kind of session: whether its first leg and the others come to the platform, and whether their far end is a user."""

    first: tuple[bool, bool]
    others: tuple[bool, bool]


CALLER = Shape((True, False), (False, True))
AGENT = Shape((True, True), (False, False))
INTERNAL = Shape((True, True), (False, True))
CAMPAIGN = Shape((False, False), (False, True))
SHAPES, SHAPE_WEIGHTS = (CALLER, AGENT, INTERNAL, CAMPAIGN), (6, 4, 1, 2)
RECORD_ID = re.compile(r"[?]record_id=([0-9]+)")


def start_times(random: PastRandom, now: datetime) -> Iterator[datetime]:
    """Yield start times: clusters of up to 8 in one second, over the last 30 days."""
    while True:
        start = now - timedelta(seconds=random.age(3600, DAYS * 86400 - 1))
        for _ in range(random.choices((1, 2, 3, 8), (12, 4, 2, 1))[0]):
            yield start


@dataclass(slots=True)
class SessionGenerator:
    """Generates the sessions of one account and numbers their parts."""

    account_id: int
    random: PastRandom
    now: datetime
    charges: list[Row]
    session_ids: "count[int]"
    ids: "count[int]"
    transaction_ids: "count[int]"

    def sessions(self, legs: int) -> list[Row]:
        """Return sessions with this many calls in total. With enough calls, many sessions start in the same second."""
        sessions: list[Row] = []
        starts = start_times(self.random, self.now)
        tie_size = TIE_SIZE if legs >= MIN_FOR_TIE else 0
        tie_start = self.now - timedelta(days=7)
        while legs > 0:
            start = tie_start if len(sessions) < tie_size else next(starts)
            session = self.session(start, min(legs, self.random.choices((1, 2, 3, 4), (4, 5, 2, 1))[0]))
            legs -= len(session["calls"])
            sessions.append(session)
        for session in sorted(sessions, key=lambda row: str(row["start_date"]))[-2:]:
            self._make_active(session)
        return sessions

    def any_session(self, start: datetime) -> Row:
        """Return one session with a few calls."""
        self.charges.clear()
        return self.session(start, self.random.choices((1, 2, 3), (4, 5, 2))[0])

    def session(self, start: datetime, legs: int) -> Row:
        """Return one session with this many calls. Its last call starts within an hour."""
        application, name = self.random.choice(sample_values.APPLICATIONS)
        user = self.random.choice((*(each for each, _ in sample_values.USERS), None))
        calls = self._calls(start, legs, application)
        records = self._records(start, calls, application)
        row: Row = {
            "call_session_history_id": next(self.session_ids),
            "account_id": self.account_id,
            "application_id": application,
            "application_name": name,
            "rule_name": self.random.choice(sample_values.RULES),
            "start_date": str(start),
            "initiator_address": f"203.0.113.{self.random.randrange(1, 250)}",
            "media_server_address": f"198.51.100.{self.random.randrange(1, 250)}",
            "audio_quality": self.random.choice(sample_values.QUALITIES),
            "finish_reason": self.random.choice(sample_values.FINISHES),
            "duration": max(_seconds_after(each["start_time"], start) + each["duration"] for each in calls) + 1,
            "calls": calls,
        }
        self._add_optional_fields(row, start, user, records)
        return row

    def _add_optional_fields(self, row: Row, start: datetime, user: int | None, records: list[Row]) -> None:
        if user is not None:
            row["user_id"] = user
        if records:
            row["records"] = records
        if self.random.random() < 0.3:
            row["other_resource_usage"] = [self._usage(start, row["calls"]) for _ in range(self.random.randint(1, 2))]
        if self.random.random() < 0.25:
            row["custom_data"] = self.random.choice(sample_values.CUSTOM_DATA)
        # The upstream deletes logs after a month. Here it is some days earlier, so that both states occur.
        if start > self.now - timedelta(days=25):
            row["log_file_url"] = self._log_url(start, row)

    def _calls(self, start: datetime, legs: int, application: int) -> list[Row]:
        """Return the legs of one of the shapes. Where there are more legs, the scenario answered the first."""
        shape, at = self.random.choices(SHAPES, SHAPE_WEIGHTS)[0], start + timedelta(seconds=self.random.randrange(3))
        calls = []
        for number in range(legs):
            incoming, is_user = shape.first if number == 0 else shape.others
            kind = "user" if is_user and (incoming or self.random.random() < 0.85) else self._outside()
            answered = (incoming and legs > 1) or self.random.random() < (0.85 if incoming else 0.6)
            calls.append(self._call(at, incoming, kind, answered, application))
            at += timedelta(seconds=self.random.choices((0, 2, 15, 900), (2, 4, 4, 1))[0])
        return calls

    def _call(self, at: datetime, incoming: bool, kind: str, answered: bool, application: int) -> Row:
        row: Row = {
            "call_id": next(self.ids),
            "start_time": str(at),
            "duration": self._duration() if answered else self.random.choice((0, 5, 30)),
            # A user dials a number, others one of the account's.
            "local_number": self._number("pstn") if incoming and kind == "user" else self.random.choice(sample_values.OWN_NUMBERS),
            "remote_number": self._number(kind),
            "remote_number_type": kind,
            "incoming": incoming,
            "successful": answered,
            "transaction_id": 0,
            "media_server_address": f"198.51.100.{self.random.randrange(1, 250)}",
        }
        self._add_charge(row, at, kind)
        if not answered:
            row |= self._end_reason()
        elif self.random.random() < 0.4:
            row["record_url"] = self._file_url(at, application)
        if incoming and self.random.random() < 0.1:
            row["diversion_number"] = self.random.choice(sample_values.DIVERSIONS)
        return row

    def _end_reason(self) -> Row:
        reason = self.random.choice(sample_values.END_REASONS)
        return {} if reason is None else {"end_reason": reason}

    def _outside(self) -> str:
        return self.random.choices(("pstn", "mobile", "sip", "sip address"), (6, 2, 1, 1))[0]

    def _number(self, kind: str) -> str:
        if kind == "user":
            return self.random.choice(sample_values.USERS)[1]
        return self.random.choice(sample_values.SIP_ADDRESSES) if kind.startswith("sip") else sample_values.random_phone_number(self.random)

    def _add_charge(self, row: Row, at: datetime, kind: str) -> None:
        if row["duration"] and row["successful"] and kind in ("pstn", "mobile"):
            row["cost"] = round(row["duration"] / 60 * 0.0123, 4)
            row["transaction_id"] = self._charge(row["cost"], at + timedelta(seconds=row["duration"]), "resource_charge", "Call")
        if not row["incoming"] and (country := sample_values.country_of(row["remote_number"])):
            row["direction"] = country

    def _records(self, start: datetime, calls: list[Row], application: int) -> list[Row]:
        """Return a recording for most calls that have one, and sometimes one that no call names."""
        records = [self._record(row, row["record_url"]) for row in calls if "record_url" in row and self.random.random() < 0.8]
        if calls[0]["duration"] > 2 and self.random.random() < 0.06:
            records.append(self._record(calls[0], self._file_url(start, application)))
        return records

    def _record(self, call: Row, url: str) -> Row:
        duration = max(1, call["duration"] - 1)
        start = datetime.fromisoformat(call["start_time"]) + timedelta(seconds=1)
        cost = round(duration / 60 * 0.002 + 0.0001, 4)
        named = RECORD_ID.search(url)
        row: Row = {
            "record_id": int(named[1]) if named else next(self.ids),
            "start_time": str(start),
            "duration": duration,
            "record_url": url,
            "file_size": mp3_size(duration),
            "cost": cost,
            "transaction_id": self._charge(cost, start + timedelta(seconds=duration), "resource_charge", "Record"),
        }
        if self.random.random() < 0.2:
            row["record_name"] = f"call {call['call_id']}.mp3"
        if self.random.random() < 0.6:
            row["transcription_status"] = self.random.choice(sample_values.TRANSCRIPTIONS)
        self._add_expiration(row, start)
        if row.get("transcription_status") == "Complete":
            row["transcription_url"] = f"{ORIGIN}/transcriptions/{start:%Y/%m/%d}/{self.random.getrandbits(64):016x}.txt"
        return row

    def _add_expiration(self, row: Row, start: datetime) -> None:
        """Let files of most recordings expire in three years. The files of a few are removed already, with or without a date."""
        chance = self.random.random()
        if chance < 0.6:
            row["expiration_date"] = f"{start + timedelta(days=3 * 365):%Y-%m-%d}"
        elif chance < 0.65:
            row |= {"expiration_date": f"{start:%Y-%m-%d}", "is_removed": True}
        elif chance < 0.7:
            row["is_removed"] = True

    def _usage(self, start: datetime, calls: list[Row]) -> Row:
        kind, description, unit = self.random.choice(sample_values.RESOURCES)
        cost = round(self.random.randrange(1, 400) / 10_000, 4)
        at = start + timedelta(seconds=2)
        row: Row = {
            "resource_usage_id": next(self.ids),
            "resource_type": kind,
            "cost": cost,
            "description": description,
            "used_at": str(at),
            "transaction_id": self._charge(cost, at, "resource_charge", description),
            "resource_quantity": self.random.randrange(1, 120),
            "unit": unit,
        }
        if self.random.random() < 0.5:
            row["ref_call_id"] = self.random.choice(calls)["call_id"]
        return row

    def _charge(self, cost: float, at: datetime, kind: str, text: str) -> int:
        number = next(self.transaction_ids)
        self.charges.append(
            {
                "transaction_id": number,
                "account_id": str(self.account_id),
                "performed_at": str(min(at, self.now)),
                "amount": -cost,
                "currency": "USD",
                "transaction_type": kind,
                "transaction_description": text,
            }
        )
        return number

    def _duration(self) -> int:
        return min(2400, 3 + int(self.random.expovariate(1 / 120)))

    def _file_url(self, at: datetime, application: int) -> str:
        """Return the URL of a recording. An application with secure storage keeps it in one of two folders."""
        epoch = int(at.replace(tzinfo=UTC).timestamp())
        name = f"{at:%Y/%m/%d}/{self.random.getrandbits(64):016x}.{epoch}.mp3"
        if application != sample_values.SECURE_APPLICATION:
            return f"{ORIGIN}/records/{name}"
        if self.random.random() < 0.5:
            return f"{ORIGIN}/voxdata-us-acme-rec-secure/{name}"
        return f"{ORIGIN}/voximplant-records-secure/{name}?record_id={next(self.ids)}"

    def _log_url(self, start: datetime, session: Row) -> str:
        name = f"{start:%Y/%m/%d/%H%M%S}_{self.random.getrandbits(64):016x}.log"
        if session["application_id"] != sample_values.SECURE_APPLICATION:
            return f"{ORIGIN}/voxdata-us-acme-logs/{name}"
        return f"{ORIGIN}/voximplant-logs-secure/{name}?sessionid={session['call_session_history_id']}"

    def _make_active(self, session: Row) -> None:
        session["active"] = True
        del session["duration"], session["finish_reason"]
        last = session["calls"][-1]
        last.pop("duration")
        last["successful"] = False
        last.pop("end_reason", None)


def _seconds_after(text: str, start: datetime) -> int:
    return int((datetime.fromisoformat(text) - start).total_seconds())
