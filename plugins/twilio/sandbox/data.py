"""The generated rows of an account and its subaccount."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from random import Random
from urllib.parse import urlencode

from telegraphql.plugin import PastRandom, Row

ACCOUNT = "AC00000000000000000000000000000001"
SUBACCOUNT = "AC00000000000000000000000000000002"
API = "/2010-04-01/Accounts"
MONTH = timedelta(days=30)
DAYS = 30
BURST, BURST_AGE = 45, timedelta(days=3)
SUBACCOUNT_CALLS = 6
OWN_NUMBERS = ("+41445055001", "+41445055002", "+12125550123")
OUTSIDE = ("+41616925879", "+41446681800", "+442079460123", "+447911123456", "+14155550132", "+33142685300", "+491701234567")
CLIENTS = ("client:ada", "client:grace", "client:hedy")
SIP = ("sip:desk@example.sip.twilio.com", "sip:reception@example.sip.twilio.com")
NAMES = (None, None, "Zoë Keller", "ALPENGLOW AG")
UNANSWERED = ("no-answer", "busy", "failed", "canceled")
MESSAGE_STATES = ("delivered", "sent", "delivered", "undelivered", "failed", "queued", "read")
FAILURES = {"undelivered": (30003, "Unreachable destination handset"), "failed": (30006, None)}
QUEUES = ("Sales", "Support", "Billing", "Sales", "Returns")


def fill(records: dict[str, list[Row]], random: PastRandom, count: int, now: datetime) -> None:
    """Fill the kinds: `count` calls of the account, and what belongs to them."""
    calls = records["calls"]
    calls += [new_call(random, now - BURST_AGE) for _ in range(min(BURST, count // 4))]
    while len(calls) < count:
        calls += conversation(random, now - timedelta(seconds=random.age(900, int(MONTH.total_seconds()))), ACCOUNT)
    del calls[count:]
    records["recordings"] = [recording(random, each) for each in calls if is_recorded(each)]
    records["notifications"] = [notification(random, each) for each in calls if each["status"] == "failed" for _ in range(2)]
    for number in range(count // 2):
        message = new_message(random, now - timedelta(seconds=random.randint(900, int(MONTH.total_seconds()))), number)
        records["messages"].append(message)
        records["media"] += [media(random, message) for _ in range(int(message["num_media"]))]
    records["queues"] = [queue(random, name, now - timedelta(days=100 + number)) for number, name in enumerate(QUEUES)]
    records["usage"] = [usage(random, now - timedelta(days=age)) for age in range(DAYS)]
    for _ in range(SUBACCOUNT_CALLS):
        records["subaccount_calls"] += conversation(random, now - timedelta(hours=random.randint(1, 99)), SUBACCOUNT)[:1]


def sid(random: Random, prefix: str) -> str:
    """Return a new SID."""
    return f"{prefix}{random.getrandbits(128):032x}"


def rfc2822(at: datetime) -> str:
    """Return a time as the API writes it."""
    return format_datetime(at)


def conversation(random: Random, created: datetime, account: str) -> list[Row]:
    """Return the legs of a conversation: one that comes in and is dialed on, one that the API starts, or one of a SIP trunk."""
    pattern = random.choices(("inbound", "outbound-api", "trunking-terminating", "trunking-originating"), (6, 3, 1, 1))[0]
    own, outside = random.choice(OWN_NUMBERS), random.choice(OUTSIDE)
    ends = (own, outside) if pattern in ("outbound-api", "trunking-terminating") else (outside, own)
    if pattern == "inbound" and random.random() < 0.2:
        ends = (random.choice((*CLIENTS, *SIP)), own)
    parent = call(random, created, account, pattern, ends)
    return [parent, *dialed(random, created, parent)] if pattern in ("inbound", "outbound-api") else [parent]


def last_end(legs: Iterable[Row]) -> datetime:
    """Return the moment at which the last leg ended."""
    return max(parsedate_to_datetime(leg["end_time"]) for leg in legs)


def dialed(random: Random, created: datetime, parent: Row) -> Iterator[Row]:
    """Yield the legs that a parent leg dialed: one after the other, until one is answered."""
    wanted = random.choice((0, 1, 1, 2)) if parent["status"] == "completed" else 0
    for number in range(wanted):
        at = created + timedelta(seconds=5 + 20 * number)
        called = random.choice((*CLIENTS, *SIP, *OUTSIDE))
        status = "completed" if number == wanted - 1 else "no-answer"
        yield call(random, at, parent["account_sid"], "outbound-dial", (parent["from"], called), status) | {
            "parent_call_sid": parent["sid"]
        }


def call(random: Random, created: datetime, account: str, direction: str, ends: tuple[str, str], status: str | None = None) -> Row:
    """Return a leg. It starts a few seconds after its row is created, since it waits in a queue."""
    if status is None:
        status = "completed" if random.random() < 0.7 else random.choice(UNANSWERED)
    own, start = sid(random, "CA"), created + timedelta(seconds=random.choice((0, 0, 1, 2, 8)))
    length = random.randint(1, 600) if status == "completed" else 0
    folder = f"{API}/{account}/Calls/{own}"
    caller, called = ends
    return {
        "sid": own,
        "account_sid": account,
        "parent_call_sid": None,
        "date_created": rfc2822(created),
        "date_updated": rfc2822(start + timedelta(seconds=length + 1)),
        "start_time": rfc2822(start),
        "end_time": rfc2822(start + timedelta(seconds=length)),
        "duration": str(length),
        "from": caller,
        "from_formatted": caller,
        "to": called,
        "to_formatted": called,
        "direction": direction,
        "status": status,
        "answered_by": random.choice((None, "human", "machine_start", "unknown")) if direction == "outbound-api" else None,
        "caller_name": random.choice(NAMES) if direction == "inbound" and caller.startswith("+") else None,
        "forwarded_from": random.choice((None, None, random.choice(OUTSIDE))) if direction == "inbound" else None,
        "trunk_sid": "TK00000000000000000000000000000001" if direction.startswith("trunking") else None,
        "phone_number_sid": "PN00000000000000000000000000000001" if direction == "inbound" else None,
        "group_sid": None,
        "queue_time": str(int((start - created).total_seconds()) * 1000),
        "price": f"-{-(-length // 60) * 0.0085:.5f}" if length else None,
        "price_unit": "USD",
        "api_version": "2010-04-01",
        "uri": f"{folder}.json",
        "subresource_uris": {"recordings": f"{folder}/Recordings.json", "notifications": f"{folder}/Notifications.json"},
    }


def new_call(random: Random, at: datetime) -> Row:
    """Return a call that came in and was answered at a time."""
    return call(random, at, ACCOUNT, "inbound", (OUTSIDE[0], OWN_NUMBERS[0]), "completed") | {
        "start_time": rfc2822(at),
        "end_time": rfc2822(at),
        "duration": "0",
        "price": None,
    }


def is_recorded(row: Row) -> bool:
    """Return True for a third of the answered parent legs."""
    return row["parent_call_sid"] is None and row["status"] == "completed" and int(row["sid"][2:], 16) % 3 == 0


def recording(random: Random, parent: Row) -> Row:
    """Return the recording of a leg."""
    own = sid(random, "RE")
    status = random.choice(("completed",) * 8 + ("absent", "processing"))
    folder = f"{API}/{parent['account_sid']}/Recordings/{own}"
    return {
        "sid": own,
        "account_sid": parent["account_sid"],
        "call_sid": parent["sid"],
        "conference_sid": None,
        "date_created": parent["start_time"],
        "date_updated": parent["end_time"],
        "start_time": parent["start_time"],
        "duration": str(random.randint(1, 30)) if status == "completed" else None,
        "channels": 1,
        "source": "RecordVerb",
        "status": status,
        "error_code": None,
        "price": "-0.00250" if status == "completed" else None,
        "price_unit": "USD",
        "encryption_details": None,
        "media_url": f"https://api.twilio.com{folder}",
        "api_version": "2010-04-01",
        "uri": f"{folder}.json",
        "subresource_uris": {"transcriptions": f"{folder}/Transcriptions.json"},
    }


def notification(random: Random, leg: Row) -> Row:
    """Return a warning about a leg: the script that it asked for was not found."""
    own = sid(random, "NO")
    logged = {
        "url": "https://example.com/voice",
        "ErrorCode": "11200",
        "LogLevel": "ERROR",
        "Msg": "Got HTTP 404 response to https://example.com/voice",
    }
    return {
        "sid": own,
        "account_sid": leg["account_sid"],
        "call_sid": leg["sid"],
        "date_created": leg["end_time"],
        "date_updated": leg["end_time"],
        "message_date": leg["start_time"],
        "log": "0",
        "error_code": "11200",
        "message_text": urlencode(logged),
        "more_info": "https://www.twilio.com/docs/errors/11200",
        "request_method": "POST",
        "request_url": "https://example.com/voice",
        "api_version": "2010-04-01",
        "uri": f"{API}/{leg['account_sid']}/Calls/{leg['sid']}/Notifications/{own}.json",
    }


def new_message(random: Random, at: datetime, number: int = 0) -> Row:
    """Return a message of a time. Every fifth one has pictures; every second one comes in."""
    pictures = random.randint(1, 3) if number % 5 == 4 else 0
    own = sid(random, "MM" if pictures else "SM")
    comes_in = number % 2 == 0
    ends = (random.choice(OUTSIDE), random.choice(OWN_NUMBERS))
    caller, called = ends if comes_in else ends[::-1]
    status = "received" if comes_in else MESSAGE_STATES[number // 2 % len(MESSAGE_STATES)]
    code, words = FAILURES.get(status, (None, None))
    folder = f"{API}/{ACCOUNT}/Messages/{own}"
    return {
        "sid": own,
        "account_sid": ACCOUNT,
        "messaging_service_sid": None,
        "date_created": rfc2822(at),
        "date_updated": rfc2822(at),
        "date_sent": rfc2822(at + timedelta(seconds=random.randint(0, 4))),
        "direction": "inbound" if comes_in else random.choice(("outbound-api", "outbound-reply")),
        "status": status,
        "from": caller,
        "to": called,
        "body": f"Grüezi, message {number}",
        "num_segments": str(random.randint(1, 3)),
        "num_media": str(pictures),
        "price": f"-0.0{random.randint(100, 999)}",
        "price_unit": "USD",
        "error_code": code,
        "error_message": words,
        "api_version": "2010-04-01",
        "uri": f"{folder}.json",
        "subresource_uris": {"media": f"{folder}/Media.json"},
    }


def media(random: Random, message: Row) -> Row:
    """Return a picture of a message."""
    own = sid(random, "ME")
    return {
        "sid": own,
        "account_sid": message["account_sid"],
        "parent_sid": message["sid"],
        "content_type": "image/png",
        "date_created": message["date_created"],
        "date_updated": message["date_created"],
        "uri": f"{API}/{ACCOUNT}/Messages/{message['sid']}/Media/{own}.json",
    }


def queue(random: Random, name: str, at: datetime) -> Row:
    """Return a queue."""
    own = sid(random, "QU")
    return {
        "sid": own,
        "account_sid": ACCOUNT,
        "friendly_name": name,
        "date_created": rfc2822(at),
        "date_updated": rfc2822(at + timedelta(days=2)),
        "current_size": 0,
        "average_wait_time": 0,
        "max_size": 1000,
        "uri": f"{API}/{ACCOUNT}/Queues/{own}.json",
    }


def usage(random: Random, at: datetime) -> Row:
    """Return the total price of a day."""
    day = at.strftime("%Y-%m-%d")
    return {
        "account_sid": ACCOUNT,
        "category": "totalprice",
        "description": "Total Price",
        "start_date": day,
        "end_date": day,
        "as_of": f"{day}T23:59:59+00:00",
        "count": None,
        "count_unit": "",
        "usage": f"{random.randint(100, 9999) / 100}",
        "usage_unit": "usd",
        "price": random.randint(100, 9999) / 100,
        "price_unit": "usd",
        "api_version": "2010-04-01",
        "uri": f"{API}/{ACCOUNT}/Usage/Records/Daily.json?Category=totalprice&StartDate={day}&EndDate={day}",
    }
