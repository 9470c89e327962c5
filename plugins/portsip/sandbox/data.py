"""Generated sessions and their legs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle

from telegraphql.plugin import PastRandom, Row
from telegraphql.plugins.portsip.sandbox.examples import DOMAIN, LEGS

EPOCH = datetime(1970, 1, 1)
# Ids are snowflakes: milliseconds since this time, then 22 bits.
SNOWFLAKE = 1_514_764_800_000
SECOND = 1_000_000
HISTORY_DAYS = 30
LARGEST_TIE = 45
EXTENSIONS = [str(number) for number in range(101, 131)]
NAMES = (
    *("Anna Müller", "Bruno Keller", "Chloé Favre", "Dan O'Neil", "Elena Rossi"),
    *("Finn Weber", "Grace Hall", "Hugo Petit", "Ines Costa", "Jack Moore"),
)
TRUNKS = ("Swiss trunk", "London trunk", "New York trunk", "Paris trunk")
DIDS = ("+41616925879", "+442079460123", "+12125550123", "+33199001234")
QUEUES = [str(number) for number in range(8001, 8008)]
END_REASONS = (
    "CALLER_DISCONNECTED",
    "CALLEE_DISCONNECTED",
    "CALLER_DISCONNECT",
    "BLIND_TRANSFER_COMPLETED",
    "CONSULT_TRANSFER_COMPLETED",
    "REPLACED",
    "REFERRED",
    "REDIRECTED",
)
FORWARDINGS = ("UNCONDITIONAL", "BUSY", "NO_ANSWER", "NOT_REACHABLE", "EXCEPTION", "LUNCH", "BUSINESS_TRIP", "AWAY", "NIGHT_MODE")
REROUTE_REASONS = ("TRANSFER", "OVERFLOW", "CAPACITY_BLOCKED", "REDIRECT", *(f"FORWARDING_{reason}" for reason in FORWARDINGS))
EMPTY = dict.fromkeys(("reroute_reason", "destination", "outbound_caller_id", "did_cid", "trunk", "service_number", "user_data"), "")
FAILURES = (486, 487, 480, 0, 408, 600, 404, 503, 484)
SCENARIOS = ("INTERNAL", "OUTBOUND", "INBOUND", "OUTBOUND", "QUEUE", "INBOUND", "INTERNAL", "TRANSFER", "QUEUE", "TRANSIT")


def format_micros(micros: int) -> str:
    """Return a time, given in microseconds since 1970, as the PBX writes it."""
    return (EPOCH + timedelta(microseconds=micros)).isoformat(timespec="microseconds") + "Z"


def to_micros(time: datetime) -> int:
    """Return the microseconds since 1970 of a time."""
    return (time.astimezone(UTC).replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)


class CallGenerator:
    """Generates legs, session by session."""

    def __init__(self, random: PastRandom, now: datetime) -> None:
        self._random = random
        self._now = to_micros(now)
        self._used_ids: set[int] = set()
        self._end_reasons, self._reroute_reasons, self._scenarios = cycle(END_REASONS), cycle(REROUTE_REASONS), cycle(SCENARIOS)
        self._failures = cycle(FAILURES)
        self._outside_numbers = [self._outside_number() for _ in range(400)]

    def legs(self, count: int) -> list[Row]:
        """Return `count` legs including the examples, or the examples alone if `count` is smaller."""
        legs = [dict(leg) for leg in LEGS]
        starts = self._starts(count)
        while len(legs) < count:
            legs += self.session(next(starts), next(self._scenarios))[: count - len(legs)]
        return legs

    def any_session(self, start: int) -> list[Row]:
        """Return the legs of a random conversation."""
        return self.session(start, self._random.choice(SCENARIOS))

    def snowflake(self, micros: int) -> str:
        """Return a new id that contains this time."""
        while True:
            number = (micros // 1000 - SNOWFLAKE << 22) | self._random.getrandbits(22)
            if number not in self._used_ids:
                self._used_ids.add(number)
                return str(number)

    def session(self, start: int, scenario: str) -> list[Row]:
        """Return the legs of one conversation, sorted by their start."""
        session_id = self.snowflake(start)
        if scenario == "QUEUE":
            return list(self._queue_session(start, session_id))
        leg = self.leg(start, session_id, scenario)
        if scenario != "TRANSFER" or not leg["answered_at"]:
            return [leg]
        return [leg, self._transferred_leg(leg, start + self._random.randint(5, 20) * SECOND)]

    def leg(self, start: int, session_id: str, scenario: str) -> Row:
        """Return one leg with parties that fit the scenario."""
        outside_number, extension = self._random.choice(self._outside_numbers), self._random.choice(EXTENSIONS)
        trunk = self._random.randrange(len(TRUNKS))
        if scenario == "INTERNAL":
            other = self._random.choice([each for each in EXTENSIONS if each != extension])
            return self._leg(start, session_id, (extension, other), {"direction": "EXTENSION_CALL"})
        trunk_fields = {"direction": "INBOUND_CALL", "trunk": TRUNKS[trunk]}
        if scenario == "OUTBOUND":
            trunk_fields |= {"direction": "OUTBOUND_CALL", "outbound_caller_id": DIDS[trunk]}
            return self._leg(start, session_id, (extension, outside_number), trunk_fields)
        if scenario == "TRANSIT":
            trunk_fields["direction"] = "INBOUND_OUTBOUND_CALL"
            return self._leg(start, session_id, (outside_number, self._random.choice(self._outside_numbers)), trunk_fields)
        caller = "anonymous" if self._random.random() < 0.05 else outside_number
        return self._leg(start, session_id, (caller, extension), trunk_fields | {"did_cid": DIDS[trunk]})

    def _starts(self, count: int) -> Iterator[int]:
        """Yield the starts of sessions: in clusters of 1 to 8 in the same second, some in the same microsecond, and one of 45."""
        pending = [self._second()] * LARGEST_TIE if count >= 4 * LARGEST_TIE else []
        while True:
            yield from pending
            second, size = self._second(), self._random.choice((1, 1, 1, 2, 2, 3, 5, 8))
            shared = self._random.randrange(SECOND)
            pending = [second + (shared if self._random.random() < 0.3 else self._random.randrange(SECOND)) for _ in range(size)]

    def _second(self) -> int:
        return self._now - self._random.age(900, HISTORY_DAYS * 86_400) * SECOND

    def _queue_session(self, start: int, session_id: str) -> Iterator[Row]:
        """Yield the legs of a caller who waits in a queue, which rings one agent after the other."""
        number, caller = self._random.choice(QUEUES), self._random.choice(self._outside_numbers)
        trunk_fields = {"direction": "INBOUND_CALL", "trunk": TRUNKS[0], "did_cid": DIDS[0], "service_number": number}
        answered = self._random.random() < 0.75
        reason = "" if answered else "QUEUE_ABANDONED" if self._random.random() < 0.5 else "QUEUE_EXIT"
        first_leg = {"reroute_reason": reason, "service_number": "" if reason else number}
        yield self._leg(start, session_id, (caller, number), trunk_fields | first_leg, answered=False)
        for agent in range(self._random.randint(1, 3)):
            ringing_at = start + (2 + 10 * agent) * SECOND + self._random.randrange(SECOND)
            yield self._leg(ringing_at, session_id, (caller, self._random.choice(EXTENSIONS)), trunk_fields, answered=answered)
            if answered:
                return

    def _transferred_leg(self, leg: Row, start: int) -> Row:
        fields = {"direction": "INBOUND_CALL", "trunk": leg["trunk"], "reroute_reason": next(self._reroute_reasons)}
        return self._leg(start, leg["session_id"], (leg["caller"], self._random.choice(EXTENSIONS)), fields)

    def _leg(self, start: int, session_id: str, parties: tuple[str, str], fields: Row, *, answered: bool | None = None) -> Row:
        answered = self._random.random() < 0.7 if answered is None else answered
        code = 0 if answered else next(self._failures)
        times = self._times(start, answered)
        is_charged = fields["direction"] == "OUTBOUND_CALL"
        return {
            "id": self.snowflake(start),
            "session_id": session_id,
            **EMPTY,
            **self._parties(*parties),
            **times,
            "rang_at": "" if code in (404, 503) else times["rang_at"],
            "call_id": f"{self._random.getrandbits(64):016x}..",
            "end_reason": next(self._end_reasons) if answered else "CANCELLED" if code == 487 else "",
            "status_code": code,
            "cost": round(times["duration"] / 60 * 0.0175, 4) if is_charged else 0,
            "billed_account": parties[0] if is_charged else "",
            **fields,
        }

    def _times(self, start: int, answered: bool) -> Row:
        """Return the times of a leg and its talk time, rounded up to seconds."""
        rang_at = start + self._random.randint(50_000, 900_000)
        answered_at = rang_at + self._random.randint(500_000, 9_000_000)
        talk_time = self._random.randint(2, 420) * SECOND + self._random.randrange(SECOND) if answered else 0
        return {
            "started_at": format_micros(start),
            "rang_at": format_micros(rang_at),
            "answered_at": format_micros(answered_at) if answered else "",
            "ended_at": format_micros(answered_at + talk_time),
            "duration": -(-talk_time // SECOND),
        }

    def _parties(self, caller: str, callee: str) -> Row:
        names = [NAMES[int(number) % len(NAMES)] if number in EXTENSIONS else "" for number in (caller, callee)]
        return {
            "caller": caller,
            "caller_domain": DOMAIN,
            "caller_display_name": names[0],
            "callee": callee,
            "callee_domain": DOMAIN,
            "callee_display_name": names[1],
        }

    def _outside_number(self) -> str:
        """Return a public number of one of four countries, in one of the formats that trunks deliver."""
        random = self._random
        national = random.choice(
            (
                f"41{random.choice(('61', '44', '31', '79'))}{random.randint(2_000_000, 6_999_999)}",
                f"44207946{random.randint(0, 999):04d}",
                f"1212555{random.randint(100, 199):04d}",
                f"331990{random.randint(0, 99_999):05d}",
            )
        )
        if national.startswith("41") and random.random() < 0.3:
            return "0" + national[2:]
        return random.choice(("+", "+", "00")) + national


def cdr(legs: Sequence[Row]) -> Row:
    """Return the summary of a conversation: its first leg, with the times and the end of all legs."""
    legs = sorted(legs, key=lambda leg: leg["started_at"])
    last = max(legs, key=lambda leg: leg["ended_at"])
    row = {name: value for name, value in legs[0].items() if name not in ("session_id", "cost", "billed_account")}
    return row | {
        "id": legs[0]["session_id"],
        "answered_at": min((leg["answered_at"] for leg in legs if leg["answered_at"]), default=""),
        "ended_at": last["ended_at"],
        "end_reason": last["end_reason"],
        "duration": sum(leg["duration"] for leg in legs),
    }
