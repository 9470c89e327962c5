"""Data: the generated truth of a simulated tenant - sessions and their legs."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox.examples import DOMAIN, LEGS

EPOCH = datetime(1970, 1, 1)
# Snowflakes: milliseconds since here, then 22 bits.
SNOWFLAKE = 1_514_764_800_000
SECOND = 1_000_000
DAYS = 30
TIE = 45
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
FAILURES = (486, 487, 480, 0, 408, 600, 404, 503)
SCENES = ("INTERNAL", "OUTBOUND", "INBOUND", "OUTBOUND", "QUEUE", "INBOUND", "INTERNAL", "TRANSFER", "QUEUE", "TRANSIT")


def written(micros: int) -> str:
    """A moment as the PBX writes it."""
    return (EPOCH + timedelta(microseconds=micros)).isoformat(timespec="microseconds") + "Z"


def micros_of(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment.astimezone(UTC).replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)


class Calls:
    """Makes legs, session by session."""

    def __init__(self, random: Random, now: datetime) -> None:
        self._random = random
        self._now = micros_of(now)
        self._given: set[int] = set()
        self._ends, self._reroutes, self._scenes = cycle(END_REASONS), cycle(REROUTE_REASONS), cycle(SCENES)
        self._failures = cycle(FAILURES)
        self._strangers = [self._stranger() for _ in range(400)]

    def legs(self, count: int) -> list[Row]:
        """Exactly `count` legs, the examples among them; those alone where `count` is smaller."""
        legs = [dict(leg) for leg in LEGS]
        starts = self._starts(count)
        while len(legs) < count:
            legs += self.session(next(starts), next(self._scenes))[: count - len(legs)]
        return legs

    def snowflake(self, micros: int) -> str:
        """An id of this moment."""
        while True:
            number = (micros // 1000 - SNOWFLAKE << 22) | self._random.getrandbits(22)
            if number not in self._given:
                self._given.add(number)
                return str(number)

    def session(self, start: int, scene: str) -> list[Row]:
        """The legs of one conversation, by order of their start."""
        session_id = self.snowflake(start)
        if scene == "QUEUE":
            return list(self._queued(start, session_id))
        leg = self.leg(start, session_id, scene)
        if scene != "TRANSFER" or not leg["answered_at"]:
            return [leg]
        return [leg, self._transferred(leg, start + self._random.randint(5, 20) * SECOND)]

    def leg(self, start: int, session_id: str, scene: str) -> Row:
        """One leg with parties that fit the scene."""
        outside, inside = self._random.choice(self._strangers), self._random.choice(EXTENSIONS)
        trunk = self._random.randrange(len(TRUNKS))
        if scene == "INTERNAL":
            other = self._random.choice([each for each in EXTENSIONS if each != inside])
            return self._leg(start, session_id, (inside, other), {"direction": "EXTENSION_CALL"})
        line = {"direction": "INBOUND_CALL", "trunk": TRUNKS[trunk]}
        if scene == "OUTBOUND":
            line |= {"direction": "OUTBOUND_CALL", "outbound_caller_id": DIDS[trunk]}
            return self._leg(start, session_id, (inside, outside), line)
        if scene == "TRANSIT":
            line["direction"] = "INBOUND_OUTBOUND_CALL"
            return self._leg(start, session_id, (outside, self._random.choice(self._strangers)), line)
        caller = "anonymous" if self._random.random() < 0.05 else outside
        return self._leg(start, session_id, (caller, inside), line | {"did_cid": DIDS[trunk]})

    def _starts(self, count: int) -> Iterator[int]:
        """When sessions begin: in clusters of one to eight in the same second, some in the same microsecond, once 45 in one."""
        pending = [self._second()] * TIE if count >= 4 * TIE else []
        while True:
            yield from pending
            second, size = self._second(), self._random.choice((1, 1, 1, 2, 2, 3, 5, 8))
            shared = self._random.randrange(SECOND)
            pending = [second + (shared if self._random.random() < 0.3 else self._random.randrange(SECOND)) for _ in range(size)]

    def _second(self) -> int:
        return self._now - self._random.randint(900, DAYS * 86_400) * SECOND

    def _queued(self, start: int, session_id: str) -> Iterator[Row]:
        """The caller waits in a queue, which rings one agent after the other."""
        number, caller = self._random.choice(QUEUES), self._random.choice(self._strangers)
        line = {"direction": "INBOUND_CALL", "trunk": TRUNKS[0], "did_cid": DIDS[0], "service_number": number}
        served = self._random.random() < 0.75
        reason = "" if served else "QUEUE_ABANDONED" if self._random.random() < 0.5 else "QUEUE_EXIT"
        left = {"reroute_reason": reason, "service_number": "" if reason else number}
        yield self._leg(start, session_id, (caller, number), line | left, answered=False)
        for agent in range(self._random.randint(1, 3)):
            ringing = start + (2 + 10 * agent) * SECOND + self._random.randrange(SECOND)
            yield self._leg(ringing, session_id, (caller, self._random.choice(EXTENSIONS)), line, answered=served)
            if served:
                return

    def _transferred(self, leg: Row, start: int) -> Row:
        line = {"direction": "INBOUND_CALL", "trunk": leg["trunk"], "reroute_reason": next(self._reroutes)}
        return self._leg(start, leg["session_id"], (leg["caller"], self._random.choice(EXTENSIONS)), line)

    def _leg(self, start: int, session_id: str, parties: tuple[str, str], line: Row, *, answered: bool | None = None) -> Row:
        answered = self._random.random() < 0.7 if answered is None else answered
        code = 0 if answered else next(self._failures)
        times = self._times(start, answered)
        charged = line["direction"] == "OUTBOUND_CALL"
        return {
            "id": self.snowflake(start),
            "session_id": session_id,
            **EMPTY,
            **self._parties(*parties),
            **times,
            "rang_at": "" if code in (404, 503) else times["rang_at"],
            "call_id": f"{self._random.getrandbits(64):016x}..",
            "end_reason": next(self._ends) if answered else "CANCELLED" if code == 487 else "",
            "status_code": code,
            "cost": round(times["duration"] / 60 * 0.0175, 4) if charged else 0,
            "billed_account": parties[0] if charged else "",
            **line,
        }

    def _times(self, start: int, answered: bool) -> Row:
        """When it rang, was answered and ended, and the talk time, rounded up."""
        rang = start + self._random.randint(50_000, 900_000)
        picked = rang + self._random.randint(500_000, 9_000_000)
        talk = self._random.randint(2, 420) * SECOND + self._random.randrange(SECOND) if answered else 0
        return {
            "started_at": written(start),
            "rang_at": written(rang),
            "answered_at": written(picked) if answered else "",
            "ended_at": written(picked + talk),
            "duration": -(-talk // SECOND),
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

    def _stranger(self) -> str:
        """A public number of one of four countries, spelled in one of the ways trunks deliver."""
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
    """The summary of a conversation: the first leg, with the times and the end of all."""
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
