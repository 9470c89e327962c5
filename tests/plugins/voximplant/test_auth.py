import json
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import ValidationError

from telegraphql.gateway.errors import (
    BadAnswer,
    BadData,
    Expired,
    Forbidden,
    NotFound,
    RateLimited,
    RejectedInput,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.gateway.upstream.client import Answer, Request
from telegraphql.plugins.voximplant import auth
from telegraphql.plugins.voximplant.errors import RangeTooLong
from telegraphql.plugins.voximplant.sandbox.auth import SandboxServiceKey
from telegraphql.plugins.voximplant.settings import VoximplantSettings


@pytest.fixture(scope="module")
def records() -> int:
    return 20


def api_key(served: Any, account: int = 1) -> str:
    key: str = served.sandbox.state.authenticator.accounts[account].api_key
    return key


def refused(provider: Any, code: int, text: str = "Secret text", **headers: str) -> UpstreamError:
    body = json.dumps({"error": {"code": code, "msg": text}}).encode()
    found: UpstreamError = provider.refusal(Answer(200, body, headers))
    return found


async def test_a_token_is_what_the_vendor_asks_for_and_no_parameter(provider: Any, served: Any) -> None:
    request = Request(operation="GetCallHistory", form={"count": "1"})
    await provider.authorize(request)
    token = request.headers["Authorization"].removeprefix("Bearer ")
    key = served.sandbox.key
    claims = jwt.decode(token, key.private.public_key(), algorithms=["RS256"])
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": key.key_id, "typ": "JWT"}
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("1", 69)
    assert (request.form, request.params) == ({"count": "1"}, {})


async def test_a_token_is_used_again_while_it_lives(provider: Any) -> None:
    one, other = Request(operation="a"), Request(operation="b")
    await provider.authorize(one)
    await provider.authorize(other)
    assert one.headers == other.headers


async def test_an_api_key_goes_into_the_form_and_into_no_url(served: Any, connect: Callable[..., Any]) -> None:
    provider = connect(served, credentials_file=None, account_id=1, api_key=api_key(served))
    await provider.check()
    assert (await provider.session_list(ListRequest(size=1))).read == 1
    file = Request(operation="Recording.media", path="http://x/y")
    await provider.authorize(file)
    assert (file.headers, file.params, file.form) == ({}, {}, None)


async def test_wrong_credentials_are_unauthorized(served: Any, connect: Callable[..., Any]) -> None:
    wrong = connect(served, credentials_file=None, account_id="1", api_key="nonsense")
    with pytest.raises(Unauthorized, match=r"refused the credentials: check this provider's settings \(code 100\)"):
        await wrong.check()


async def test_a_strangers_key_is_unauthorized(served: Any, connect: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(replace(SandboxServiceKey.new(2, served.sandbox.key.key_id), account=1).file())
    with pytest.raises(Unauthorized, match="code 100"):
        await connect(served, credentials_file=str(path)).check()


async def test_a_parents_key_acts_for_a_child(served: Any, connect: Callable[..., Any]) -> None:
    page = await connect(served, account_id=2).session_list(ListRequest(size=1000))
    assert {record.native_id for record in page.records} == {str(row["call_session_history_id"]) for row in served.truth("childSessions")}


ROLES = {
    "Owner": {"calls", "transactions", "audit_entries", "queues"},
    "Admin": {"calls", "transactions", "queues"},
    "Developer": {"calls", "queues"},
    "Supervisor": {"calls", "queues"},
    "Support": {"calls", "queues"},
    "Accountant": {"transactions", "queues"},
    "Payer": {"transactions", "queues"},
}
MISSING = {
    "calls": "does not allow GetCallHistory: give the service account the role Owner, Admin, Developer, Supervisor or Support (code 104)",
    "transactions": "does not allow GetTransactionHistory: give the service account the role Owner, Admin, Accountant or Payer (code 104)",
    "audit_entries": "does not allow GetAuditLog: give the service account the role Owner (code 104)",
}


@pytest.mark.parametrize("role", ROLES)
async def test_a_missing_role_is_forbidden_and_named(served: Any, connect: Callable[..., Any], tmp_path: Path, role: str) -> None:
    key = SandboxServiceKey.new(1, f"key of {role}", role)
    served.sandbox.state.authenticator.keys[key.key_id] = key
    path = tmp_path / "key.json"
    path.write_text(key.file())
    provider = connect(served, credentials_file=str(path))
    for method in ("calls", "transactions", "audit_entries", "queues"):
        if method in ROLES[role]:
            assert (await getattr(provider, method)(ListRequest(size=1))).read == 1
            continue
        with pytest.raises(Forbidden) as raised:
            await getattr(provider, method)(ListRequest(size=1))
        assert (raised.value.message, raised.value.provider) == (MISSING[method], "voximplant")
    if "calls" in ROLES[role]:
        await provider.check()
    else:
        with pytest.raises(Forbidden, match="the role Owner, Admin, Developer, Supervisor or Support"):
            await provider.check()


@pytest.mark.parametrize("drift", [3600, -3600])
async def test_a_wrong_clock_is_set_by_the_upstreams_and_the_request_goes_on(
    served: Any, connect: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, drift: int
) -> None:
    provider = connect(served)
    real = time.time

    class Clock:
        time = staticmethod(lambda: real() + drift)

    monkeypatch.setattr(auth, "time", Clock)
    await provider.check()
    assert len(served.journal("GetCallHistory")) == 2
    await provider.check()
    assert len(served.journal("GetCallHistory")) == 3


async def test_a_token_that_ran_out_is_renewed(provider: Any, served: Any) -> None:
    key, claims = served.sandbox.key, {"iss": "1", "iat": 1, "exp": 2}
    provider._signer._token = jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.key_id})
    provider._signer._expires_at = time.time() + 1000
    await provider.check()
    assert len(served.journal("GetCallHistory")) == 2


def test_a_dead_token_refused_as_wrong_has_run_out(provider: Any) -> None:
    assert type(refused(provider, 100)) is Unauthorized
    _ = provider._signer.token
    assert type(refused(provider, 100)) is Unauthorized
    provider._signer._expires_at = time.time() - 1
    assert type(refused(provider, 100)) is Expired


async def test_an_api_key_cannot_be_renewed(served: Any, connect: Callable[..., Any]) -> None:
    provider = connect(served, credentials_file=None, account_id="1", api_key="k")
    with pytest.raises(Unauthorized):
        await provider.renew()


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((447,), Unauthorized),
        ((454, 455, 456), Expired),
        ((103, 104), Forbidden),
        ((162, 314, 340, 416, 484, 515), RateLimited),
        ((261, 341, 355, 356, 501, 557), NotFound),
        ((1, 2, 4), Unavailable),
        ((101, 111, 123, 429, 485, 9999), RejectedInput),
        ((569,), RangeTooLong),
        ((357,), BadData),
        ((150,), NotFound),
    ],
)
def test_every_code_is_an_error_that_quotes_nothing(provider: Any, codes: tuple[int, ...], kind: type[UpstreamError]) -> None:
    for code in codes:
        error = refused(provider, code)
        assert type(error) is kind or (code == 104 and isinstance(error, kind))
        assert f"(code {code})" in str(error) or kind is Expired
        assert "Secret text" not in repr(error) + str(error)


def test_waits_are_read(provider: Any) -> None:
    assert refused(provider, 416, "Repeat after 17 seconds").retry_after == 17
    assert refused(provider, 340, "Slow down", **{"retry-after": "5"}).retry_after == 5
    assert refused(provider, 340).retry_after is None
    assert refused(provider, 104, "in 9 seconds").retry_after is None


def test_the_body_decides_before_the_status(provider: Any) -> None:
    assert isinstance(provider.refusal(Answer(503, b'{"error":{"code":341,"msg":""}}', {})), NotFound)
    assert isinstance(provider.refusal(Answer(200, b'{"error":{"code":"456"}}', {"date": formatdate(usegmt=True)})), Expired)
    for body in (b"<html>error</html>", b'{"result":[{"error":{"code":24}}]}', b'{"error":null}', b'"error"', b""):
        assert provider.refusal(Answer(200, body, {})) is None


async def test_faults_have_the_right_errors(provider: Any, served: Any) -> None:
    for mode, kind in (("rate_limit", RateLimited), ("unauthorized", Unauthorized), ("html", BadAnswer), ("truncate", BadAnswer)):
        served.fault(mode=mode)
        with pytest.raises(kind):
            await provider.session_list(ListRequest(size=2))
    served.fault(status=503)
    with pytest.raises(Unavailable):
        await provider.session_list(ListRequest(size=2))


async def test_no_secret_is_shown(served: Any, connect: Callable[..., Any]) -> None:
    secret = api_key(served)
    provider = connect(served, credentials_file=None, account_id="1", api_key=secret)
    await provider.check()
    signing = connect(served)
    shown = [
        repr(provider.settings),
        repr(vars(provider)),
        repr(signing._signer),
        repr(signing._signer._account),
        json.dumps(served.journal()),
    ]
    assert not [text for text in shown if secret in text or "PRIVATE" in text]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "set either `credentials_file`, or `account_id` and `api_key`"),
        ({"account_id": "1"}, "set either `credentials_file`"),
        ({"api_key": "k"}, "`api_key` also needs `account_id`"),
        ({"api_key": "k", "account_id": "1", "credentials_file": "x"}, "set either"),
        ({"credentials_file": "/nowhere/key.json"}, "credentials_file cannot be read"),
        ({"credentials_file": __file__}, "credentials_file is not a service account's JSON"),
        ({"api_key": "k", "account_id": 1, "children_only": True}, "`children_only` also needs `child_account_id`"),
        ({"api_key": "k", "account_id": 1, "secure_file_hosts": ["x"]}, "`secure_file_hosts` has a host"),
        ({"api_key": "k", "account_id": 1, "nonsense": 1}, "nonsense"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError) as raised:
        VoximplantSettings(**given)
    assert complaint in str(raised.value)


def test_the_start_of_history_is_in_utc() -> None:
    settings = VoximplantSettings(account_id="1", api_key="k", history_start="2024-05-01")  # type: ignore[arg-type]
    assert settings.history_start.isoformat() == "2024-05-01T00:00:00+00:00"
    assert settings.base_url == "https://api.voximplant.com/platform_api"
