"""Conversations: the legs that Asterisk nodes write down for one call of a customer."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from zoneinfo import ZoneInfo

from telegraphql.plugins.boxis.sandbox.seed import BLANK, NEVER, Row

ZONE = ZoneInfo("Europe/Zurich")
NODES = ("sip015.voice.boxis.net", "sip022.voice.boxis.net", "sip046.voice.boxis.net")
DIDS = ("0225101800", "0225101820", "0227359748", "0445121100")
EXTENSIONS = ("317", "453", "606", "1175")
NAMES = ("Anna Keller", "DirectCEO:", "Müller & Söhne AG", "Luca Rossi", "Élodie Favre", "O'Brien Ltd", "Sales: Zürich / Bern")
CLIDS = ('"{name}" <{number}>', '"{name}" <{number}>', "{name} <{number}>", '"" <{number}>', '"{number}" <{number}>', "{number}", "")
UNANSWERED = ("NO ANSWER", "NO ANSWER", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
CODES = ("0", "1", "4", "2", "16")
CODED_EACH = 25
ODD_MARKERS = ("", "[callback]")
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Country:
    """Where numbers are, how they begin, how many digits follow, and what a minute costs."""

    name: str
    network: str
    prefix: str
    digits: int
    rate: float


COUNTRIES = (
    Country("Switzerland", "Swisscom", "004161692", 4, 0.0235),
    Country("Switzerland", "Swisscom Mobile", "0041794", 6, 0.179),
    Country("United Kingdom", "Mobile", "00447400", 6, 0.12),
    Country("United States", "Fixed", "0012025550", 3, 0.015),
    Country("France", "Orange", "003314268", 4, 0.021),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """A party's connection to a node; several legs may share it."""

    node: str
    uniqueid: str
    linkedid: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Times:
    """When a leg began, how long it rang, and how long it was talked; None where nobody answered."""

    begun: float
    ring: float
    talk: float | None


class Switchboard:
    """A tenant's nodes, which number their channels and rows."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.channels = Counter({node: 100_000 + 37_411 * number for number, node in enumerate(NODES)})
        self.rows = Counter({node: 15_922 + 7_818 * number for number, node in enumerate(NODES)})
        self.legs = 0
        self.codes = cycle(CODES)

    def conversation(self, at: int, room: int) -> list[Row]:
        """One to five legs; the first begins at `at`, the last has ended before `at + room`."""
        return self.chance.choices(PATTERNS, WEIGHTS)[0](self, at, room)

    def single(self, at: int, room: int) -> list[Row]:
        """A conversation of one leg."""
        return self.chance.choice((Switchboard.inbound, Switchboard.outbound, Switchboard.internal))(self, at, room)

    def inbound(self, at: int, room: int) -> list[Row]:
        """From outside to an extension."""
        return [self.exact(self._times(at, room))]

    def exact(self, times: Times) -> Row:
        """One leg from outside at these times."""
        return self._row(self.channel(int(times.begun)), times, self._from_outside())

    def queued(self, at: int, room: int) -> list[Row]:
        """From outside into a queue, whose agents are rung from the same channel."""
        channel, words = self.channel(at), self._from_outside()
        caller = {name: words[name] for name in ("clid", "src", "userfield", "firstdst")}
        first = {"lastdata": f"SIP/QUEUE-14@{channel.node},,U(destChannelActions^yes^wav^^^^)", "dst": "QUEUE-14"}
        legs = [self._row(channel, self._times(at, room, answered=True), {**words, **first})]
        for begun in self._later(at, room, self.chance.randint(1, 4)):
            legs.append(self._row(channel, self._times(begun, room), {**caller, **self._agent(channel)}))
        return legs

    def moved(self, at: int, room: int) -> list[Row]:
        """From outside to a node that hands it to another, which gives it a linkedid of its own."""
        here = self.channel(at)
        words = self._from_outside()
        legs = [self._row(here, self._times(at, room, answered=True), words)]
        caller = {name: words[name] for name in ("clid", "src", "userfield", "firstdst")}
        there: Channel | None = None
        for begun in self._later(at, room, self.chance.randint(1, 4)):
            there = self.channel(int(begun), call_id=here.call_id, not_on=here.node, first=there)
            legs.append(self._row(there, self._times(begun, room), {**caller, **self._agent(there)}))
        return legs

    def outbound(self, at: int, room: int) -> list[Row]:
        """From an extension to outside; rated when answered."""
        channel, times = self.channel(at), self._times(at, room)
        country = self.chance.choice(COUNTRIES)
        number = self._number(country)
        words = {
            **self._from_inside("[outbound]"),
            "dst": number,
            "firstdst": number,
            "dstchannel": f"SIP/NS_Outbound_Route_CH-{self.chance.getrandbits(32):08x}",
            "pincode": self.chance.choice(("", "", "", "4711")),
        }
        return [self._row(channel, times, {**words, **_rating(country, times)})]

    def internal(self, at: int, room: int) -> list[Row]:
        """Between two extensions, sometimes with a marker that nobody documents."""
        channel = self.channel(at)
        marker = self.chance.choice(("[internal]", "[internal]", "[internal]", *ODD_MARKERS))
        to = self.chance.choice(EXTENSIONS)
        return [self._row(channel, self._times(at, room), {**self._from_inside(marker), "dst": to, "firstdst": to})]

    def voicemail(self, at: int, room: int) -> list[Row]:
        """From outside into a voicemail box."""
        box = self.chance.choice(EXTENSIONS)
        words = {"lastapp": "VoiceMail", "lastdata": f"{box}@default,u", "dstchannel": "", "wherelanded": f"Voicemail {box}"}
        return [self._row(self.channel(at), self._times(at, room, answered=True), {**self._from_outside(), **words})]

    def channel(self, at: int, *, call_id: str = "", not_on: str = "", first: Channel | None = None) -> Channel:
        """A new channel; the first of a linked set gives it its id."""
        node = first.node if first else self.chance.choice([node for node in NODES if node != not_on])
        self.channels[node] += 1
        uniqueid = f"{node}-{at}.{self.channels[node]}"
        call_id = call_id or f"{self.chance.getrandbits(48):012x}-{at:x}-{self.channels[node]:x}@127.0.0.1"
        return Channel(node, uniqueid, first.linkedid if first else uniqueid, call_id)

    def _later(self, at: int, room: int, legs: int) -> list[float]:
        return sorted(at + 1 + self.chance.random() * max(0, min(HOUR, room / 2) - 2) for _ in range(legs))

    def _times(self, begun: float, room: int, answered: bool | None = None) -> Times:
        exact = begun + self.chance.random() * 0.999 if isinstance(begun, int) else begun
        ring = min(self.chance.uniform(0.1, 25), room / 8)
        if answered is None:
            answered = self.chance.random() < 0.65
        return Times(exact, ring, min(self.chance.expovariate(1 / 150), room / 4) if answered else None)

    def _row(self, channel: Channel, times: Times, words: Row) -> Row:
        self.rows[channel.node] += 1
        self.legs += 1
        return {
            **BLANK,
            "lastapp": "Dial",
            "srcCallID": channel.call_id,
            **words,
            **timed(times),
            "uniqueid": channel.uniqueid,
            "linkedid": channel.linkedid,
            "sequence": str(self.rows[channel.node]),
            "disposition": self._disposition(times),
        }

    def _disposition(self, times: Times) -> str:
        coded = self.legs % CODED_EACH == 0
        if times.talk is not None:
            return "8" if coded else "ANSWERED"
        return next(self.codes) if coded else self.chance.choice(UNANSWERED)

    def _from_outside(self) -> Row:
        number = self.chance.choice((self._number(self.chance.choice(COUNTRIES)),) * 9 + ("anonymous",))
        did, extension = self.chance.choice(DIDS), self.chance.choice(EXTENSIONS)
        return {
            "clid": self._clid(number),
            "src": number,
            "dst": did,
            "dcontext": "fromoutside",
            "channel": f"SIP/NS_Inbound_Route_CH_Direct_105-{self.chance.getrandbits(32):08x}",
            "dstchannel": f"SIP/{extension}-{self.chance.getrandbits(32):08x}",
            "lastdata": f"SIP/{extension},90,U(destChannelActions)",
            "userfield": "[inbound]",
            "firstdst": did,
            "lastdst": extension,
            "wherelanded": extension,
        }

    def _from_inside(self, marker: str) -> Row:
        extension = self.chance.choice(EXTENSIONS)
        return {
            "clid": self._clid(extension),
            "src": extension,
            "dcontext": "frominside",
            "channel": f"SIP/{extension}-{self.chance.getrandbits(32):08x}",
            "userfield": marker,
            "srcCallID": "",
        }

    def _agent(self, channel: Channel) -> Row:
        extension = self.chance.choice(EXTENSIONS)
        return {
            "dst": extension,
            "dcontext": "fromotherpbx",
            "channel": f"Local/{extension}@fromotherpbx-{self.chance.getrandbits(32):08x};2",
            "dstchannel": f"SIP/{channel.node}-{self.chance.getrandbits(32):08x}",
            "lastdata": f"SIP/{extension}@{channel.node},90,U(destChannel",
            "realsrc": "Queue General",
            "lastdst": extension,
        }

    def _clid(self, number: str) -> str:
        return self.chance.choice(CLIDS).format(name=self.chance.choice(NAMES), number=number)

    def _number(self, country: Country) -> str:
        return f"{country.prefix}{self.chance.randrange(100, 10**country.digits // 5):0{country.digits}}"


def wall(at: float) -> str:
    """The local time, without a zone, of a second since the epoch."""
    return datetime.fromtimestamp(int(at), ZONE).isoformat(" ")[:19]


def timed(times: Times) -> Row:
    """The fields of time. Lengths come from parts of seconds, so that they differ from what the whole ones say."""
    answered = times.begun + times.ring
    ended = answered + (times.talk or 0.0)
    return {
        "start": wall(times.begun),
        "answer": NEVER if times.talk is None else wall(answered),
        "end": wall(ended),
        "duration": str(int(ended - times.begun)),
        "billsec": str(int(times.talk or 0.0)),
        "cc_date": wall(times.begun)[:10],
    }


def _rating(country: Country, times: Times) -> Row:
    if times.talk is None:
        return {}
    return {
        "cc_peername": "Boxis-Out",
        "cc_type": "OUT",
        "cc_type_id": "2",
        "cc_country": country.name,
        "cc_network": country.network,
        "cc_international": "0" if country.name == "Switzerland" else "1",
        "cc_cost": f"{country.rate * times.talk / 60:.5f}",
    }


PATTERNS: tuple[Callable[[Switchboard, int, int], list[Row]], ...] = (
    Switchboard.inbound,
    Switchboard.outbound,
    Switchboard.internal,
    Switchboard.voicemail,
    Switchboard.queued,
    Switchboard.moved,
)
WEIGHTS = (30, 25, 10, 5, 15, 15)
