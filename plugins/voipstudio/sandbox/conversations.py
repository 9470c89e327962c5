"""Generated conversations: trees of call legs within one hour."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, pairwise
from random import Random
from typing import NamedTuple

from telegraphql.plugin import Row
from telegraphql.plugins.voipstudio.sandbox.examples import CDR
from telegraphql.plugins.voipstudio.sandbox.sample_values import CONTACTS, MENU, OUTSIDE, OWN_NUMBERS, QUEUES, TRACKING_NUMBERS, USERS

PartyRow = tuple[str, str, str]  # id, number, name


class LegPlan(NamedTuple):
    """A leg: its codes, and who calls whom."""

    context: str
    type: str
    destination: str
    disposition: str
    cause: str
    caller: str = "outside"
    called: str = "user"


OK, SILENT = "Normal Clearing", "No user responding"
ANSWERED = (LegPlan("PSTN_CALL", "I", "in", "CONNECTED", OK),)
PLANS: tuple[tuple[int, tuple[LegPlan, ...]], ...] = (
    (30, ANSWERED),
    (6, (LegPlan("PSTN_CALL", "M", "in", "RINGING", SILENT),)),
    (2, (LegPlan("PSTN_CALL", "M", "in", "INITIAL", "User busy"),)),
    (2, (LegPlan("PSTN_CALL", "M", "in", "RINGING", OK),)),
    (2, (LegPlan("PSTN_CALL", "I", "in", "ON_HOLD", OK),)),
    (
        12,
        (
            LegPlan("PSTN_CALL", "I", "in", "CONNECTED", OK, "outside", "menu"),
            LegPlan("IVR", "I", "in", "CONNECTED", OK, "outside", "queue"),
            LegPlan("QUEUE", "M", "in", "RINGING", SILENT, "outside", "user"),
            LegPlan("QUEUE", "I", "in", "CONNECTED", OK, "outside", "user"),
        ),
    ),
    (
        4,
        (
            LegPlan("PSTN_CALL", "I", "in", "CONNECTED", OK, "outside", "menu"),
            LegPlan("IVR", "I", "in", "CONNECTED", OK, "outside", "queue"),
            LegPlan("QUEUE", "M", "in", "RINGING", "User alerting, no answer", "outside", "user"),
        ),
    ),
    (6, (LegPlan("PSTN_CALL", "M", "in", "RINGING", SILENT), LegPlan("FOLLOW_ME", "O", "out", "CONNECTED", OK, "outside", "outside"))),
    (6, (LegPlan("PSTN_CALL", "M", "in", "RINGING", SILENT), LegPlan("PSTN_CALL", "I", "in", "VM", OK))),
    (3, (LegPlan("PSTN_CALL", "I", "in", "VM", OK),)),
    (24, (LegPlan("PSTN_CALL", "O", "out", "CONNECTED", OK, "user", "outside"),)),
    (5, (LegPlan("PSTN_CALL", "O", "out", "RINGING", "User alerting, no answer", "user", "outside"),)),
    (3, (LegPlan("PSTN_CALL", "O", "out", "INITIAL", "User busy", "user", "outside"),)),
    *(
        (1, (LegPlan("PSTN_CALL", "O", "out", "INITIAL", cause, "user", "outside"),))
        for cause in (
            "Call Rejected",
            "Unallocated (unassigned) number",
            "No route to destination",
            "Destination out of order",
            "Invalid number format",
            "Network out of order",
            "Circuit/channel congestion",
            "Switch congestion",
        )
    ),
    (8, (LegPlan("USER_LOCAL", "O", "out", "CONNECTED", OK, "user", "user"),)),
    (2, (LegPlan("USER_LOCAL", "M", "in", "RINGING", SILENT, "user", "user"),)),
    (1, (LegPlan("USER_LOCAL", "O", "out", "INITIAL", "Subscriber absent", "user", "user"),)),
    (2, (LegPlan("PSTN_CALL", "I", "webcall", "CONNECTED", OK),)),
    (
        2,
        (
            LegPlan("USER_LOCAL", "I", "callmeback", "CONNECTED", OK, "user", "user"),
            LegPlan("PSTN_CALL", "O", "callmeback", "CONNECTED", OK, "user", "outside"),
        ),
    ),
    (1, (LegPlan("TEST_CALL", "O", "out", "CONNECTED", OK, "user", "menu"),)),
)
WEIGHTS = [weight for weight, _ in PLANS]
FIRST_LIVE_ID = 5_000_000_001
MAX_DURATION = timedelta(minutes=45)
WITH_TALK = frozenset({"CONNECTED", "ON_HOLD", "VM"})
SOMETIMES_NULL = ("dst_codec", "dst_name", "dst_ua", "info", "src_codec", "src_id", "src_name", "src_ua")
USER_AGENT = "VoIPstudio Softphone 3.4"
EMPTY_CALL: Row = dict.fromkeys(CDR.split(), "") | {
    "id": 0,
    "call_id": 0,
    "parent_live_id": None,
    "is_root": True,
    "root_live_id": 0,
    "nb_children": 0,
    "labels": [],
    "metadata": None,
    "nb_notes": 0,
}


class Conversations:
    """Makes the legs of conversations with unique live ids. `id` is set later, in order of time."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._live = count(FIRST_LIVE_ID)

    def any_conversation(self, start: datetime) -> list[Row]:
        """Return the legs of a random conversation."""
        (chosen,) = self.random.choices(PLANS, WEIGHTS)
        return self.legs(chosen[1], start)

    def legs(self, plans: tuple[LegPlan, ...], start: datetime, ring: int | None = None) -> list[Row]:
        """Return the legs of a conversation. The first is the root; each other one is a child of the leg before it, or of its queue."""
        outside = self._party("outside")
        own_number = self.random.choice(TRACKING_NUMBERS if self.random.random() < 0.15 else OWN_NUMBERS)
        rows = [self._leg(plan, at, outside, own_number, ring) for at, plan in zip(self._starts(start, len(plans)), plans, strict=True)]
        queue = next((row for row in rows if row["dst_id"].startswith("Queue")), None)
        for previous, row in pairwise(rows):
            parent = queue if queue and row["context"] == "QUEUE" else previous
            parent["nb_children"] += 1
            row |= {"is_root": False, "parent_live_id": parent["live_id"]}
        for row in rows:
            row["root_live_id"] = rows[0]["live_id"]
        return rows

    def _starts(self, start: datetime, legs: int) -> Iterator[datetime]:
        at = start
        for _ in range(legs):
            yield at
            at = min(at + timedelta(seconds=self.random.choice((0, 0, 4, 15, 40, 90, 600))), start + MAX_DURATION)

    def _leg(self, plan: LegPlan, at: datetime, outside: PartyRow, own: str, ring: int | None) -> Row:
        source = outside if plan.caller == "outside" else self._party(plan.caller)
        target = self._party(plan.called)
        if plan.context == "PSTN_CALL" and plan.called != "outside":
            target = (target[0], own, target[2])
        talk = min(1500, 5 + int(self.random.lognormvariate(4, 1.1))) if plan.disposition in WITH_TALK else 0
        rate = self.random.choice((0.0119, 0.029, 0.15)) if plan.called == "outside" else 0
        user = int(target[0] if plan.called == "user" else source[0] if plan.caller == "user" else USERS[0][0])
        row = EMPTY_CALL | {"context": plan.context, "destination": plan.destination, "disposition": plan.disposition}
        row |= {"calldate": at.isoformat(sep=" ")[:19], "billsec": talk, "charge": round(rate * -(-talk // 60), 4), "rate": rate}
        row |= {"duration": talk + (self.random.randint(2, 28) if ring is None else ring), "live_id": next(self._live)}
        row |= _party_fields("src", source, plan.caller) | _party_fields("dst", target, plan.called)
        row |= {"clid": _caller_id(source, plan.caller), "t_cause": plan.cause, "type": plan.type}
        row |= {"server_id": self.random.choice((31, 32, 47)), "sip_endpoint_id": user % 100_000, "user_id": user}
        row["labels"] = ["vip"] if source[0].startswith("contact") else []
        row["metadata"] = '{"crm":' + str(row["live_id"]) + "}" if row["live_id"] % 9 == 0 else None
        if row["live_id"] % 2:
            row |= {name: None for name in SOMETIMES_NULL if row[name] == ""}
        return row

    def _party(self, who: str) -> PartyRow:
        if who == "user":
            user, extension, name = self.random.choice(USERS)
            return str(user), extension, name
        if who == "queue":
            queue, name, extension = self.random.choice(QUEUES)
            return f"Queue{queue}", extension, name
        if who == "menu":
            return MENU
        number, contact = self.random.choice(OUTSIDE)
        return contact, number, CONTACTS.get(contact, "")


def _caller_id(source: PartyRow, who: str) -> str:
    """Return a caller id as the upstream writes it: a name or the number again, then the number, which has a "+" if it is public."""
    number = f"+{source[1]}" if who == "outside" else source[1]
    return f'"{source[2] or number}" <{number}>'


def _party_fields(side: str, end: PartyRow, who: str) -> Row:
    agent, codec = (USER_AGENT, "OPUS") if who == "user" else ("", "PCMA")
    return {f"{side}_id": end[0], side: end[1], f"{side}_name": end[2], f"{side}_ua": agent, f"{side}_codec": codec}
