"""Data: generated sessions with their legs, records and resource usages, and the charges for them."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox import sound, words

DAYS = 30
BIG_TIE = 44
ENOUGH_FOR_BIG_TIE = 150
ORIGIN = "http://sandbox.invalid"
RECORD_ID = re.compile(r"[?]record_id=([0-9]+)")


def moments(chance: random.Random, now: datetime) -> Iterator[datetime]:
    """Starts of sessions without end: clusters of up to 8 in one second over the last 30 days."""
    while True:
        start = now - timedelta(seconds=chance.randrange(3600, DAYS * 86400))
        for _ in range(chance.choices((1, 2, 3, 8), (12, 4, 2, 1))[0]):
            yield start


@dataclass(slots=True)
class Writer:
    """Writes sessions of one account, numbering what is in them."""

    account_id: int
    chance: random.Random
    now: datetime
    charges: list[Row]
    session_ids: "count[int]"
    ids: "count[int]"
    transaction_ids: "count[int]"

    def sessions(self, legs: int) -> list[Row]:
        """Sessions with so many legs in all; many of them in one second where there are enough."""
        made: list[Row] = []
        starts = moments(self.chance, self.now)
        big_tie = BIG_TIE if legs >= ENOUGH_FOR_BIG_TIE else 0
        at_once = self.now - timedelta(days=7)
        while legs > 0:
            start = at_once if len(made) < big_tie else next(starts)
            session = self.session(start, min(legs, self.chance.choices((1, 2, 3, 4), (4, 5, 2, 1))[0]))
            legs -= len(session["calls"])
            made.append(session)
        for session in sorted(made, key=lambda row: str(row["start_date"]))[-2:]:
            self._still_going(session)
        return made

    def session(self, start: datetime, legs: int) -> Row:
        """One session with this many legs; it spans less than an hour to its last leg's start."""
        application, name = self.chance.choice(words.APPLICATIONS)
        user = self.chance.choice((*(each for each, _ in words.USERS), None))
        calls = self._calls(start, legs, application)
        records = self._records(start, calls, application)
        row: Row = {
            "call_session_history_id": next(self.session_ids),
            "account_id": self.account_id,
            "application_id": application,
            "application_name": name,
            "rule_name": self.chance.choice(words.RULES),
            "start_date": str(start),
            "initiator_address": f"203.0.113.{self.chance.randrange(1, 250)}",
            "media_server_address": f"198.51.100.{self.chance.randrange(1, 250)}",
            "audio_quality": self.chance.choice(words.QUALITIES),
            "finish_reason": self.chance.choice(words.FINISHES),
            "duration": max(_second(each["start_time"], start) + each["duration"] for each in calls) + 1,
            "calls": calls,
        }
        self._add_rest(row, start, user, records)
        return row

    def _add_rest(self, row: Row, start: datetime, user: int | None, records: list[Row]) -> None:
        if user is not None:
            row["user_id"] = user
        if records:
            row["records"] = records
        if self.chance.random() < 0.3:
            row["other_resource_usage"] = [self._usage(start, row["calls"]) for _ in range(self.chance.randint(1, 2))]
        if self.chance.random() < 0.25:
            row["custom_data"] = self.chance.choice(words.CUSTOM_DATA)
        # The upstream clears logs after a month; here some days earlier, so that both states occur.
        if start > self.now - timedelta(days=25):
            row["log_file_url"] = self._log(start, row)

    def _calls(self, start: datetime, legs: int, application: int) -> list[Row]:
        incoming, at = self.chance.random() < 0.6, start + timedelta(seconds=self.chance.randrange(3))
        calls = []
        for number in range(legs):
            calls.append(self._call(at, incoming and number == 0, application))
            at += timedelta(seconds=self.chance.choices((0, 2, 15, 900), (2, 4, 4, 1))[0])
        return calls

    def _call(self, at: datetime, incoming: bool, application: int) -> Row:
        kind, remote = self._remote()
        answered = self.chance.random() < 0.7
        row: Row = {
            "call_id": next(self.ids),
            "start_time": str(at),
            "duration": self._length() if answered else self.chance.choice((0, 5, 30)),
            "local_number": self.chance.choice(words.OWN_NUMBERS),
            "remote_number": remote,
            "remote_number_type": kind,
            "incoming": incoming,
            "successful": answered,
            "transaction_id": 0,
            "media_server_address": f"198.51.100.{self.chance.randrange(1, 250)}",
        }
        self._settle(row, at, kind)
        if not answered:
            row |= self._why()
        elif self.chance.random() < 0.4:
            row["record_url"] = self._file(at, application)
        if incoming and self.chance.random() < 0.1:
            row["diversion_number"] = self.chance.choice(words.DIVERSIONS)
        return row

    def _why(self) -> Row:
        reason = self.chance.choice(words.END_REASONS)
        return {} if reason is None else {"end_reason": reason}

    def _remote(self) -> tuple[str, str]:
        kind = self.chance.choices(("pstn", "mobile", "user", "sip address"), (6, 2, 3, 1))[0]
        if kind == "user":
            return kind, self.chance.choice(words.USERS)[1]
        return kind, self.chance.choice(words.SIP_ADDRESSES) if kind == "sip address" else words.phone(self.chance)

    def _settle(self, row: Row, at: datetime, kind: str) -> None:
        if row["duration"] and row["successful"] and kind in ("pstn", "mobile"):
            row["cost"] = round(row["duration"] / 60 * 0.0123, 4)
            row["transaction_id"] = self._charge(row["cost"], at + timedelta(seconds=row["duration"]), "resource_charge", "Call")
        if not row["incoming"] and (country := words.geography(row["remote_number"])):
            row["direction"] = country

    def _records(self, start: datetime, calls: list[Row], application: int) -> list[Row]:
        """A record for most legs that name one, and now and then one that no leg names."""
        made = [self._record(row, row["record_url"]) for row in calls if "record_url" in row and self.chance.random() < 0.8]
        if calls[0]["duration"] > 2 and self.chance.random() < 0.06:
            made.append(self._record(calls[0], self._file(start, application)))
        return made

    def _record(self, call: Row, url: str) -> Row:
        length = max(1, call["duration"] - 1)
        at = datetime.fromisoformat(call["start_time"]) + timedelta(seconds=1)
        cost = round(length / 60 * 0.002 + 0.0001, 4)
        named = RECORD_ID.search(url)
        row: Row = {
            "record_id": int(named[1]) if named else next(self.ids),
            "start_time": str(at),
            "duration": length,
            "record_url": url,
            "file_size": sound.size(length),
            "cost": cost,
            "transaction_id": self._charge(cost, at + timedelta(seconds=length), "resource_charge", "Record"),
        }
        if self.chance.random() < 0.2:
            row["record_name"] = f"call {call['call_id']}.mp3"
        if self.chance.random() < 0.6:
            row["transcription_status"] = self.chance.choice(words.TRANSCRIPTIONS)
        if row.get("transcription_status") == "Complete":
            row["transcription_url"] = f"{ORIGIN}/transcriptions/{at:%Y/%m/%d}/{self.chance.getrandbits(64):016x}.txt"
        return row

    def _usage(self, start: datetime, calls: list[Row]) -> Row:
        kind, description, unit = self.chance.choice(words.RESOURCES)
        cost = round(self.chance.randrange(1, 400) / 10_000, 4)
        at = start + timedelta(seconds=2)
        row: Row = {
            "resource_usage_id": next(self.ids),
            "resource_type": kind,
            "cost": cost,
            "description": description,
            "used_at": str(at),
            "transaction_id": self._charge(cost, at, "resource_charge", description),
            "resource_quantity": self.chance.randrange(1, 120),
            "unit": unit,
        }
        if self.chance.random() < 0.5:
            row["ref_call_id"] = self.chance.choice(calls)["call_id"]
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

    def _length(self) -> int:
        return min(2400, 3 + int(self.chance.expovariate(1 / 120)))

    def _file(self, at: datetime, application: int) -> str:
        """Return the address of a recording. An application with secure storage has it in one of two folders."""
        epoch = int(at.replace(tzinfo=UTC).timestamp())
        name = f"{at:%Y/%m/%d}/{self.chance.getrandbits(64):016x}.{epoch}.mp3"
        if application != words.SECURE_APPLICATION:
            return f"{ORIGIN}/records/{name}"
        if self.chance.random() < 0.5:
            return f"{ORIGIN}/voxdata-us-acme-rec-secure/{name}"
        return f"{ORIGIN}/voximplant-records-secure/{name}?record_id={next(self.ids)}"

    def _log(self, start: datetime, session: Row) -> str:
        name = f"{start:%Y/%m/%d/%H%M%S}_{self.chance.getrandbits(64):016x}.log"
        if session["application_id"] != words.SECURE_APPLICATION:
            return f"{ORIGIN}/voxdata-us-acme-logs/{name}"
        return f"{ORIGIN}/voximplant-logs-secure/{name}?sessionid={session['call_session_history_id']}"

    def _still_going(self, session: Row) -> None:
        session["active"] = True
        del session["duration"], session["finish_reason"]
        last = session["calls"][-1]
        last.pop("duration")
        last["successful"] = False
        last.pop("end_reason", None)


def _second(text: str, start: datetime) -> int:
    return int((datetime.fromisoformat(text) - start).total_seconds())
