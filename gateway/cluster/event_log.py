"""Journal: what the one replica that looks at a provider tells the others - who that is, what has appeared, and up to when all was told.

A lease names who looks. It is taken, kept and written under in scripts, so that whoever has lost it without noticing writes nothing."""

import secrets
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
from redis.asyncio import Redis

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.redis import RedisClient

# Entries that are kept for those who come later, about as many.
MOST = 5000
# Entries that are read or written in one request.
AT_ONCE = 200
# For how long entries are kept once nobody writes any more, in milliseconds.
KEPT = 3_600_000
# KEYS: lease, entries, number, mark. ARGV: whose turn it would be, the lease in milliseconds, the last entry that is known or "".
TURN = f"""
local holder = redis.call('GET', KEYS[1])
if not holder or holder == ARGV[1] then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) holder = ARGV[1] end
local entries = {{}}
if ARGV[3] == '' then entries = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
else entries = redis.call('XRANGE', KEYS[2], '(' .. ARGV[3], '+', 'COUNT', {AT_ONCE}) end
return {{holder == ARGV[1] and 1 or 0, redis.call('GET', KEYS[4]), entries}}
"""
# ARGV: whose turn it is, the lease, the mark, how long that is kept, then the entries.
TELL = f"""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {{}} end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local last, number = '0-0', 0
for i = 5, #ARGV do
  number = redis.call('INCR', KEYS[3])
  last = redis.call('XADD', KEYS[2], 'MAXLEN', '~', {MOST}, '*', 'n', number, 'b', ARGV[i])
end
redis.call('PEXPIRE', KEYS[2], {KEPT})
redis.call('PEXPIRE', KEYS[3], {KEPT})
redis.call('SET', KEYS[4], ARGV[3], 'PX', ARGV[4])
return {{last, number}}
"""
LEAVE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
"""


class CallEvent(msgspec.Struct, array_like=True, tag=True):
    """A call that has newly appeared: its id, where it stands, when it ended, and the whole of it."""

    id: str
    place: int
    end: int
    body: bytes


class KnownCalls(msgspec.Struct, array_like=True, tag=True):
    """Calls that were there before, and where they stand."""

    places: dict[str, int]


class PollCompleted(msgspec.Struct, array_like=True, tag=True):
    """A look has succeeded: all that ended before a moment has been told."""

    mark: int


class EventsLost(msgspec.Struct, array_like=True, tag=True):
    """Something that could not be written, or read: look for yourself."""


LogEntry = CallEvent | KnownCalls | PollCompleted | EventsLost
ENCODER = msgspec.msgpack.Encoder()
DECODER: "msgspec.msgpack.Decoder[LogEntry]" = msgspec.msgpack.Decoder(CallEvent | KnownCalls | PollCompleted | EventsLost)


@dataclass(frozen=True, slots=True)
class LeaseState:
    """Whether it is this replica's turn to look; what was told until now; and whether there may be more."""

    is_ours: bool
    mark: int | None
    entries: list[LogEntry]
    more: bool


@dataclass(eq=False)
class EventLog:
    """The journal of one provider, as one replica reads and writes it."""

    line: RedisClient
    box: Encryption
    provider: str
    lease: int
    _own: str = field(default_factory=lambda: secrets.token_hex(8))
    _last: bytes = b""
    _number: int | None = None

    def __post_init__(self) -> None:
        prefix = f"{self.line.settings.key_prefix}:following:{self.provider}"
        self._keys = [f"{prefix}:{part}" for part in ("lease", "entries", "number", "mark")]

    async def turn(self) -> LeaseState:
        """Take the turn if nobody has it, keep it if it is ours, and read on."""
        ours, mark, entries = await self.line.run(TURN, self._keys, [self._own, self.lease, self._last])
        begins = not self._last
        read = [] if begins else self._read(entries)
        if begins:
            self._last = entries[0][0] if entries else b"0-0"
            self._number = _number(entries[0][1]) if entries else None
        return LeaseState(bool(ours), self._marked(mark), read, len(entries) == AT_ONCE)

    async def tell(self, entries: Sequence[LogEntry], mark: int) -> bool:
        """Write entries, and up to when all was told; False where it is another's turn."""
        name = self._keys[1]
        locked = [self.box.lock(name, ENCODER.encode(each)) for each in entries]
        sealed = self.box.lock(self._keys[3], ENCODER.encode(mark))
        told = await self.line.run(TELL, self._keys, [self._own, self.lease, sealed, 3 * self.lease, *locked])
        if told and entries:
            self._last, self._number = told
        return bool(told)

    async def before(self) -> dict[str, int]:
        """All that was told or known until now, and where it stands."""
        found: dict[str, int] = {}
        last = b"-"
        while True:
            entries: Any = await self.line.ask(partial(self._some_after, last))
            for _, fields in entries:
                entry = self._opened(fields.get(b"b", b""))
                if isinstance(entry, CallEvent):
                    found[entry.id] = entry.place
                elif isinstance(entry, KnownCalls):
                    found |= entry.places
            if len(entries) < AT_ONCE:
                return found
            last = b"(" + entries[-1][0]

    async def leave(self) -> None:
        """Let another have the turn."""
        await self.line.run(LEAVE, self._keys[:1], [self._own])

    def _some_after(self, last: bytes, redis: Redis) -> Awaitable[Any]:
        return redis.xrange(self._keys[1], last, "+", AT_ONCE)

    def _read(self, entries: Sequence[Any]) -> list[LogEntry]:
        found: list[LogEntry] = []
        for last, fields in entries:
            self._last = last
            number = _number(fields)
            if number is None:
                found.append(EventsLost())
                continue
            if self._number is not None and number != self._number + 1:
                found.append(EventsLost())
            self._number = number
            found.append(self._opened(fields[3]))
        return found

    def _opened(self, locked: bytes) -> LogEntry:
        body = self.box.open(self._keys[1], locked)
        try:
            return EventsLost() if body is None else DECODER.decode(body)
        except msgspec.DecodeError:
            return EventsLost()

    def _marked(self, sealed: bytes | None) -> int | None:
        body = None if sealed is None else self.box.open(self._keys[3], sealed)
        return None if body is None else msgspec.msgpack.decode(body, type=int)


def _number(fields: Sequence[bytes]) -> int | None:
    """An entry's number; None where it is none of ours."""
    return int(fields[1]) if len(fields) == 4 and fields[1].isdigit() else None
