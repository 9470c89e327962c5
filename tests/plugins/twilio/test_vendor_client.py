"""The vendor's own Python client against the sandbox: what it reads and deletes at Twilio, it reads and deletes here."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from telegraphql.gateway.sandbox_servers import run_sandboxes
from telegraphql.plugins.twilio import Twilio
from telegraphql.plugins.twilio.sandbox.data import ACCOUNT, SUBACCOUNT
from tests.support.clock import FIXED_NOW

rest = pytest.importorskip("twilio.rest", reason="twilio is not installed (`make test` installs it)")
http_client = pytest.importorskip("twilio.http.http_client")
errors = pytest.importorskip("twilio.base.exceptions")
DAY = timedelta(days=1)


class SandboxClient(http_client.TwilioHttpClient):  # type: ignore[misc]
    """Sends what is meant for Twilio to the sandbox, and remembers for which host, and with which parameters."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self.origin = origin
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def request(self, method: str, url: str, params: Any = None, *others: Any, **more: Any) -> Any:
        host, slash, rest = url.removeprefix("https://").partition("/")
        self.sent.append((method, host, dict(params or {})))
        return super().request(method, f"{self.origin}{slash}{rest}", params, *others, **more)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    made = Twilio.sandbox()(records=80, now=FIXED_NOW)
    with run_sandboxes([made], 0):
        yield made


@pytest.fixture
def web(sandbox: Any) -> SandboxClient:
    return SandboxClient(sandbox.base_url)


@pytest.fixture
def api(sandbox: Any, web: SandboxClient) -> Any:
    return rest.Client(sandbox.api_key, sandbox.api_key_secret, ACCOUNT, http_client=web)


def created(row: dict[str, Any]) -> datetime:
    return parsedate_to_datetime(row["date_created"])


def sids(rows: Any, newest: Any = None) -> list[str]:
    """The SIDs of rows, in the order in which Twilio lists them."""
    return [row["sid"] for row in sorted(rows, key=lambda row: (newest or created)(row), reverse=True)]


def test_it_pages_through_all_calls(api: Any, sandbox: Any, web: SandboxClient) -> None:
    found = api.calls.list(page_size=7)
    truth = sandbox.records["calls"]
    assert sorted(call.sid for call in found) == sorted(row["sid"] for row in truth)
    times = [call.date_created for call in found]
    assert times == sorted(times, reverse=True)
    assert len(web.sent) == -(-len(truth) // 7)
    assert {host for _, host, _ in web.sent} == {"api.twilio.com"}


def test_a_limit_ends_the_pages(api: Any, web: SandboxClient) -> None:
    assert len(api.calls.list(limit=10, page_size=5)) == 10
    assert len(web.sent) == 2


def test_a_page_leads_to_the_next_one(api: Any, sandbox: Any) -> None:
    first = api.messages.page(page_size=6)
    second = first.next_page()
    found = [message.sid for page in (first, second) for message in page]
    assert found == [message.sid for message in api.messages.list(limit=12)]


@pytest.mark.parametrize(("since", "until"), [(10, None), (None, 10), (20, 5)])
def test_it_filters_by_start(api: Any, sandbox: Any, since: int | None, until: int | None) -> None:
    after, before = (None if days is None else FIXED_NOW - days * DAY for days in (since, until))
    bounds = {"start_time_after": after, "start_time_before": before}
    found = api.calls.list(**{name: at for name, at in bounds.items() if at})
    wanted = {
        row["sid"]
        for row in sandbox.records["calls"]
        if (after is None or parsedate_to_datetime(row["start_time"]) >= after)
        and (before is None or parsedate_to_datetime(row["start_time"]) <= before)
    }
    assert {call.sid for call in found} == wanted
    assert wanted


@pytest.mark.parametrize(("name", "field"), [("status", "status"), ("to", "to"), ("from_", "from"), ("parent_call_sid", "parent_call_sid")])
def test_it_filters_by_words(api: Any, sandbox: Any, name: str, field: str) -> None:
    rows = sandbox.records["calls"]
    value = next(row[field] for row in rows if row[field])
    assert {call.sid for call in api.calls.list(**{name: value})} == {row["sid"] for row in rows if row[field] == value}


def test_a_call_has_its_values(api: Any, sandbox: Any) -> None:
    row = next(row for row in sandbox.records["calls"] if row["price"])
    call = api.calls(row["sid"]).fetch()
    assert (call.sid, call.status, call.direction, call.duration) == (row["sid"], row["status"], row["direction"], row["duration"])
    assert (call.price, call.price_unit, call._from, call.to) == (row["price"], row["price_unit"], row["from"], row["to"])
    assert (call.start_time, call.end_time) == tuple(parsedate_to_datetime(row[name]) for name in ("start_time", "end_time"))


def test_an_unknown_call_is_an_error_as_of_the_vendor(api: Any) -> None:
    with pytest.raises(errors.TwilioRestException) as caught:
        api.calls("CA" + 32 * "0").fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_wrong_credentials_are_an_error_as_of_the_vendor(sandbox: Any, web: SandboxClient) -> None:
    with pytest.raises(errors.TwilioRestException) as caught:
        rest.Client(ACCOUNT, "wrong", http_client=web).queues("QU" + 32 * "0").fetch()
    assert (caught.value.status, caught.value.code) == (401, 20003)


def test_it_reads_and_deletes_recordings(api: Any, sandbox: Any) -> None:
    rows = sandbox.records["recordings"]
    before = len(rows)
    assert {each.sid for each in api.recordings.list()} == {row["sid"] for row in rows}
    row = next(row for row in rows if row["status"] == "completed")
    assert [each.sid for each in api.calls(row["call_sid"]).recordings.list()] == [row["sid"]]
    media = requests.get(sandbox.base_url + row["media_url"].partition("twilio.com")[2] + ".wav", auth=api.auth, timeout=10)
    assert (media.status_code, media.content[:4]) == (200, b"RIFF")
    assert api.recordings(row["sid"]).delete() is True
    assert (len(rows), row in rows) == (before - 1, False)
    with pytest.raises(errors.TwilioRestException):
        api.recordings(row["sid"]).fetch()


def test_it_reads_messages_and_their_media(api: Any, sandbox: Any) -> None:
    rows = sandbox.records["messages"]
    day = FIXED_NOW - 10 * DAY
    found = api.messages.list(date_sent_after=day)
    assert {each.sid for each in found} == {row["sid"] for row in rows if parsedate_to_datetime(row["date_sent"]) >= day}
    row = next(row for row in rows if row["num_media"] == "2")
    message = api.messages(row["sid"]).fetch()
    assert (message.body, message.num_media, message.error_code) == (row["body"], "2", row["error_code"])
    pictures = message.media.list()
    assert {each.sid for each in pictures} == {each["sid"] for each in sandbox.records["media"] if each["parent_sid"] == row["sid"]}
    one = message.media(pictures[0].sid).fetch()
    assert (one.content_type, one.parent_sid) == ("image/png", row["sid"])


def test_it_reads_queues(api: Any, sandbox: Any) -> None:
    rows = sandbox.records["queues"]
    assert [queue.friendly_name for queue in api.queues.list(page_size=2)] == [
        row["friendly_name"] for row in sorted(rows, key=created, reverse=True)
    ]
    assert api.queues(rows[0]["sid"]).fetch().max_size == 1000


def test_it_reads_usage(api: Any, sandbox: Any) -> None:
    until = FIXED_NOW.date() - DAY
    found = api.usage.records.daily.list(category="totalprice", start_date=until - 4 * DAY, end_date=until)
    truth = {row["start_date"]: row["price"] for row in sandbox.records["usage"]}
    assert {str(each.start_date): float(each.price) for each in found} == {
        day: price for day, price in truth.items() if str(until - 4 * DAY) <= day <= str(until)
    }
    assert len(found) == 5


def test_it_reads_the_notifications_of_a_call(api: Any, sandbox: Any) -> None:
    row = sandbox.records["notifications"][0]
    found = api.calls(row["call_sid"]).notifications.list()
    wanted = [each for each in sandbox.records["notifications"] if each["call_sid"] == row["call_sid"]]
    assert sorted((each.sid, each.error_code, each.message_text) for each in found) == sorted(
        (each["sid"], each["error_code"], each["message_text"]) for each in wanted
    )


def test_a_parent_account_reads_its_subaccount(sandbox: Any, web: SandboxClient) -> None:
    api = rest.Client(ACCOUNT, sandbox.auth_token, SUBACCOUNT, http_client=web)
    assert {call.sid for call in api.calls.list()} == {row["sid"] for row in sandbox.records["subaccount_calls"]}


def test_a_region_is_another_host(sandbox: Any, web: SandboxClient) -> None:
    api = rest.Client(sandbox.api_key, sandbox.api_key_secret, ACCOUNT, region="ie1", edge="dublin", http_client=web)
    assert len(api.calls.list(limit=1)) == 1
    assert web.sent[0][1] == "api.dublin.ie1.twilio.com"
