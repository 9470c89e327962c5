"""The event log of a provider: what the polling replica tells the others, and the lease that decides which replica polls.

The lease is acquired, renewed and checked inside scripts, so that a replica that has lost it without noticing writes nothing.
"""

import secrets
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
from redis.asyncio import Redis

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.redis import RedisClient

# Approximate number of entries kept for replicas that join later.
MAX_ENTRIES = 5000
# Entries read or written by one command.
BATCH = 200
# Milliseconds for which entries are kept after the last write.
ENTRIES_TTL = 3_600_000
# KEYS: lease, entries, sequence, watermark. ARGV: replica id, lease in milliseconds, id of the last entry read or "".
RENEW = f"""
local holder = redis.call('GET', KEYS[1])
if not holder or holder == ARGV[1] then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) holder = ARGV[1] end
local entries = {{}}
if ARGV[3] == '' then entries = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
else entries = redis.call('XRANGE', KEYS[2], '(' .. ARGV[3], '+', 'COUNT', {BATCH}) end
return {{holder == ARGV[1] and 1 or 0, redis.call('GET', KEYS[4]), entries}}
"""
# ARGV: replica id, lease in milliseconds, encrypted watermark, its TTL in milliseconds, then the encrypted entries.
APPEND = f"""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {{}} end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local last, number = '0-0', 0
for i = 5, #ARGV do
  number = redis.call('INCR', KEYS[3])
  last = redis.call('XADD', KEYS[2], 'MAXLEN', '~', {MAX_ENTRIES}, '*', 'n', number, 'b', ARGV[i])
end
redis.call('PEXPIRE', KEYS[2], {ENTRIES_TTL})
redis.call('PEXPIRE', KEYS[3], {ENTRIES_TTL})
redis.call('SET', KEYS[4], ARGV[3], 'PX', ARGV[4])
return {{last, number}}
"""
RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
"""


class CallEvent(msgspec.Struct, array_like=True, tag=True):
    """A call that has newly appeared: its native id, its position time and end in microseconds since 1970, and the serialized call."""

    id: str
    position_time: int
    end: int
    body: bytes


class KnownCalls(msgspec.Struct, array_like=True, tag=True):
    """Calls that existed before polling began, with their position times."""

    position_times: dict[str, int]


class PollCompleted(msgspec.Struct, array_like=True, tag=True):
    """A poll has succeeded. Every call that ended before the watermark has been reported."""

    watermark: int


class EventsLost(msgspec.Struct, array_like=True, tag=True):
    """Entries are missing or unreadable: the reader has to poll by itself."""


LogEntry = CallEvent | KnownCalls | PollCompleted | EventsLost
ENCODER = msgspec.msgpack.Encoder()
DECODER: "msgspec.msgpack.Decoder[LogEntry]" = msgspec.msgpack.Decoder(CallEvent | KnownCalls | PollCompleted | EventsLost)


@dataclass(frozen=True, slots=True)
class LeaseState:
    """The answer to a lease request: if this replica leads, the watermark, and new entries. `has_more`: further entries wait to be read."""

    is_leader: bool
    watermark: int | None
    entries: list[LogEntry]
    has_more: bool


@dataclass(eq=False)
class EventLog:
    """The event log of one provider, as one replica reads and writes it. `lease` is in milliseconds."""

    redis: RedisClient
    encryption: Encryption
    provider: str
    lease: int
    _replica_id: str = field(default_factory=lambda: secrets.token_hex(8))
    _last_id: bytes = b""
    _last_number: int | None = None

    def __post_init__(self) -> None:
        prefix = f"{self.redis.settings.key_prefix}:poll:{self.provider}"
        self._keys = [f"{prefix}:{part}" for part in ("lease", "entries", "sequence", "watermark")]

    async def renew_lease(self) -> LeaseState:
        """Acquire the lease if it is free, renew it if this replica holds it, and read the next entries."""
        is_leader, watermark, rows = await self.redis.run_script(RENEW, self._keys, [self._replica_id, self.lease, self._last_id])
        is_first_read = not self._last_id
        entries = [] if is_first_read else self._read(rows)
        if is_first_read:
            self._last_id = rows[0][0] if rows else b"0-0"
            self._last_number = _number(rows[0][1]) if rows else None
        return LeaseState(bool(is_leader), self._decrypt_watermark(watermark), entries, len(rows) == BATCH)

    async def append(self, entries: Sequence[LogEntry], watermark: int) -> bool:
        """Write entries and the watermark. Return False if another replica holds the lease."""
        bodies = [self.encryption.encrypt(self._keys[1], ENCODER.encode(each)) for each in entries]
        encrypted_watermark = self.encryption.encrypt(self._keys[3], ENCODER.encode(watermark))
        head: list[str | int | bytes] = [self._replica_id, self.lease, encrypted_watermark, 3 * self.lease]
        written = await self.redis.run_script(APPEND, self._keys, [*head, *bodies])
        if written and entries:
            self._last_id, self._last_number = written
        return bool(written)

    async def read_known_calls(self) -> dict[str, int]:
        """Return the position times of all calls in the log, by native id."""
        known: dict[str, int] = {}
        start = b"-"
        while True:
            rows: Any = await self.redis.execute(partial(self._range, start))
            for _, fields in rows:
                entry = self._decrypt(fields.get(b"b", b""))
                if isinstance(entry, CallEvent):
                    known[entry.id] = entry.position_time
                elif isinstance(entry, KnownCalls):
                    known |= entry.position_times
            if len(rows) < BATCH:
                return known
            start = b"(" + rows[-1][0]

    async def release_lease(self) -> None:
        """Release the lease, if this replica holds it."""
        await self.redis.run_script(RELEASE, self._keys[:1], [self._replica_id])

    def _range(self, start: bytes, redis: Redis) -> Awaitable[Any]:
        return redis.xrange(self._keys[1], start, "+", BATCH)

    def _read(self, rows: Sequence[Any]) -> list[LogEntry]:
        entries: list[LogEntry] = []
        for row_id, fields in rows:
            self._last_id = row_id
            number = _number(fields)
            if number is None:
                entries.append(EventsLost())
                continue
            if self._last_number is not None and number != self._last_number + 1:
                entries.append(EventsLost())
            self._last_number = number
            entries.append(self._decrypt(fields[3]))
        return entries

    def _decrypt(self, encrypted: bytes) -> LogEntry:
        body = self.encryption.decrypt(self._keys[1], encrypted)
        try:
            return EventsLost() if body is None else DECODER.decode(body)
        except msgspec.DecodeError:
            return EventsLost()

    def _decrypt_watermark(self, encrypted: bytes | None) -> int | None:
        body = None if encrypted is None else self.encryption.decrypt(self._keys[3], encrypted)
        return None if body is None else msgspec.msgpack.decode(body, type=int)


def _number(fields: Sequence[bytes]) -> int | None:
    """Return an entry's number, or None if no replica wrote it."""
    return int(fields[1]) if len(fields) == 4 and fields[1].isdigit() else None
