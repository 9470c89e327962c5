"""VoIPstudio: settings, credentials, and what refusals become."""

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import BadAnswer, Expired, Forbidden, RateLimited, TimedOut, Unauthorized, Unavailable, UpstreamError
from telegraphql.gateway.http.provider_checks import check_idle_providers
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Provider
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Answer, Request
from telegraphql.plugins.voipstudio import Voipstudio
from telegraphql.plugins.voipstudio.sandbox.sample_values import LOGIN, PASSWORD
from telegraphql.plugins.voipstudio.settings import VoipstudioSettings
from tests.plugins.conftest import Served

BY_LOGIN = {"api_token": None, "email": LOGIN, "password": PASSWORD}


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "set either `api_token`, or `email` and `password`"),
        ({"api_token": "s3cret", "email": "a@example.com", "password": "s3cret"}, "set either"),
        ({"email": "a@example.com"}, "set both `email` and `password`"),
        ({"api_token": "s3cret", "auth": "basic"}, '`auth = "basic"` needs `user_id` and `api_token`'),
        ({"user_id": "1", "auth": "basic", "email": "a@example.com", "password": "s3cret"}, '`auth = "basic"` needs'),
        ({"api_token": "s3cret", "version": "v9"}, "version"),
        ({"api_token": "s3cret", "page_size": 5001}, "page_size"),
        ({"api_token": "s3cret", "tokn": 1}, "tokn"),
    ],
)
def test_settings_that_contradict_themselves_are_refused_by_name(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as refused:
        VoipstudioSettings(**settings)
    assert complaint in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_no_secret_is_in_a_repr() -> None:
    settings = VoipstudioSettings(email="a@example.com", password="s3cret")
    assert "s3cret" not in repr(settings) + str(settings)


async def test_a_token_is_sent_in_its_header(provider: Provider, served: Served) -> None:
    request = Request(operation="GET /me")
    await provider.authorize(request)
    assert request.headers == {"X-Auth-Token": served.table()["api_token"]}
    await provider.check()


async def test_a_token_is_sent_as_basic(served: Served, connect: Callable[..., Provider]) -> None:
    provider = connect(served, auth="basic", user_id="1004567")
    request = Request(operation="GET /me")
    await provider.authorize(request)
    pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == f"1004567:{served.table()['api_token']}"
    await provider.check()


@pytest.mark.parametrize("settings", [{"api_token": "wr0ng"}, {"api_token": "wr0ng", "auth": "basic", "user_id": "1004567"}])
async def test_a_wrong_token_is_told_once_and_not_renewed(
    served: Served, connect: Callable[..., Provider], settings: dict[str, str]
) -> None:
    with pytest.raises(Unauthorized) as refused:
        await connect(served, **settings).check()
    assert not isinstance(refused.value, Expired)
    assert refused.value.message.startswith("refused the API token: check the settings `api_token`")
    assert "wr0ng" not in str(refused.value)
    assert [row["operation"] for row in served.journal()] == ["GET /me"]


async def test_a_login_is_made_when_needed_and_again_when_its_token_ran_out(served: Served, connect: Callable[..., Provider]) -> None:
    provider = connect(served, **BY_LOGIN)
    await provider.check()
    await provider.check()
    served.sandbox.logins.end_sessions()  # type: ignore[attr-defined]
    await provider.check()
    assert [row["operation"] for row in served.journal()] == ["POST /login", "GET /me", "GET /me", "GET /me", "POST /login", "GET /me"]
    assert all(row["parameters"] == {} for row in served.journal())


async def test_a_wrong_password_is_told_as_such(served: Served, connect: Callable[..., Provider]) -> None:
    with pytest.raises(Unauthorized, match="refused the login") as refused:
        await connect(served, **BY_LOGIN | {"password": "wr0ng"}).check()
    assert "wr0ng" not in str(refused.value)
    assert not isinstance(refused.value, Expired)


async def test_a_second_factor_is_asked_to_be_a_token(served: Served, connect: Callable[..., Provider]) -> None:
    served.sandbox.logins.two_factor = True  # type: ignore[attr-defined]
    try:
        with pytest.raises(Unauthorized, match="set `api_token` instead"):
            await connect(served, **BY_LOGIN).check()
    finally:
        served.sandbox.logins.two_factor = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"mode": "unauthorized"}, Unauthorized),
        ({"mode": "rate_limit"}, RateLimited),
        ({"mode": "html"}, BadAnswer),
        ({"mode": "truncate"}, BadAnswer),
        ({"mode": "drop"}, Unavailable),
        ({"status": 500}, Unavailable),
        ({"status": 503}, Unavailable),
        ({"status": 504}, TimedOut),
        ({"status": 403}, Forbidden),
    ],
)
async def test_a_failing_upstream_is_told_by_kind_and_in_our_words(
    provider: Voipstudio, served: Served, fault: dict[str, Any], error: type[UpstreamError]
) -> None:
    served.fault(**fault)
    with pytest.raises(error) as failed:
        await provider.calls(ListRequest())
    for secret in (served.table()["api_token"], served.url, "filter", "Too many", "Maintenance", "simulated"):
        assert secret not in str(failed.value)


def test_the_upstreams_words_are_never_passed_on(provider: Voipstudio) -> None:
    refusal = provider.refusal(Answer(401, b'{"message": "token abc of user 1004567 is unknown"}', {}))
    assert refusal is not None
    assert "abc" not in str(refusal)


async def test_a_foreign_record_is_forbidden(provider: Voipstudio) -> None:
    with pytest.raises(Forbidden):
        await provider.call(GetRequest(keys=["967"]))


@pytest.mark.parametrize(("idle_check", "is_alive"), [("40ms", True), ("1h", False)])
async def test_the_token_of_an_idle_provider_is_kept_alive(serve: Callable[..., Served], idle_check: str, is_alive: bool) -> None:
    served = serve(Voipstudio, records=10)
    tables = {"acme": served.table() | {"plugin": "voipstudio"}}
    server, cache = {"idle_check": idle_check}, {"enabled": False}
    runtime = Runtime.build(build_config({"providers": tables, "server": server, "cache": cache}, Path()))
    provider = runtime.providers["acme"].provider
    await provider.check()
    served.sandbox.logins.token_idle_seconds = 0.4  # type: ignore[attr-defined]
    keeper = asyncio.create_task(check_idle_providers(runtime))
    try:
        await asyncio.sleep(0.8)
        if is_alive:
            await provider.check()
        else:
            with pytest.raises(Unauthorized):
                await provider.check()
    finally:
        keeper.cancel()
        await runtime.aclose()
