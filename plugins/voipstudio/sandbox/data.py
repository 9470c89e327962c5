"""The simulated account's data, the same for the same seed, number of calls and time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any

from telegraphql.plugin import PastRandom, Row
from telegraphql.plugins.voipstudio.sandbox import examples
from telegraphql.plugins.voipstudio.sandbox.conversations import ANSWERED, PLANS, Conversations
from telegraphql.plugins.voipstudio.sandbox.fields import RESOURCES, UNLISTED_KINDS
from telegraphql.plugins.voipstudio.sandbox.files import mp3_size
from telegraphql.plugins.voipstudio.sandbox.sample_values import CUSTOMER_ID, QUEUES, TRACKING_NUMBERS, USERS

DAYS, MIN_AGE = 30, timedelta(minutes=90)  # a conversation is over after this time
BURST, MIN_FOR_BURST = 45, 150
TIES = (50, 20, 10, 6, 5, 4, 3, 2)  # weights of 1, 2, ... 8 records with the same second
SENTENCES = ("I would like to change my order.", "The invoice is twice what it should be.", "Please call me back after four.")
SENTIMENTS = ("positive", "neutral", "negative")
BROWSERS = ("Mozilla/5.0 (X11; Linux x86_64) Firefox/142.0", "Mozilla/5.0 (Macintosh) Safari/605.1.15")
CITIES = (("London", "GB", "51.5,-0.1"), ("Zurich", "CH", "47.4,8.5"), ("Lyon", "FR", "45.8,4.8"), ("Boston", "US", "42.4,-71.1"))
TYPES = (("payment", 50), ("topup", 20), ("charge", -12.5), ("subscription", -39), ("refund", 8.4), ("adjustment", -0.35), ("bonus", 5))
RESULTS = ("completed", "completed", "completed", "not completed")


class AccountData:
    """All records of the account, by the schema's names of the kinds."""

    def __init__(self, random: PastRandom, now: datetime, calls: int) -> None:
        self.random, self.now = random, now
        self.rows: dict[str, list[Row]] = {}
        self.conversations = Conversations(random)
        self.rows["calls"] = self._calls(calls)
        tracked = [row for row in self.rows["calls"] if row["id"] == examples.TRACKED_CDR or self.is_tracked(row)]
        self.rows["trackedCalls"] = tracked
        self.rows["queues"] = [self._queue(*each) for each in QUEUES]
        self.rows["recordings"] = [*examples.monitors(), *self._recordings()]
        self.rows["voicemessages"] = [*examples.voicemessages(), *self._voicemessages()]
        self.rows["chats"] = [*examples.chats(), *self._spread("chats", max(6, calls // 10), self._chat)]
        self.rows["transactions"] = self._spread("transactions", max(16, calls // 20), self._transaction)
        self.rows["mediaSessions"] = [*examples.msdrs(), *self._media_sessions()]
        self.rows["trackingNumbers"] = [*examples.tracking_numbers(), *map(self._tracking_number, count(70_001), TRACKING_NUMBERS)]
        self.rows["notes"] = self._notes()
        self.rows["chatMessages"] = self._chat_messages()
        self.rows["statements"] = [{"id": UNLISTED_KINDS["statements"] + month, "month": month + 1} for month in range(12)]

    def start_times(self) -> Iterator[datetime]:
        """Yield start times of the last weeks, often several in the same second."""
        while True:
            at = self.now - timedelta(seconds=self.random.age(MIN_AGE // timedelta(seconds=1), DAYS * 86_400))
            (ties,) = self.random.choices(range(1, 9), TIES)
            yield from [at] * ties

    def _calls(self, number: int) -> list[Row]:
        rows: list[Row] = []
        start_times, conversations = self.start_times(), self.conversations
        remaining = max(0, number - len(examples.CDRS))
        if number >= MIN_FOR_BURST:
            at = next(start_times)
            rows += [row for _ in range(BURST) for row in conversations.legs(ANSWERED, at, ring=5)]
        plans = iter(PLANS)
        while len(rows) < remaining:
            planned = next(plans, None)
            legs = conversations.legs(planned[1], next(start_times)) if planned else conversations.any_conversation(next(start_times))
            rows += legs if len(rows) + len(legs) <= remaining else conversations.legs(ANSWERED, next(start_times))
        rows.sort(key=lambda row: str(row["calldate"]))
        for key, row in zip(count(RESOURCES["calls"].first_id), rows, strict=False):
            row["id"] = row["call_id"] = key
        return [*examples.cdrs(), *rows]

    def is_tracked(self, row: Row) -> bool:
        """Return True if a call came in on a tracking number."""
        return row["dst"] in TRACKING_NUMBERS and row["destination"] == "in"

    def _generated(self) -> Iterator[Row]:
        return islice(self.rows["calls"], len(examples.CDRS), None)

    def _spread(self, kind: str, number: int, make: Any) -> list[Row]:
        start_times = sorted(islice(self.start_times(), number))
        if number >= MIN_FOR_BURST:
            start_times[:BURST] = [start_times[0]] * BURST
        return [make(key, format_time(at)) for key, at in zip(count(RESOURCES[kind].first_id), start_times, strict=False)]

    def _queue(self, key: int, name: str, number: str) -> Row:
        users = [user for user, _, _ in USERS if user % 3 != key % 3]
        fields = {"created_at": "2024-03-01 09:00:00", "ring_strategy": "A", "ring_time": 20, "skip_busy": True}
        return {"id": key, "name": name, "number": int(number), "users": users} | fields

    def _recordings(self) -> Iterator[Row]:
        keys = count(RESOURCES["recordings"].first_id)
        for row in self._generated():
            talked = row["disposition"] in ("CONNECTED", "ON_HOLD") and row["context"] in ("PSTN_CALL", "QUEUE")
            for half in range((row["live_id"] % 3 > 0) + (row["live_id"] % 29 == 0) if talked else 0):
                yield self.recording(next(keys), row, half)

    def recording(self, key: int, row: Row, half: int = 0) -> Row:
        """Return a recording of a call."""
        started = datetime.fromisoformat(row["calldate"]) + timedelta(seconds=row["duration"] - row["billsec"] + half)
        names = ("context", "dst_id", "dst_name", "live_id", "sip_endpoint_id", "src_id", "type", "user_id")
        fields = {"id": key, "called": row["dst"], "caller": row["src"], "duration": row["billsec"], "size": mp3_size(row["billsec"])}
        fields |= {"timestamp": started.isoformat(sep=" ")} | {name: row[name] for name in names}
        if key % 5 == 0:
            fields |= {"transcript": self.random.choice(SENTENCES), "summary": "A question.", "sentiment": self.random.choice(SENTIMENTS)}
        return fields

    def _voicemessages(self) -> Iterator[Row]:
        keys = count(RESOURCES["voicemessages"].first_id)
        for row in self._generated():
            if row["disposition"] == "VM":
                yield self.voicemessage(next(keys), row)

    def voicemessage(self, key: int, row: Row) -> Row:
        """Return the message that was left in a call."""
        started = datetime.fromisoformat(row["calldate"]) + timedelta(seconds=row["duration"] - row["billsec"])
        fields = {"id": key, "caller": row["src"], "callerid": row["clid"], "dialled": row["dst"], "duration": row["billsec"]}
        fields |= {"extension_id": int(row["dst_id"]), "folder": key % 3, "is_new": key % 4 != 0, "live_id": row["live_id"]}
        fields |= {"origtime": started.isoformat(sep=" "), "parent_live_id": row["parent_live_id"]}
        return fields | {"transcript": self.random.choice(SENTENCES) if key % 2 else None}

    def _chat(self, key: int, at: str) -> Row:
        city, country, location = self.random.choice(CITIES)
        visitor = {"city": city, "country": country, "geo": location, "id": f"v-{key:x}", "ip": f"192.0.2.{key % 250}", "name": "Visitor"}
        visitor |= {"email": f"visitor{key}@example.com" if key % 2 else "", "referer": "https://example.com/", "ua": BROWSERS[key % 2]}
        fields = {"id": key, "created_at": at, "customer_id": CUSTOMER_ID, "duration": self.random.randint(10, 1800), "state": key % 5}
        fields |= {"operator_id": USERS[key % len(USERS)][0] if key % 7 else 0, "operator_ua": BROWSERS[0], "website_id": 5500 + key % 3}
        return fields | {f"visitor_{name}": value for name, value in visitor.items()}

    def _transaction(self, key: int, at: str) -> Row:
        word, amount = TYPES[key % len(TYPES)]
        return {"id": key, "created_at": at, "amount": amount, "currency_iso": "GBP", "type": word, "result": RESULTS[key % len(RESULTS)]}

    def _media_sessions(self) -> Iterator[Row]:
        keys = count(RESOURCES["mediaSessions"].first_id)
        names = ("dst", "dst_id", "dst_ua", "src", "src_id", "src_ua", "duration", "t_cause", "user_id")
        for row in self._generated():
            if row["id"] % 2:
                fields = {"id": next(keys), "call_id": f"{row['live_id']:08x}@sip.example.com", "created_at": row["calldate"]}
                yield fields | {name: row[name] for name in names} | {"media_session_id": row["live_id"] + 9, "type": "audio"}

    def _tracking_number(self, key: int, number: str) -> Row:
        template = dict.fromkeys(examples.TRACKING_NUMBER.split(), "")
        fields = {
            "id": str(key),
            "channels": 2,
            "created_at": "2025-02-01 08:00:00",
            "e164": number,
            "info": "",
            "name": f"Campaign {key % 10}",
        }
        fields |= {
            "cli_prefix": 0,
            "flag": 0,
            "rate": 3.5,
            "status": 1,
            "target_id": QUEUES[0][0],
            "target_type": 2,
            "sms_enabled": key % 2 == 0,
        }
        return template | fields | dict.fromkeys(("cli_hide", "esc_enabled", "fax_enabled", "has_fax_password", "tel_verified"), False)

    def _notes(self) -> list[Row]:
        notes, keys = [], count(UNLISTED_KINDS["notes"])
        for row in self._generated():
            if row["id"] % 20 == 0:
                row["nb_notes"] = 1 + row["id"] % 3
                notes += [self._note(next(keys), row) for _ in range(row["nb_notes"])]
        return notes

    def _note(self, key: int, row: Row) -> Row:
        return {
            "id": key,
            "cdr_id": row["id"],
            "text": self.random.choice(SENTENCES),
            "created_at": row["calldate"],
            "user_id": row["user_id"],
        }

    def _chat_messages(self) -> list[Row]:
        keys = count(UNLISTED_KINDS["chatMessages"])
        return [
            {"id": next(keys), "chat_id": row["id"], "text": text} for row in self.rows["chats"] for text in ("Hello?", "How can I help?")
        ]


def format_time(moment: datetime) -> str:
    """Return a time as the upstream writes it."""
    return moment.replace(tzinfo=None).isoformat(sep=" ")[:19]
