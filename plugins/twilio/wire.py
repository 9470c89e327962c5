"""The rows and answers of the API 2010-04-01, in the upstream's own words.

Source: the vendor's OpenAPI document of this API. Lengths, prices and counts are texts, times are those of RFC 2822.
"""

from decimal import Decimal
from typing import TypeAlias

import msgspec

from telegraphql.plugin import ListDecoder

Text: TypeAlias = str | int | float | None
Number: TypeAlias = Decimal | None


# Thousands at once, none of which holds itself: nothing for the collector of cycles to look at.
class CallResource(msgspec.Struct, gc=False):
    """A call. Each leg of a conversation is one; `parent_call_sid` names the leg that dialed it."""

    sid: Text
    date_created: Text = None
    start_time: Text = None
    end_time: Text = None
    parent_call_sid: Text = None
    account_sid: Text = None
    to: Text = None
    from_: Text = msgspec.field(name="from", default=None)
    status: Text = None
    duration: Text = None
    price: Number = None
    price_unit: Text = None
    direction: Text = None
    answered_by: Text = None
    forwarded_from: Text = None
    caller_name: Text = None
    trunk_sid: Text = None


class RecordingResource(msgspec.Struct, gc=False):
    """A recording. `call_sid` is the parent leg of a conversation."""

    sid: Text
    call_sid: Text = None
    date_created: Text = None
    start_time: Text = None
    duration: Text = None
    price: Number = None
    price_unit: Text = None
    status: Text = None


class MessageResource(msgspec.Struct, gc=False):
    """A message. `date_sent` is null until it is sent."""

    sid: Text
    account_sid: Text = None
    date_created: Text = None
    date_sent: Text = None
    direction: Text = None
    status: Text = None
    from_: Text = msgspec.field(name="from", default=None)
    to: Text = None
    body: Text = None
    num_segments: Text = None
    num_media: Text = None
    price: Number = None
    price_unit: Text = None
    error_code: Text = None
    error_message: Text = None


class MediaResource(msgspec.Struct):
    """A file of a message."""

    sid: Text
    parent_sid: Text = None
    content_type: Text = None
    date_created: Text = None


class QueueResource(msgspec.Struct):
    """A queue."""

    sid: Text
    friendly_name: Text = None
    date_created: Text = None
    date_updated: Text = None


class UsageResource(msgspec.Struct):
    """The usage of the account in a category on a day. `price` is positive."""

    start_date: Text
    category: Text = None
    description: Text = None
    account_sid: Text = None
    price: Number = None
    price_unit: Text = None


class NotificationResource(msgspec.Struct):
    """An error or a warning about a call. `message_text` is a query string of what was logged, with the message as `Msg`."""

    sid: Text
    call_sid: Text = None
    error_code: Text = None
    message_text: Text = None
    message_date: Text = None
    date_created: Text = None


class CallList(msgspec.Struct):
    """A page of calls."""

    calls: list[msgspec.Raw]
    next_page_uri: str | None = None


class RecordingList(msgspec.Struct):
    """A page of recordings."""

    recordings: list[msgspec.Raw]
    next_page_uri: str | None = None


class MessageList(msgspec.Struct):
    """A page of messages."""

    messages: list[msgspec.Raw]
    next_page_uri: str | None = None


class MediaList(msgspec.Struct):
    """A page of the files of a message."""

    media_list: list[msgspec.Raw]
    next_page_uri: str | None = None


class QueueList(msgspec.Struct):
    """A page of queues."""

    queues: list[msgspec.Raw]
    next_page_uri: str | None = None


class UsageList(msgspec.Struct):
    """A page of usage records."""

    usage_records: list[msgspec.Raw]
    next_page_uri: str | None = None


class NotificationList(msgspec.Struct):
    """A page of the notifications of a call."""

    notifications: list[msgspec.Raw]
    next_page_uri: str | None = None


CALLS = ListDecoder(CallList, "calls")
RECORDINGS = ListDecoder(RecordingList, "recordings")
MESSAGES = ListDecoder(MessageList, "messages")
MEDIA = ListDecoder(MediaList, "media_list")
QUEUES = ListDecoder(QueueList, "queues")
USAGE = ListDecoder(UsageList, "usage_records")
NOTIFICATIONS = ListDecoder(NotificationList, "notifications")
ONE = msgspec.json.Decoder(msgspec.Raw)
