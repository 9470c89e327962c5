"""Boxis: its windows, gets, refusals, clock and settings against the sandbox."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from telegraphql.gateway.conformance import read_page
from telegraphql.gateway.errors import BadAnswer, Expired, RateLimited, TooLarge, Unauthorized, Unavailable
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Windows
from telegraphql.gateway.upstream.client import Answer, Upstream
from telegraphql.plugins.boxis import Boxis
from telegraphql.plugins.boxis import provider as module
from telegraphql.plugins.boxis.local_time import start_in_id
from telegraphql.plugins.boxis.settings import BoxisSettings
from telegraphql.schema.call import Call

SEED_DAY = (datetime(2018, 2, 6, tzinfo=UTC), datetime(2018, 2, 7, tzinfo=UTC))
FIRST = "sip022.voice.boxis.net-1517944376.108168/15922"
SECOND = "sip046.voice.boxis.net-1517944459.182738/31558"
SET_BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)
FORMATS = ("json", "xml")
HOUR = timedelta(hours=1)
CREDENTIALS = {"username": "api@example.com", "user_key": "k", "tenant": "VOICE-12001-1"}


@pytest.fixture(scope="module")
def records() -> int:
    return 600


def key(row: dict[str, Any]) -> str:
    return f"{row['uniqueid']}/{row['sequence']}"


def ids(calls: list[Call]) -> set[str]:
    return {call.native_id for call in calls}


@pytest.mark.parametrize("format", FORMATS)
async def test_every_leg_is_listed_once_with_its_own_fields(served: Any, connect: Callable[..., Any], format: str) -> None:
    page = await connect(served, return_type=format).calls(ListRequest())
    rows = {key(row): row for row in served.truth("calls")}
    assert (page.read, len(page.records), page.problems, page.total) == (600, 600, [], None)
    assert ids(page.records) == rows.keys()
    empty = "" if format == "xml" else None
    for call in page.records:
        expected = {
            name: empty if value is None else value
            for name, value in (rows[call.native_id] | {"pincode": rows[call.native_id]["pincode"] and "(hidden)"}).items()
        }
        assert json.loads(bytes(call.raw)) == expected


async def test_both_formats_give_the_same_records(served: Any, connect: Callable[..., Any]) -> None:
    pages = [await connect(served, return_type=format).calls(ListRequest()) for format in FORMATS]
    first, second = ([vars(call) | {"raw": None, "from_": None, "to": None} for call in read_page(page)[0]] for page in pages)
    assert first == second


@pytest.mark.parametrize("has_numeric_result", [False, True])
async def test_a_result_may_be_a_text_or_a_number(
    served: Any, connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, has_numeric_result: bool
) -> None:
    monkeypatch.setattr(served.sandbox, "has_numeric_result", has_numeric_result)
    assert len((await connect(served).calls(ListRequest())).records) == 600
    with pytest.raises(Unauthorized):
        await connect(served, user_key="another").calls(ListRequest())


async def test_a_window_is_asked_in_local_time_and_gives_the_seeds_legs(served: Any, provider: Any) -> None:
    page = await provider.calls(ListRequest(since=SEED_DAY[0], until=SEED_DAY[1]))
    assert {call.native_id: call.started_at for call in page.records} == {
        FIRST: datetime(2018, 2, 6, 19, 12, 56, tzinfo=UTC),
        SECOND: datetime(2018, 2, 6, 19, 14, 20, tzinfo=UTC),
    }
    asked = {"datefrom": "2018-02-06 01:00:00", "dateto": "2018-02-07 01:00:00", "returntype": "json", "tenant": "VOICE-12001-1"}
    assert served.journal() == [{"method": "POST", "path": "/", "operation": "getCDR", "parameters": asked}]


async def test_both_bounds_belong_to_a_window(provider: Any) -> None:
    at = datetime(2018, 2, 6, 19, 12, 56, tzinfo=UTC)
    assert ids((await provider.calls(ListRequest(since=at, until=at))).records) == {FIRST}


async def test_without_bounds_a_window_is_never_empty(served: Any, connect: Callable[..., Any]) -> None:
    await connect(served, history_start=date(2018, 2, 6)).calls(ListRequest())
    asked = served.journal()[0]["parameters"]
    assert asked["datefrom"] == "2018-02-06 00:00:00"
    assert asked["dateto"] > datetime.now(UTC).isoformat(" ")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (SET_BACK - HOUR, SET_BACK - timedelta(seconds=1)),
        (SET_BACK, SET_BACK + HOUR),
        (SET_BACK - timedelta(minutes=20), SET_BACK + timedelta(minutes=20)),
        (SET_BACK - timedelta(minutes=40), SET_BACK - timedelta(minutes=30)),
        (SET_BACK + timedelta(minutes=10), SET_BACK + timedelta(minutes=10)),
    ],
)
async def test_no_leg_is_lost_where_the_clock_was_set_back(served: Any, provider: Any, since: datetime, until: datetime) -> None:
    # A channel with one leg opened when the leg began.
    legs = Counter(row["uniqueid"] for row in served.truth("calls"))
    begun = {row["uniqueid"]: start_in_id(row["uniqueid"]) for row in served.truth("calls") if legs[row["uniqueid"]] == 1}
    expected = {uniqueid for uniqueid, at in begun.items() if at and since <= at <= until}
    page = await provider.calls(ListRequest(since=since, until=until))
    inside = {call.native_id.partition("/")[0] for call in page.records if since <= call.started_at <= until}
    assert inside & begun.keys() == expected
    assert len(expected) >= 1


async def test_both_hours_that_the_clock_calls_two_are_told_apart(provider: Any) -> None:
    page = await provider.calls(ListRequest(since=SET_BACK - HOUR, until=SET_BACK + HOUR))
    minutes = [timedelta(minutes=minute) for minute in range(0, 60, 5)]
    assert {call.started_at for call in page.records} >= {SET_BACK + each - off for each in minutes for off in (HOUR, timedelta())}
    across = [call for call in page.records if call.started_at == SET_BACK - timedelta(minutes=5) and call.duration_seconds == 905]
    assert [(call.answered_at, call.ended_at) for call in across] == [
        (SET_BACK - timedelta(seconds=295), SET_BACK + timedelta(seconds=605))
    ]


async def test_a_leg_is_found_by_its_id(served: Any, provider: Any) -> None:
    page = await provider.calls_by_id(GetRequest(keys=[FIRST]))
    assert [call.native_id for call in page.records] == [FIRST]
    asked = served.journal()[0]["parameters"]
    assert (asked["datefrom"], asked["dateto"]) == ("2018-02-06 20:11:56", "2018-02-07 00:12:56")


async def test_every_leg_is_found_by_its_id(served: Any, provider: Any) -> None:
    keys = [key(row) for row in served.truth("calls")]
    for first in range(0, len(keys), 50):
        page = await provider.calls_by_id(GetRequest(keys=keys[first : first + 50]))
        assert sorted(call.native_id for call in page.records) == sorted(keys[first : first + 50])


async def test_ids_whose_windows_overlap_share_a_request(served: Any, provider: Any) -> None:
    crowd = [key(row) for row in served.truth("calls") if row["start"] == "2026-11-17 13:00:00"][:46]
    assert len(crowd) >= 45
    page = await provider.calls_by_id(GetRequest(keys=[*crowd, FIRST, SECOND]))
    assert ids(page.records) == {*crowd, FIRST, SECOND}
    assert len(served.journal()) == 2


@pytest.mark.parametrize("unknown", ["sip022.voice.boxis.net-1517944376.108168/1", "sip022.voice.boxis.net-1417944376.1/1"])
async def test_an_id_without_a_leg_is_left_out(provider: Any, unknown: str) -> None:
    assert (await provider.calls_by_id(GetRequest(keys=[unknown]))).records == []


async def test_an_id_without_a_moment_costs_no_request(served: Any, provider: Any) -> None:
    assert (await provider.calls_by_id(GetRequest(keys=["nonsense", "a/b"]))).records == []
    assert served.journal() == []


async def test_an_id_without_a_moment_is_looked_for_around_its_parents(served: Any, provider: Any) -> None:
    await provider.calls_of_sessions(GetRequest(keys=["nonsense"], since=SEED_DAY[0], until=SEED_DAY[1]))
    asked = served.journal()[0]["parameters"]
    assert (asked["datefrom"], asked["dateto"]) == ("2018-02-05 21:00:00", "2018-02-07 05:00:00")


async def test_the_legs_of_sessions_are_found_by_linkedid(served: Any, provider: Any) -> None:
    legs: dict[str, set[str]] = {}
    for row in served.truth("calls"):
        legs.setdefault(row["linkedid"], set()).add(key(row))
    wanted = sorted(legs, key=lambda each: -len(legs[each]))[:50]
    page = await provider.calls_of_sessions(GetRequest(keys=wanted))
    found: dict[str, set[str]] = {}
    for call in page.records:
        found.setdefault(call.refs["session"], set()).add(call.native_id)
    assert found == {each: legs[each] for each in wanted}


async def test_a_get_whose_answer_is_too_long_is_asked_in_halves(served: Any, provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RESPONSE_BYTES", 1500)
    page = await provider.calls_by_id(GetRequest(keys=[FIRST, SECOND]))
    assert ids(page.records) == {FIRST, SECOND}
    assert len(served.journal()) > 2


async def test_a_listing_whose_answer_is_too_long_says_so(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RESPONSE_BYTES", 1500)
    with pytest.raises(TooLarge):
        await provider.calls(ListRequest(since=SEED_DAY[0], until=SEED_DAY[1]))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("offset", [-86_400, 3600])
async def test_a_clock_that_differs_is_set_once_and_the_request_goes_on(
    served: Any, connect: Callable[..., Any], format: str, offset: int
) -> None:
    served.sandbox.clock_offset = offset
    try:
        provider = connect(served, return_type=format)
        await provider.check()
        assert len(served.journal()) == 2
        await provider.check()
        assert len(served.journal()) == 3
    finally:
        served.sandbox.clock_offset = 0


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("wrong", [{"user_key": "0000secret0000"}, {"username": "other@example.com"}])
async def test_wrong_credentials_are_unauthorized(served: Any, connect: Callable[..., Any], format: str, wrong: dict[str, str]) -> None:
    with pytest.raises(Unauthorized) as caught:
        await connect(served, return_type=format, **wrong).check()
    assert str(caught.value) == "refused the credentials: check the settings `username` and `user_key`"
    assert not isinstance(caught.value, Expired)
    assert len(served.journal()) == 1


@pytest.mark.parametrize("format", FORMATS)
async def test_any_other_refusal_is_a_bad_answer_that_names_the_tenant(served: Any, connect: Callable[..., Any], format: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        await connect(served, return_type=format, tenant="VOICE-99999-1").check()
    assert str(caught.value) == "refused the request: check the setting `tenant`, or try again later"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"mode": "rate_limit"}, RateLimited),
        ({"mode": "unauthorized"}, Unauthorized),
        ({"mode": "html"}, BadAnswer),
        ({"mode": "truncate"}, BadAnswer),
        ({"mode": "status", "status": 503}, Unavailable),
        ({"mode": "drop"}, Unavailable),
    ],
)
@pytest.mark.parametrize("format", FORMATS)
async def test_a_bad_day_of_the_upstream(
    served: Any, connect: Callable[..., Any], format: str, fault: dict[str, Any], error: type[Exception]
) -> None:
    served.fault(**fault)
    with pytest.raises(error) as caught:
        await connect(served, return_type=format).calls(ListRequest(since=SEED_DAY[0], until=SEED_DAY[1]))
    assert served.sandbox.user_key not in repr(caught.value)
    assert "http" not in str(caught.value).replace("HTTP", "")


@pytest.fixture
def alone() -> Boxis:
    settings = BoxisSettings(**CREDENTIALS)  # type: ignore[arg-type]
    return Boxis("boxis", settings, Upstream(httpx.AsyncClient(), settings.base_url), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"result": "0", "resulttxt": "Error: wrong authcode"}, Unauthorized),
        ({"result": 0, "resulttxt": "Error: Login failed"}, Unauthorized),
        ({"result": "0", "resulttxt": "Error: Unknown USER"}, Unauthorized),
        ({"result": "0", "resulttxt": "Error: database"}, BadAnswer),
        ({"result": "0"}, BadAnswer),
        ({"result": "0", "timestamperror": "1", "timestamp": "1335777400"}, Expired),
        ({"result": "0", "timestamperror": True}, Expired),
        ({"result": "0", "resulttxt": "Error: user", "timestamperror": "0"}, Unauthorized),
        ({"result": "1", "timestamperror": 0}, None),
        ({"result": 1}, None),
    ],
)
def test_what_a_result_stands_for(alone: Boxis, said: dict[str, Any], error: type[Exception] | None) -> None:
    found = alone.refusal(Answer(200, json.dumps(said).encode(), {}))
    assert found is None if error is None else type(found) is error
    assert "Error" not in str(found)


@pytest.mark.parametrize(
    ("status", "body"), [(500, b'{"result":"0"}'), (429, b'{"result":"0"}'), (404, b'{"result":"0"}'), (200, b"<html>")]
)
def test_where_the_words_say_nothing_the_status_speaks(alone: Boxis, status: int, body: bytes) -> None:
    assert alone.refusal(Answer(status, body, {})) is None


async def test_a_refused_clock_without_the_upstreams_own_is_an_error(alone: Boxis) -> None:
    alone.refusal(Answer(200, b'{"result":"0","timestamperror":1,"timestamp":""}', {}))
    with pytest.raises(Unauthorized, match="without reporting its own"):
        await alone.renew()


def test_the_listing_is_declared_as_windows_that_join_sessions() -> None:
    (listing,) = (each for each in Boxis.calls.__declares__ if isinstance(each, Listing))  # type: ignore[attr-defined]
    assert (listing.pages, listing.counts, listing.time_resolution) == (Windows(), False, timedelta(seconds=1))
    assert list(listing.joins) == ["session"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"timezone": "Zurich"}, "timezone"),
        ({"timezone": "../etc"}, "timezone"),
        ({"return_type": "csv"}, "return_type"),
        ({"user_keys": "x"}, "user_keys"),
        ({"tenant": None}, "tenant"),
    ],
)
def test_wrong_settings_are_refused_by_name(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BoxisSettings(**{**CREDENTIALS, **wrong})
    assert [error["loc"] for error in caught.value.errors()] == [(named,)]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (date(2018, 2, 6), "2018-02-05T23:00:00+00:00"),
        ("2018-02-06", "2018-02-05T23:00:00+00:00"),
        (datetime(2018, 7, 6, 12), "2018-07-06T10:00:00+00:00"),
        (datetime(2018, 7, 6, 12, tzinfo=UTC), "2018-07-06T12:00:00+00:00"),
    ],
)
def test_the_start_of_history_without_a_zone_is_local(given: Any, read: str) -> None:
    start = BoxisSettings(**CREDENTIALS, history_start=given).history_start  # type: ignore[arg-type]
    assert start.isoformat() == read


def test_no_repr_holds_the_key() -> None:
    assert "0000secret0000" not in repr(BoxisSettings(**{**CREDENTIALS, "user_key": "0000secret0000"}))  # type: ignore[arg-type]
