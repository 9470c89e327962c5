"""Values: the small things in VoIPstudio's rows - numbers, money, moments, references - and how each says that it is absent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from telegraphql.plugin import Provider
from telegraphql.plugins.voipstudio import wire
from telegraphql.plugins.voipstudio.codes import EXTENSION, PARTY, QUEUE
from telegraphql.schema import Money, Party, PartyKind


def party(number: wire.Word, name: wire.Word, code: wire.Word, of: Provider) -> Party:
    """One end of a call: what it is says its id, else its number."""
    written, e164 = text(number), of.numbering.e164
    kind, native_id = _meant(str(code))
    if kind is PartyKind.UNKNOWN and written:
        kind = PartyKind.EXTENSION if _is_extension(written) else PartyKind.PSTN if e164(written) else kind
    return Party(number=written, name=text(name), kind=kind, native_id=native_id, to_e164=e164)


@lru_cache(maxsize=4096)
def _is_extension(number: str) -> bool:
    return EXTENSION.fullmatch(number) is not None


@lru_cache(maxsize=4096)
def _meant(code: str) -> tuple[PartyKind, str | None]:
    """What a code says an end of a call is, and its id; the codes of an account are few, and come again and again."""
    for pattern, meaning in PARTY:
        if known := pattern.fullmatch(code):
            return meaning, known[1]
    return PartyKind.UNKNOWN, None


def money(amount: Decimal | None, currency: str | None) -> Money | None:
    """An amount; the upstream never says its currency beside it."""
    return None if amount is None else Money(amount=amount, currency=currency)


def utc(shown: datetime) -> datetime:
    """A moment shown without its zone, which is UTC."""
    # What `replace` makes as well, in a third of its time.
    return datetime.combine(shown, shown.time(), UTC) if shown.tzinfo is None else shown.astimezone(UTC)


def text(word: wire.Word) -> str | None:
    """A word, or None for the empty one."""
    return None if word is None or word == "" else str(word)


def ident(key: wire.Word) -> str | None:
    """A reference to another record; 0 refers to none."""
    return str(key) if key and key != "0" else None


def named(key: wire.Id) -> str:
    """A record's own id."""
    if key == "":
        raise ValueError("no id - at `$.id`")
    return str(key)


def queue_id(code: wire.Word) -> str | None:
    """The queue's id in a code such as Queue12443."""
    known = QUEUE.fullmatch(str(code))
    return known[1] if known else None


def end(started: datetime, seconds: int | None) -> datetime | None:
    """When something that lasted so long was over."""
    return None if seconds is None else started + _span(seconds)


@lru_cache(maxsize=4096)
def _span(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)


def moment(shown: str | None) -> datetime | None:
    """A moment that may be missing or zero."""
    try:
        return utc(datetime.fromisoformat(shown)) if shown else None
    except ValueError:
        return None
