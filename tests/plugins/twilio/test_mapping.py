"""Mapping: directions, outcomes and settings that an example of the documents does not show."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from telegraphql.plugin import CommandRequest, GetRequest, ListRequest, Provider
from telegraphql.plugins.twilio import mapping
from telegraphql.plugins.twilio.settings import MEDIA_HOSTS, TwilioSettings
from telegraphql.schema import CallDirection, NumberFilter
from tests.plugins.conftest import Served

ACCOUNT, KEY = "AC" + 32 * "a", "SK" + 32 * "b"


@pytest.mark.parametrize(
    ("word", "caller", "called", "meant"),
    [
        ("inbound", "+41446681800", "+41445055001", CallDirection.INBOUND),
        ("inbound", "client:ada", "", CallDirection.OUTBOUND),
        ("outbound-dial", "+41446681800", "client:ada", CallDirection.INBOUND),
        ("outbound-dial", "client:ada", "client:grace", CallDirection.INTERNAL),
        ("trunking-terminating", "+41445055001", "+41446681800", CallDirection.OUTBOUND),
        ("sideways", "+41446681800", None, CallDirection.UNKNOWN),
    ],
)
def test_a_client_is_a_user_of_the_company(word: str, caller: str, called: str | None, meant: CallDirection) -> None:
    assert mapping.direction(word, caller, called) is meant


@pytest.mark.parametrize(
    ("logged", "code", "said"),
    [
        ("url=https%3A%2F%2Fexample.com&Msg=Got+HTTP+404+response&LogLevel=ERROR", "11200", "Got HTTP 404 response (error 11200)"),
        ("Not found", "11200", "Not found (error 11200)"),
        ("Msg=", None, "Msg="),
        (None, "11200", "error 11200"),
        (None, None, None),
    ],
)
def test_a_notification_says_what_was_logged(logged: str | None, code: str | None, said: str | None) -> None:
    assert mapping.notification(logged, code) == said


@pytest.mark.parametrize(
    "table",
    [{"username": KEY}, {"username": "ada"}, {"username": KEY, "account_sid": "AC1"}, {"username": ACCOUNT, "account_sid": KEY}],
)
def test_settings_that_name_no_account_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TwilioSettings(password=SecretStr("secret"), **table)


def test_a_subaccount_is_read_with_the_credentials_of_its_parent() -> None:
    settings = TwilioSettings(
        username=ACCOUNT, password=SecretStr("secret"), account_sid="AC" + 32 * "c", file_hosts=("files.example.com",)
    )
    assert (settings.account, settings.file_hosts) == ("AC" + 32 * "c", ("files.example.com", *MEDIA_HOSTS))


@pytest.mark.parametrize("bare", [True, False])
async def test_a_number_is_sent_only_if_it_is_always_bare(served: Served, connect: Any, bare: bool) -> None:
    wanted = NumberFilter(equals=["+41446681800"], starts_with=None, contains=None)
    await connect(served, bare_numbers=bare).calls(ListRequest(size=5, filter={"to": wanted}))
    assert served.journal("GET /Calls")[-1]["parameters"] == {"PageSize": "5", **({"To": "+41446681800"} if bare else {})}


async def test_a_deleted_recording_is_gone(served: Served, provider: Provider) -> None:
    rows = served.truth("recordings")
    before, gone = len(rows), rows[0]["sid"]
    result = await provider.delete_recordings(CommandRequest(ids=[gone]))  # type: ignore[attr-defined]
    assert (result.done, len(rows), gone in {row["sid"] for row in rows}) == ([gone], before - 1, False)


async def test_a_session_is_the_parent_leg_and_those_that_it_dialed(served: Served, provider: Provider) -> None:
    child = next(row for row in served.truth("calls") if row["parent_call_sid"])
    page = await provider.legs(GetRequest(keys=[child["parent_call_sid"]]))  # type: ignore[attr-defined]
    family = {row["sid"] for row in served.truth("calls") if child["parent_call_sid"] in (row["sid"], row["parent_call_sid"])}
    assert {record.native_id for record in page.records} == family
