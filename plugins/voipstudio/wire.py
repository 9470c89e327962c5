"""Rows and responses of VoIPstudio.

The reference's examples are generated noise (integers where its table of attributes says words, JSON where files come), so codes
are read as either. Fields that no mapping reads are left out; `native` shows them all the same.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from telegraphql.plugin import ListDecoder

Id = int | str
Word = str | int | float | None


# Thousands at once, none of which holds itself: nothing for the collector of cycles to look at.
class CdrRow(msgspec.Struct, gc=False):
    """One leg of a call. Ids are of the live call that made it: `live_id` its own, `root_live_id` the first leg's (v1.2 only)."""

    id: Id
    calldate: datetime
    billsec: int | None = None
    charge: Decimal | None = None
    clid: Word = None
    context: Word = None
    destination: Word = None
    disposition: Word = None
    dst: Word = None
    dst_codec: Word = None
    dst_id: Word = None
    dst_name: Word = None
    dst_ua: Word = None
    duration: int | None = None
    info: Word = None
    labels: Any = None
    live_id: Id | None = None
    metadata: Any = None
    nb_notes: int | None = None
    parent_live_id: Id | None = None
    rate: Decimal | None = None
    root_live_id: Id | None = None
    server_id: Id | None = None
    sip_endpoint_id: Id | None = None
    src: Word = None
    src_codec: Word = None
    src_id: Word = None
    src_name: Word = None
    src_ua: Word = None
    t_cause: Word = None
    type: Word = None
    user_id: Id | None = None


class NoteRow(msgspec.Struct):
    """A remark on a call. The reference shows a CdrRow in its place, so its words are a guess and each is tried."""

    id: Id
    text: Word = None
    note: Word = None
    content: Word = None
    message: Word = None
    created_at: str | None = None
    user_id: Id | None = None


class Monitor(msgspec.Struct):
    """A recording. `sentiment`, `summary` and `transcript` come only with the vendor's AI add-on; `size` is the MP3's, exactly."""

    id: Id
    timestamp: datetime
    called: Word = None
    caller: Word = None
    context: Word = None
    dst_id: Word = None
    dst_name: Word = None
    duration: int | None = None
    live_id: Id | None = None
    sentiment: Word = None
    size: int | None = None
    src_id: Word = None
    summary: Word = None
    transcript: Word = None
    type: Word = None
    user_id: Id | None = None


class VoicemessageRow(msgspec.Struct):
    """A voicemail. `folder` is a number in answers, a word in what is sent."""

    id: Id
    origtime: datetime
    caller: Word = None
    callerid: Word = None
    dialled: Word = None
    duration: int | None = None
    extension_id: Id | None = None
    folder: Word = None
    is_new: bool | int | None = None
    live_id: Id | None = None
    transcript: Word = None


class ChatRow(msgspec.Struct):
    """A website chat."""

    id: Id
    created_at: datetime
    customer_id: Id | None = None
    duration: int | None = None
    operator_id: Id | None = None
    operator_ua: Word = None
    state: Word = None
    visitor_city: Word = None
    visitor_country: Word = None
    visitor_email: Word = None
    visitor_geo: Word = None
    visitor_id: Word = None
    visitor_ip: Word = None
    visitor_name: Word = None
    visitor_referer: Word = None
    visitor_ua: Word = None
    website_id: Id | None = None


class Msdr(msgspec.Struct):
    """A media session record: one stream, as a media server saw it."""

    id: Id
    created_at: datetime
    call_id: Word = None
    dst: Word = None
    dst_id: Word = None
    dst_ua: Word = None
    duration: int | None = None
    src: Word = None
    src_id: Word = None
    src_ua: Word = None
    t_cause: Word = None
    type: Word = None
    user_id: Id | None = None


class TransactionRow(msgspec.Struct):
    """A movement of money; not in the reference, read by the vendor's own command line client."""

    id: Id
    created_at: datetime
    amount: Decimal
    currency_iso: Word = None
    type: Word = None
    result: Word = None


class CallQueueRow(msgspec.Struct):
    """A call queue; not in the history part of the reference. `ring_strategy` "A" rings all."""

    id: Id
    name: Word = None
    number: Word = None
    ring_strategy: Word = None
    ring_time: int | None = None
    users: list[msgspec.Raw] | None = None


class TrackingNumberRow(msgspec.Struct):
    """A telephone number watched by call tracking; its `id` is text in the example."""

    id: Id
    channels: int | None = None
    created_at: str | None = None
    e164: Word = None
    fax_enabled: bool | None = None
    info: Word = None
    name: Word = None
    rate: Decimal | None = None
    sms_enabled: bool | None = None
    status: Word = None
    target_id: Word = None
    target_type: Word = None
    uri: Word = None


class Listed(msgspec.Struct):
    """A collection's answer; `total` counts what matches the filter on all pages."""

    data: list[msgspec.Raw]
    total: int | None = None


class LikeSample(msgspec.Struct):
    """A leg of which only the caller's number, the time and the id are read."""

    id: Id | None = None
    calldate: str | None = None
    src: Word = None


class Single(msgspec.Struct):
    """A resource's answer; `data` may turn out to be a list."""

    data: msgspec.Raw


class Login(msgspec.Struct):
    """A login's answer: a token, or with two-factor authentication only a nonce."""

    user_token: str | None = None


class OneOrMany:
    """Decodes an answer that holds one record or a list of them; the reference shows both for the same."""

    def decode(self, body: bytes, /) -> list[msgspec.Raw]:
        """Return the rows."""
        data = SINGLE.decode(body).data
        return [data] if bytes(data).startswith(b"{") else _ROWS.decode(data)


LISTED = ListDecoder(Listed, "data")
SINGLE = msgspec.json.Decoder(Single)
LOGIN = msgspec.json.Decoder(Login)
ONE_OR_MANY = OneOrMany()
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
ANYTHING: "msgspec.json.Decoder[object]" = msgspec.json.Decoder(object)
