"""A simulated PBX: the legs that Asterisk nodes record for one conversation."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from zoneinfo import ZoneInfo

from telegraphql.plugin import PastRandom, Row
from telegraphql.plugins.boxis.sandbox.examples import EMPTY_ROW, NO_TIME

TIME_ZONE = ZoneInfo("Europe/Zurich")
NODES = ("sip015.voice.boxis.net", "sip022.voice.boxis.net", "sip046.voice.boxis.net")
DIDS = ("0225101800", "0225101820", "0227359748", "0445121100")
EXTENSIONS = ("317", "453", "606", "1175")
NAMES = ("Anna Keller", "DirectCEO:", "Müller & Söhne AG", "Luca Rossi", "Élodie Favre", "O'Brien Ltd", "Sales: Zürich / Bern")
CLIDS = ('"{name}" <{number}>', '"{name}" <{number}>', "{name} <{number}>", '"" <{number}>', '"{number}" <{number}>', "{number}", "")
UNANSWERED = ("NO ANSWER", "NO ANSWER", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
CODES = ("0", "1", "4", "2", "16")
CODED_EVERY = 25
UNDOCUMENTED_MARKERS = ("", "[callback]", "INTERNAL")
HOUR = 3600


@dataclass(frozen=True, slots=True)
class RatedCountry:
    """Numbers of one network: their prefix, how many digits follow it, and the price per minute."""

    name: str
    network: str
    prefix: str
    digits: int
    rate: float


COUNTRIES = (
    RatedCountry("Switzerland", "Swisscom", "004161692", 4, 0.0235),
    RatedCountry("Switzerland", "Swisscom Mobile", "0041794", 6, 0.179),
    RatedCountry("United Kingdom", "Mobile", "00447400", 6, 0.12),
    RatedCountry("United States", "Fixed", "0012025550", 3, 0.015),
    RatedCountry("France", "Orange", "003314268", 4, 0.021),
)


@dataclass(frozen=True, slots=True)
class PbxChannel:
    """A party's channel at a node. Several legs may share it."""

    node: str
    uniqueid: str
    linkedid: str
    call_id: str


@dataclass(frozen=True, slots=True)
class LegTimes:
    """The start of a leg in seconds since 1970, its ring time and its talk time in seconds; no talk time if it was not answered."""

    started: float
    ring: float
    talk: float | None


class Pbx:
    """The nodes of a tenant, which number their channels and rows."""

    def __init__(self, random: PastRandom) -> None:
        self.random = random
        self.channels = Counter({node: 100_000 + 37_411 * number for number, node in enumerate(NODES)})
        self.rows = Counter({node: 15_922 + 7_818 * number for number, node in enumerate(NODES)})
        self.legs = 0
        self.codes = cycle(CODES)

    def conversation(self, at: int, room: int) -> list[Row]:
        """Return one to five legs. The first starts at `at`; the last ends before `at + room`, both in seconds."""
        return self.random.choices(PATTERNS, WEIGHTS)[0](self, at, room)

    def single(self, at: int, room: int) -> list[Row]:
        """Return a conversation of one leg."""
        return self.random.choice((Pbx.inbound, Pbx.outbound, Pbx.internal))(self, at, room)

    def inbound(self, at: int, room: int) -> list[Row]:
        """Return a call from outside to an extension."""
        return [self.exact(self._times(at, room))]

    def exact(self, times: LegTimes) -> Row:
        """Return one leg from outside with these times."""
        return self._row(self.channel(int(times.started)), times, self._from_outside())

    def queued(self, at: int, room: int) -> list[Row]:
        """Return a call from outside to a queue, whose agents are called from the same channel."""
        channel, fields = self.channel(at), self._from_outside()
        caller_fields = {name: fields[name] for name in ("clid", "src", "userfield", "firstdst")}
        queue_fields = {"lastdata": f"SIP/QUEUE-14@{channel.node},,U(destChannelActions^yes^wav^^^^)", "dst": "QUEUE-14"}
        legs = [self._row(channel, self._times(at, room, answered=True), {**fields, **queue_fields})]
        for started in self._later(at, room, self.random.randint(1, 4)):
            legs.append(self._row(channel, self._times(started, room), {**caller_fields, **self._agent(channel)}))
        return legs

    def moved(self, at: int, room: int) -> list[Row]:
        """Return a call from outside that a node passes to another node, which gives it a linkedid of its own."""
        first_channel = self.channel(at)
        fields = self._from_outside()
        legs = [self._row(first_channel, self._times(at, room, answered=True), fields)]
        caller_fields = {name: fields[name] for name in ("clid", "src", "userfield", "firstdst")}
        next_channel: PbxChannel | None = None
        for started in self._later(at, room, self.random.randint(1, 4)):
            next_channel = self.channel(int(started), call_id=first_channel.call_id, not_on=first_channel.node, first=next_channel)
            legs.append(self._row(next_channel, self._times(started, room), {**caller_fields, **self._agent(next_channel)}))
        return legs

    def outbound(self, at: int, room: int) -> list[Row]:
        """Return a call from an extension to outside, with a cost if it was answered."""
        channel, times = self.channel(at), self._times(at, room)
        country = self.random.choice(COUNTRIES)
        number = self._number(country)
        caller_fields = self._from_inside("[outbound]")
        if self.random.random() < 0.5:
            # The line's own number is shown instead of the extension.
            caller_fields["src"] = self.random.choice(DIDS)
            caller_fields["clid"] = self._clid(caller_fields["src"])
        fields = {
            **caller_fields,
            "dst": number,
            "firstdst": number,
            "dstchannel": f"SIP/NS_Outbound_Route_CH-{self.random.getrandbits(32):08x}",
            "pincode": self.random.choice(("", "", "", "4711")),
        }
        return [self._row(channel, times, {**fields, **_rating(country, times)})]

    def internal(self, at: int, room: int) -> list[Row]:
        """Return a call between two extensions, sometimes with an undocumented marker."""
        channel = self.channel(at)
        marker = self.random.choice(("[internal]", "[internal]", "[internal]", *UNDOCUMENTED_MARKERS))
        to = self.random.choice(EXTENSIONS)
        return [self._row(channel, self._times(at, room), {**self._from_inside(marker), "dst": to, "firstdst": to, "lastdst": to})]

    def voicemail(self, at: int, room: int) -> list[Row]:
        """Return a call from outside to a voicemail box."""
        box = self.random.choice(EXTENSIONS)
        fields = {
            "lastapp": "VoiceMail",
            "lastdata": f"{box}@default,u",
            "dstchannel": "",
            "lastdst": f"Voicemail {box}",
            "wherelanded": f"Voicemail {box}",
        }
        return [self._row(self.channel(at), self._times(at, room, answered=True), {**self._from_outside(), **fields})]

    def channel(self, at: int, *, call_id: str = "", not_on: str = "", first: PbxChannel | None = None) -> PbxChannel:
        """Return a new channel. The first channel of a linked set gives the set its linkedid."""
        node = first.node if first else self.random.choice([node for node in NODES if node != not_on])
        self.channels[node] += 1
        uniqueid = f"{node}-{at}.{self.channels[node]}"
        call_id = call_id or f"{self.random.getrandbits(48):012x}-{at:x}-{self.channels[node]:x}@127.0.0.1"
        return PbxChannel(node, uniqueid, first.linkedid if first else uniqueid, call_id)

    def _later(self, at: int, room: int, legs: int) -> list[float]:
        return sorted(at + 1 + self.random.random() * max(0, min(HOUR, room / 2) - 2) for _ in range(legs))

    def _times(self, started: float, room: int, answered: bool | None = None) -> LegTimes:
        exact = started + self.random.random() * 0.999 if isinstance(started, int) else started
        ring = min(self.random.uniform(0.1, 25), room / 8)
        if answered is None:
            answered = self.random.random() < 0.65
        return LegTimes(exact, ring, min(self.random.expovariate(1 / 150), room / 4) if answered else None)

    def _row(self, channel: PbxChannel, times: LegTimes, fields: Row) -> Row:
        self.rows[channel.node] += 1
        self.legs += 1
        return {
            **EMPTY_ROW,
            "lastapp": "Dial",
            "srcCallID": channel.call_id,
            **fields,
            **time_fields(times),
            **({"wherelanded": "N/A"} if times.talk is None else {}),
            "uniqueid": channel.uniqueid,
            "linkedid": channel.linkedid,
            "sequence": str(self.rows[channel.node]),
            "disposition": self._disposition(times),
        }

    def _disposition(self, times: LegTimes) -> str:
        coded = self.legs % CODED_EVERY == 0
        if times.talk is not None:
            return "8" if coded else "ANSWERED"
        return next(self.codes) if coded else self.random.choice(UNANSWERED)

    def _from_outside(self) -> Row:
        number = self.random.choice((self._number(self.random.choice(COUNTRIES)),) * 9 + ("anonymous",))
        did, extension = self.random.choice(DIDS), self.random.choice(EXTENSIONS)
        return {
            "clid": self._clid(number),
            "src": number,
            "dst": did,
            "dcontext": "fromoutside",
            "channel": f"SIP/NS_Inbound_Route_CH_Direct_105-{self.random.getrandbits(32):08x}",
            "dstchannel": f"SIP/{extension}-{self.random.getrandbits(32):08x}",
            "lastdata": f"SIP/{extension},90,U(destChannelActions)",
            "userfield": "[inbound]",
            "firstdst": did,
            "lastdst": extension,
            "wherelanded": extension,
        }

    def _from_inside(self, marker: str) -> Row:
        extension = self.random.choice(EXTENSIONS)
        return {
            "clid": self._clid(extension),
            "src": extension,
            "realsrc": self.random.choice((extension, extension, f"{extension} {self.random.choice(NAMES)}")),
            "dcontext": "frominside",
            "channel": f"SIP/{extension}-{self.random.getrandbits(32):08x}",
            "userfield": marker,
            "srcCallID": "",
        }

    def _agent(self, channel: PbxChannel) -> Row:
        extension = self.random.choice(EXTENSIONS)
        return {
            "dst": extension,
            "dcontext": "fromotherpbx",
            "channel": f"Local/{extension}@fromotherpbx-{self.random.getrandbits(32):08x};2",
            "dstchannel": f"SIP/{channel.node}-{self.random.getrandbits(32):08x}",
            "lastdata": f"SIP/{extension}@{channel.node},90,U(destChannel",
            "realsrc": "Queue General",
            "lastdst": extension,
        }

    def _clid(self, number: str) -> str:
        return self.random.choice(CLIDS).format(name=self.random.choice(NAMES), number=number)

    def _number(self, country: RatedCountry) -> str:
        return f"{country.prefix}{self.random.randrange(100, 10**country.digits // 5):0{country.digits}}"


def local_time(at: float) -> str:
    """Return the local time, without a zone, of a second since 1970."""
    return datetime.fromtimestamp(int(at), TIME_ZONE).isoformat(" ")[:19]


def time_fields(times: LegTimes) -> Row:
    """Return the time fields. Durations include fractions of seconds, so they may differ from the difference of whole seconds."""
    answered = times.started + times.ring
    ended = answered + (times.talk or 0.0)
    return {
        "start": local_time(times.started),
        "answer": NO_TIME if times.talk is None else local_time(answered),
        "end": local_time(ended),
        "duration": str(int(ended - times.started)),
        "billsec": str(int(times.talk or 0.0)),
        "cc_date": local_time(times.started)[:10],
    }


def _rating(country: RatedCountry, times: LegTimes) -> Row:
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


PATTERNS: tuple[Callable[[Pbx, int, int], list[Row]], ...] = (
    Pbx.inbound,
    Pbx.outbound,
    Pbx.internal,
    Pbx.voicemail,
    Pbx.queued,
    Pbx.moved,
)
WEIGHTS = (30, 25, 10, 5, 15, 15)
