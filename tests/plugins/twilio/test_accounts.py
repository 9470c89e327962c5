"""Accounts: API keys and auth tokens, subaccounts, and hosts of other regions."""

from typing import Any

import httpx
import pytest

from telegraphql.gateway.errors import Unauthorized
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.gateway.upstream.http_transport import Client
from telegraphql.plugin import ListRequest, Page
from telegraphql.plugins.twilio import Twilio
from telegraphql.plugins.twilio.sandbox import TwilioSandbox
from telegraphql.plugins.twilio.sandbox.data import ACCOUNT, SUBACCOUNT
from tests.plugins.conftest import Served

KEY = {"username": TwilioSandbox.api_key, "password": TwilioSandbox.api_key_secret}
TOKEN = {"username": ACCOUNT, "password": TwilioSandbox.auth_token}


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (KEY | {"account_sid": ACCOUNT}, "calls"),
        (TOKEN | {"account_sid": None}, "calls"),
        (TOKEN | {"account_sid": SUBACCOUNT}, "subaccount_calls"),
        (KEY | {"account_sid": SUBACCOUNT}, "subaccount_calls"),
    ],
    ids=["key", "token", "subaccount by token", "subaccount by key"],
)
async def test_credentials_read_the_account_that_is_named(served: Served, connect: Any, table: dict[str, Any], kind: str) -> None:
    page = await connect(served, **table).calls(ListRequest(size=1000))
    assert {record.native_id for record in page.records} == {row["sid"] for row in served.truth(kind)}
    assert page.read > 5


async def test_a_wrong_secret_is_named(served: Served, connect: Any) -> None:
    with pytest.raises(Unauthorized, match="check the settings `username`, `password`"):
        await connect(served, **KEY | {"password": "wrong"}).check()


async def test_all_requests_go_to_the_host_of_the_region() -> None:
    sent: list[httpx.URL] = []
    folder = f"/2010-04-01/Accounts/{ACCOUNT}"

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url)
        following = f"{folder}/Calls.json?PageSize=1&Page=1&PageToken=PA1" if len(sent) == 1 else None
        return httpx.Response(200, json={"calls": [], "next_page_uri": following})

    base = "https://api.dublin.ie1.twilio.com"
    upstream = Upstream(Client(httpx.MockTransport(answer)), base)
    provider = Twilio("eu", Twilio.settings_type(base_url=base, **TOKEN), upstream, Numbering(None))
    provider.upstream.provider = provider
    first: Page = await provider.calls(ListRequest(size=1))
    await provider.calls(ListRequest(size=1, next=first.next))
    download = await provider.recording_media("RE1")
    assert [(url.host, url.path) for url in sent] == [("api.dublin.ie1.twilio.com", f"{folder}/Calls.json")] * 2
    assert (download.request.path, download.request.host) == (f"{folder}/Recordings/RE1.mp3", "base_url")
