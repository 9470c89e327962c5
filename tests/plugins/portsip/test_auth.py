"""PortSIP: signing in, renewing, being refused - and no secret in any text."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from telegraphql.gateway.errors import (
    BadAnswer,
    Expired,
    Forbidden,
    NotFound,
    RateLimited,
    RejectedInput,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest
from telegraphql.gateway.upstream.client import Answer
from telegraphql.plugins.portsip.sandbox import auth, examples
from telegraphql.plugins.portsip.settings import PortsipSettings

LOGIN = "POST /login/oauth/token"
SECRETS = (auth.PASSWORD, "wrong-password", "stale-token")
BASE = {"base_url": "https://pbx.example.com:8887/api"}


@pytest.fixture(scope="module")
def records() -> int:
    return 10


@pytest.fixture(autouse=True)
def healed(served: Any) -> Any:
    yield
    served.sandbox.tokens.lifetime = auth.LIFETIME
    served.sandbox.tokens.logins = auth.LOGINS_22


def grants(served: Any) -> list[str]:
    return [row["parameters"]["grant_type"] for row in served.journal(LOGIN)]


async def test_one_sign_in_serves_all_requests(served: Any, provider: Any) -> None:
    await asyncio.gather(*(provider.calls(ListRequest(size=size)) for size in range(1, 6)))
    assert grants(served) == ["password"]
    assert served.journal(LOGIN)[0]["parameters"] == {"grant_type": "password"}
    assert len(served.journal("GET /calllogs")) == 5


async def test_a_system_administrator_has_no_domain(served: Any, connect: Callable[..., Any]) -> None:
    await connect(served, username="sysadmin", domain=None).check()
    assert grants(served) == ["password"]


async def test_a_given_token_is_used_and_never_renewed(served: Any, connect: Callable[..., Any]) -> None:
    token = served.sandbox.tokens.issue(auth.USERS[0])["access_token"]
    alone = {"username": None, "password": None, "domain": None}
    await connect(served, token=token, **alone).check()
    with pytest.raises(Unauthorized, match="set a new `token`") as caught:
        await connect(served, token="stale-token", **alone).check()
    assert (grants(served), caught.value.provider) == ([], "portsip")
    assert "stale-token" not in str(caught.value) + repr(caught.value)


async def test_a_token_is_refreshed_before_it_runs_out(served: Any, provider: Any) -> None:
    served.sandbox.tokens.lifetime = 0.2
    await provider.check()
    await asyncio.sleep(0.19)
    await provider.check()
    assert grants(served) == ["password", "refresh_token"]
    assert len(served.journal("GET /calllogs")) == 2


async def test_a_revoked_token_is_refreshed_once_and_the_request_goes_on(served: Any, provider: Any) -> None:
    await provider.check()
    served.sandbox.tokens.access_tokens.clear()
    pages = await asyncio.gather(*(provider.calls(ListRequest(size=size)) for size in range(1, 5)))
    assert [page.read for page in pages] == [1, 2, 3, 4]
    assert grants(served) == ["password", "refresh_token"]


async def test_without_a_good_refresh_token_it_signs_in_again(served: Any, provider: Any) -> None:
    await provider.check()
    served.sandbox.tokens.access_tokens.clear()
    served.sandbox.tokens.refresh_tokens.clear()
    await provider.check()
    assert grants(served) == ["password", "refresh_token", "password"]


def sign_ins(served: Any) -> list[str]:
    return [row["operation"] for row in served.journal() if row["method"] == "POST"]


@pytest.mark.parametrize(
    ("paths", "tried"),
    [
        (auth.LOGINS_22, [LOGIN]),
        (frozenset({"/auth/sign_in"}), [LOGIN, "POST /auth/sign_in"]),
        (auth.LOGINS_16, [LOGIN, "POST /auth/sign_in", "POST /tokens"]),
    ],
)
async def test_the_sign_in_that_a_pbx_has_is_found_once_and_remembered(
    served: Any, provider: Any, paths: frozenset[str], tried: list[str]
) -> None:
    served.sandbox.tokens.logins = paths
    await asyncio.gather(*(provider.calls(ListRequest(size=size)) for size in range(1, 4)))
    assert sign_ins(served) == tried
    served.forget()
    served.sandbox.tokens.access_tokens.clear()
    served.sandbox.tokens.refresh_tokens.clear()
    await provider.check()
    assert sign_ins(served) == (tried * 2 if tried == [LOGIN] else tried[-1:])


async def test_an_extension_signs_in_by_its_number(served: Any, connect: Callable[..., Any]) -> None:
    served.sandbox.tokens.logins = auth.LOGINS_16
    manager = connect(served, username="130")
    await manager.check()
    assert sign_ins(served)[2:] == ["POST /tokens", "POST /tokens/by_extension"]
    with pytest.raises(Unauthorized, match="check the settings `username`, `password` and `domain`"):
        await connect(served, username="130", password="wrong-password").check()


async def test_an_upgraded_pbx_is_signed_in_to_by_its_new_method(served: Any, provider: Any) -> None:
    served.sandbox.tokens.logins = auth.LOGINS_16
    await provider.check()
    served.sandbox.tokens.logins = auth.LOGINS_22
    served.sandbox.tokens.access_tokens.clear()
    served.forget()
    await provider.check()
    assert sign_ins(served) == ["POST /tokens", LOGIN]


async def test_an_address_without_any_sign_in_names_the_setting(served: Any, provider: Any) -> None:
    served.sandbox.tokens.logins = frozenset()
    with pytest.raises(BadAnswer, match="check the setting `base_url`, which ends in /api"):
        await provider.check()
    assert len(sign_ins(served)) == 4


async def test_a_second_factor_is_told_apart_from_a_wrong_password(served: Any, connect: Callable[..., Any]) -> None:
    served.sandbox.tokens.logins = frozenset({"/auth/sign_in"})
    with pytest.raises(Unauthorized, match="asks for a second factor"):
        await connect(served, username="guarded").check()


@pytest.mark.parametrize("paths", [auth.LOGINS_22, auth.LOGINS_16])
@pytest.mark.parametrize("wrong", [{"password": "wrong-password"}, {"username": "nobody"}, {"domain": "elsewhere.example"}])
async def test_a_refused_password_is_tried_once(
    served: Any, connect: Callable[..., Any], paths: frozenset[str], wrong: dict[str, str]
) -> None:
    served.sandbox.tokens.logins = paths
    with pytest.raises(Unauthorized, match="check the settings `username`, `password` and `domain`"):
        await connect(served, **wrong).check()
    assert len([each for each in sign_ins(served) if each.removeprefix("POST ") in paths]) == 1


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong-password"}, {"username": "nobody"}, {"domain": "elsewhere.example"}, {"username": "guarded"}]
)
async def test_a_refused_sign_in_names_the_settings(served: Any, connect: Callable[..., Any], wrong: dict[str, str]) -> None:
    with pytest.raises(Unauthorized, match="check the settings `username`, `password` and `domain`") as caught:
        await connect(served, **wrong).check()
    assert not any(secret in str(caught.value) + repr(caught.value) for secret in SECRETS)


async def test_a_user_who_may_not_see_the_tenant_is_forbidden(served: Any, connect: Callable[..., Any]) -> None:
    with pytest.raises(Forbidden):
        await connect(served, username="101").check()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"mode": "unauthorized"}, Unauthorized),
        ({"mode": "rate_limit"}, RateLimited),
        ({"mode": "status", "status": 503}, Unavailable),
        ({"mode": "status", "status": 504}, TimedOut),
        ({"mode": "status", "status": 404}, NotFound),
        ({"mode": "html"}, BadAnswer),
        ({"mode": "truncate"}, BadAnswer),
        ({"mode": "drop"}, Unavailable),
    ],
)
async def test_every_bad_day_has_its_error(served: Any, provider: Any, fault: dict[str, Any], error: type[UpstreamError]) -> None:
    await provider.check()
    served.fault(**fault)
    with pytest.raises(error) as caught:
        await provider.calls(ListRequest())
    # What is found out while decoding is named by the engine.
    assert caught.value.provider in ("", "portsip")
    assert not any(secret in str(caught.value) for secret in (*SECRETS, "http", "calllogs"))


async def test_a_detail_that_is_not_there_is_left_out_but_a_broken_one_is_told(served: Any, provider: Any) -> None:
    assert [*(await provider.recording(GetRequest(keys=["1"]))).records] == []
    served.fault(mode="truncate")
    for get, key in ((provider.recording, examples.RECORDING["id"]), (provider.session, examples.ID), (provider.call, examples.ID)):
        with pytest.raises(BadAnswer):
            await get(GetRequest(keys=[key]))


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "UNAUTHORIZED", Unauthorized),
        (401, "UNAUTHORIZED", Expired),
        (400, "VALIDATE_FAILED", RejectedInput),
        (403, "FORBIDDEN", Forbidden),
        (404, "NOT_FOUND", NotFound),
        (409, "RESOURCE_IN_USE", RejectedInput),
        (403, "LICENSE_MODULE_UNAVAILABLE", Forbidden),
        (403, "LICENSE_TENANT_MODULE_REQUIRED", Forbidden),
        (409, "LICENSE_EXTENSION_IN_USE", RejectedInput),
        (503, "LICENSE_SNAPSHOT_UNAVAILABLE", Unavailable),
    ],
)
def test_every_known_code_has_its_error(provider: Any, status: int, code: str, error: type[UpstreamError]) -> None:
    body = b'{"errors":[{"code":"%s","message":"caller 101 and stale-token","detail":{"x":1}}]}' % code.encode()
    found = provider.refusal(Answer(status, body, {}))
    assert type(found) is error
    assert "stale-token" not in str(found)


@pytest.mark.parametrize("body", [b'{"errors":[{"code":"UNKNOWN","message":"x"}]}', b'{"errors":[]}', b"<html>", b""])
def test_unknown_codes_are_left_to_the_status(provider: Any, body: bytes) -> None:
    assert provider.refusal(Answer(400, body, {})) is None
    assert provider.refusal(Answer(200, body, {})) is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "set `username` and `password`"),
        ({"username": "admin"}, "set `username` and `password`"),
        ({"password": "wrong-password", "domain": "x"}, "set `username` and `password`"),
        ({"token": "stale-token", "username": "admin", "password": "wrong-password"}, "set either `token`, or `username`"),
        ({"token": "stale-token", "pasword": "wrong-password"}, "pasword"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_without_showing_them(given: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        PortsipSettings(**BASE, **given)  # type: ignore[arg-type]
    assert not any(secret in str(caught.value) for secret in SECRETS)


def test_settings_need_an_address_and_hide_their_secrets() -> None:
    with pytest.raises(ValidationError, match="base_url"):
        PortsipSettings(token="stale-token")  # type: ignore[arg-type, call-arg]
    assert "stale-token" not in repr(PortsipSettings(**BASE, token="stale-token"))  # type: ignore[arg-type]
