"""Records made by hand for tests: small, in one past minute unless told otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

from telegraphql.schema.call import Call
from telegraphql.schema.message import Message
from telegraphql.schema.queue import Queue, QueueVisit
from telegraphql.schema.recording import Recording
from telegraphql.schema.report import Report
from telegraphql.schema.session import Session
from telegraphql.schema.values import Party
from telegraphql.schema.voicemessage import Voicemessage

START = datetime(2024, 3, 1, 12, 0, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """A moment that many seconds after the start."""
    return START + timedelta(seconds=seconds)


def call(native_id: object, seconds: float = 0, provider: str = "a", session: str | None = None, **fields: Any) -> Call:
    given = {"from_": Party(number=None), "to": Party(number=None), "started_at": at(seconds)} | fields
    refs = {"session": session, **given.pop("refs", {})}
    return Call(provider_name=provider, native_id=str(native_id), refs=refs, **given)


def recording(native_id: object, of: object, seconds: float = 0, provider: str = "a", **fields: Any) -> Recording:
    refs = {"call": str(of), **fields.pop("refs", {})}
    return Recording(provider_name=provider, native_id=str(native_id), started_at=at(seconds), refs=refs, **fields)


def session(native_id: object, seconds: float = 0, provider: str = "a", **fields: Any) -> Session:
    given = {"is_derived": False, "started_at": at(seconds)} | fields
    return Session(provider_name=provider, native_id=str(native_id), **given)


def queue(native_id: object, name: str, provider: str = "a", **fields: Any) -> Queue:
    return Queue(provider_name=provider, native_id=str(native_id), name=name, **fields)


def visit(native_id: object, of: object, seconds: float = 0, provider: str = "a", **fields: Any) -> QueueVisit:
    return QueueVisit(provider_name=provider, native_id=str(native_id), entered_at=at(seconds), refs={"queue": str(of)}, **fields)


def voicemessage(native_id: object, seconds: float = 0, provider: str = "a", **fields: Any) -> Voicemessage:
    given = {"from_": Party(number=None)} | fields
    return Voicemessage(provider_name=provider, native_id=str(native_id), received_at=at(seconds), **given)


def message(native_id: object, seconds: float = 0, provider: str = "a", session: str | None = None, **fields: Any) -> Message:
    refs = {"session": session, **fields.pop("refs", {})}
    return Message(provider_name=provider, native_id=str(native_id), sent_at=at(seconds), refs=refs, **fields)


def report(native_id: object, seconds: float | None = 0, provider: str = "a", **fields: Any) -> Report:
    created = None if seconds is None else at(seconds)
    return Report(provider_name=provider, native_id=str(native_id), created_at=created, **fields)
