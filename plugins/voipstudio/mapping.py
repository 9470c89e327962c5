"""Mapping: from VoIPstudio's words to the schema's. All its times are UTC and name no zone."""

from collections.abc import Sequence
from decimal import Decimal

from telegraphql.plugin import Provider
from telegraphql.plugins.voipstudio import wire
from telegraphql.plugins.voipstudio.codes import PENDING, RANG_ONLY, TRANSACTION, direction, status, together
from telegraphql.plugins.voipstudio.values import end, ident, moment, money, named, party, queue_id, text, utc
from telegraphql.schema import (
    Call,
    CallStatus,
    Chat,
    FileInfo,
    MediaSession,
    Money,
    Note,
    Queue,
    Recording,
    Session,
    TrackingNumber,
    Transaction,
    TransactionKind,
    Transcription,
    TranscriptionStatus,
    Visitor,
    Voicemessage,
)

MP3, PCAP, SIP = "audio/mpeg", "application/vnd.tcpdump.pcap", "text/plain"


def call(row: wire.CdrRow, of: Provider) -> Call:
    """A leg."""
    key, started, went, currency = named(row.id), utc(row.calldate), status(row), of.settings.currency
    return Call(
        provider_name=of.name,
        native_id=key,
        refs=_refs(row, key, of),
        direction=direction(row),
        status=went,
        hangup_cause=text(row.t_cause) or (text(row.disposition) if went is CallStatus.UNKNOWN else None),
        from_=party(row.src, row.src_name, row.src_id, of),
        to=party(row.dst, row.dst_name, row.dst_id, of),
        caller_id_shown=text(row.clid),
        started_at=started,
        ended_at=end(started, row.duration),
        is_ended_at_derived=row.duration is not None,
        duration_seconds=row.duration,
        ring_seconds=row.duration if went in RANG_ONLY else None,
        talk_seconds=row.billsec,
        cost=money(row.charge, currency),
        rate_per_minute=money(row.rate, currency),
        user_id=ident(row.user_id),
        files={"trace": FileInfo(SIP, None, f"call-{key}.txt"), "capture": FileInfo(PCAP, None, f"call-{key}.pcap")},
    )


def _refs(row: wire.CdrRow, key: str, of: Provider) -> dict[str, str | None]:
    live = ident(row.live_id)
    return {
        "session": session_key(row, of.settings.version),
        "queue": queue_id(row.dst_id),
        "recordings": live,
        "voicemessages": live,
        "notes": None if row.nb_notes == 0 else key,
        "parent": ident(row.parent_live_id),
        "children": live,
    }


def session(legs: Sequence[Call]) -> Session:
    """A conversation, from its legs in order of time."""
    first = legs[0]
    ended = max((leg.ended_at for leg in legs if leg.ended_at), default=None)
    costs = [leg.cost for leg in legs if leg.cost]
    key = first.refs["session"] or first.native_id
    return Session(
        provider_name=first.provider_name,
        native_id=key,
        refs={"calls": key, "recordings": ";".join(sorted({live for leg in legs if (live := leg.refs["recordings"])}))},
        held={"calls": list(legs)},
        started_at=first.started_at,
        ended_at=ended,
        duration_seconds=int((ended - first.started_at).total_seconds()) if ended else None,
        direction=first.direction,
        status=together([leg.status for leg in legs]),
        finish_reason=max(legs, key=lambda leg: leg.ended_at or leg.started_at).hangup_cause,
        user_id=next((leg.user_id for leg in legs if leg.user_id), None),
        is_derived=True,
        cost=Money(amount=sum((cost.amount for cost in costs), Decimal(0)), currency=costs[0].currency) if costs else None,
    )


def note(row: wire.NoteRow, cdr: str, of: Provider) -> Note:
    """A remark on the call with this id."""
    words = text(row.text) or text(row.note) or text(row.content) or text(row.message)
    if words is None:
        raise ValueError("no words - at `$.text`")
    return Note(
        provider_name=of.name,
        native_id=f"{cdr}.{named(row.id)}",
        refs={"call": cdr},
        text=words,
        created_at=moment(row.created_at),
        user_id=ident(row.user_id),
    )


def recording(row: wire.Monitor, of: Provider) -> Recording:
    """A recording."""
    key, live, started = named(row.id), ident(row.live_id), utc(row.timestamp)
    return Recording(
        provider_name=of.name,
        native_id=key,
        refs={"call": live, "session": live},
        started_at=started,
        ended_at=end(started, row.duration),
        duration_seconds=row.duration,
        size_bytes=row.size,
        from_=party(row.caller, None, row.src_id, of),
        to=party(row.called, row.dst_name, row.dst_id, of),
        transcription=_transcription(row),
        files={"media": FileInfo(MP3, row.size, f"recording-{key}.mp3")},
    )


def _transcription(row: wire.Monitor) -> Transcription | None:
    words, summary, sentiment = text(row.transcript), text(row.summary), text(row.sentiment)
    if not (words or summary or sentiment):
        return None
    return Transcription(status=TranscriptionStatus.COMPLETE, text=words, summary=summary, sentiment=sentiment)


def voicemessage(row: wire.VoicemessageRow, of: Provider) -> Voicemessage:
    """A voicemail."""
    key, shown = named(row.id), text(row.callerid)
    return Voicemessage(
        provider_name=of.name,
        native_id=key,
        refs={"call": ident(row.live_id)},
        received_at=utc(row.origtime),
        from_=party(row.caller, shown if shown and not shown.lstrip("+").isdecimal() else None, None, of),
        dialed_number=text(row.dialled),
        mailbox=ident(row.extension_id),
        duration_seconds=row.duration,
        is_read=None if row.is_new is None else not row.is_new,
        folder=text(row.folder),
        transcript=text(row.transcript),
        files={"media": FileInfo(MP3, None, f"voicemessage-{key}.mp3")},
    )


def chat(row: wire.ChatRow, of: Provider) -> Chat:
    """A chat."""
    started = utc(row.created_at)
    return Chat(
        provider_name=of.name,
        native_id=named(row.id),
        started_at=started,
        ended_at=end(started, row.duration),
        duration_seconds=row.duration,
        state=text(row.state),
        operator_id=ident(row.operator_id),
        operator_user_agent=text(row.operator_ua),
        website_id=ident(row.website_id),
        customer_id=ident(row.customer_id),
        visitor=_visitor(row),
    )


def _visitor(row: wire.ChatRow) -> Visitor:
    return Visitor(
        native_id=text(row.visitor_id),
        name=text(row.visitor_name),
        email=text(row.visitor_email),
        ip=text(row.visitor_ip),
        city=text(row.visitor_city),
        country=text(row.visitor_country),
        location=text(row.visitor_geo),
        user_agent=text(row.visitor_ua),
        referrer=text(row.visitor_referer),
    )


def media_session(row: wire.Msdr, of: Provider) -> MediaSession:
    """A stream of media."""
    return MediaSession(
        provider_name=of.name,
        native_id=named(row.id),
        started_at=utc(row.created_at),
        duration_seconds=row.duration,
        from_=party(row.src, None, row.src_id, of),
        to=party(row.dst, None, row.dst_id, of),
        sip_call_id=text(row.call_id),
        hangup_cause=text(row.t_cause),
        type=text(row.type),
        user_id=ident(row.user_id),
        files={"trace": FileInfo(SIP, None, f"stream-{row.id}.txt"), "capture": FileInfo(PCAP, None, f"stream-{row.id}.pcap")},
    )


def transaction(row: wire.TransactionRow, of: Provider) -> Transaction:
    """A movement of money."""
    word, result = text(row.type) or "", text(row.result)
    return Transaction(
        provider_name=of.name,
        native_id=named(row.id),
        performed_at=utc(row.created_at),
        amount=Money(amount=row.amount, currency=text(row.currency_iso) or of.settings.currency),
        kind=TRANSACTION.get(word.casefold(), TransactionKind.OTHER),
        type=word,
        description=result,
        is_pending=(result or "").casefold() in PENDING,
    )


def queue(row: wire.CallQueueRow, of: Provider) -> Queue:
    """A queue."""
    number = text(row.number)
    return Queue(
        provider_name=of.name,
        native_id=named(row.id),
        name=text(row.name) or number or named(row.id),
        number=number,
        strategy=text(row.ring_strategy),
        ring_seconds=row.ring_time,
        agent_count=None if row.users is None else len(row.users),
    )


def tracking_number(row: wire.TrackingNumberRow, of: Provider) -> TrackingNumber:
    """A watched number; ValueError for a row that is none, since this collection's name promises calls."""
    number = text(row.e164)
    if not (number or row.name):
        raise ValueError("no number - at `$.e164`")
    return TrackingNumber(
        provider_name=of.name,
        native_id=named(row.id),
        name=text(row.name) or number or named(row.id),
        number=number,
        uri=text(row.uri),
        created_at=moment(row.created_at),
        channels=row.channels,
        rate=row.rate,
        status=text(row.status),
        target_type=text(row.target_type),
        target_id=ident(row.target_id),
        is_sms_enabled=row.sms_enabled,
        is_fax_enabled=row.fax_enabled,
        info=text(row.info),
    )


def session_key(row: wire.CdrRow, version: str) -> str | None:
    """The live id of a conversation's first leg. v1.1 tells only the leg before, so there a conversation is a leg and those after it."""
    before = row.parent_live_id if version == "v1.1" else None
    return ident(row.root_live_id) or ident(before) or ident(row.live_id)
