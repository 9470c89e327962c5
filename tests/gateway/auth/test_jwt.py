"""Tokens of an identity provider: taken only as configured, remembered while they are good, and no longer."""

import asyncio
import gzip
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response

from telegraphql.gateway.auth import jwt
from telegraphql.gateway.auth.authentication import Authentication
from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.errors import Unauthenticated, Unverifiable
from tests.gateway.auth.identity_provider import AUDIENCE, ISSUER, Issuer, forged, issuing


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


def gate(issuer: Issuer, **table: Any) -> Authentication:
    return Authentication(CallersSettings.model_validate(issuer.table(**table)), ("eu", "us"))


async def refused(gate: Authentication, token: str) -> None:
    with pytest.raises(Unauthenticated) as told:
        await gate.authenticate(token)
    assert not token or token not in str(told.value)


async def test_a_good_token_names_its_caller(issuer: Issuer) -> None:
    ends = int(time.time()) + 300
    caller = await gate(issuer).authenticate(issuer.token(sub="zoe", exp=ends))
    assert (caller.name, caller.scopes, caller.providers, caller.expires_at) == ("jwt:zoe", {Scope.READ}, None, ends)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_each_allowed_algorithm_is_taken(issuer: Issuer, algorithm: str) -> None:
    issuer.add("two", algorithm)
    assert (await gate(issuer).authenticate(issuer.token("two"))).name == "jwt:zoe"
    others = [each for each in ("RS256", "ES256", "EdDSA") if each != algorithm]
    await refused(gate(issuer, algorithms=others), issuer.token("two"))


CLAIMS: dict[str, dict[str, Any]] = {
    "of another issuer": {"iss": "https://other.example"},
    "for another audience": {"aud": "other"},
    "expired": {"exp": 1},
    "not yet good": {"nbf": 2**33},
    "without an end": {"exp": None},
    "of an end of 400 digits": {"exp": 10**400},
    "of an end after the year 9999": {"exp": 253_402_300_800},
    "of an end that is infinite": {"exp": float("inf")},
    "of an end that is no number": {"exp": float("nan")},
    "of an end that is a list": {"exp": [1]},
    "without an issuer": {"iss": None},
    "without an audience": {"aud": None},
    "without a subject": {"sub": None},
    "of an empty subject": {"sub": ""},
    "of a subject that breaks lines": {"sub": "zoe\nadmin"},
    "of a long subject": {"sub": "z" * 201},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
async def test_a_token_that_is_not_meant_for_us_is_refused(issuer: Issuer, claims: dict[str, Any]) -> None:
    made = gate(issuer)
    await made.authenticate(issuer.token())
    await refused(made, issuer.token(**claims))


async def test_a_changed_token_is_refused(issuer: Issuer) -> None:
    made, token = gate(issuer), issuer.token()
    await made.authenticate(token)
    head, claims, signature = token.split(".")
    changed = urlsafe_b64encode(json.dumps({"iss": ISSUER, "aud": AUDIENCE, "sub": "root", "exp": 2**33}).encode()).decode().rstrip("=")
    unsigned = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    public = json.dumps(issuer.published()["keys"][0])
    symmetric = urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode().rstrip("=")
    mac = urlsafe_b64encode(hmac.digest(public.encode(), f"{symmetric}.{changed}".encode(), "sha256")).decode().rstrip("=")
    for wrong in (
        f"{head}.{changed}.{signature}",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        f"{unsigned}.{changed}.",
        f"{symmetric}.{changed}.{mac}",
        forged(token, alg="RS256"),
        forged(token, alg="ES256"),
        forged(token, alg=["EdDSA"]),
        forged(token, kid=7),
        forged(token, kid="other"),
        "a.b.c",
        "..",
        "",
        "tgq_nobody",
    ):
        await refused(made, wrong)


async def test_a_key_of_one_type_is_never_used_as_one_of_another(issuer: Issuer) -> None:
    issuer.add("two", "RS256")
    published = issuer.published()
    for key in published["keys"]:
        key.pop("alg")
    issuer.answer = Response(json.dumps(published))
    made = gate(issuer)
    assert (await made.authenticate(issuer.token("two"))).name == "jwt:zoe"
    await refused(made, forged(issuer.token("two"), alg="ES256"))
    await refused(made, forged(issuer.token("two"), alg="EdDSA"))


async def test_keys_that_do_not_sign_are_not_taken(issuer: Issuer) -> None:
    rows = issuer.published()["keys"]
    shared = {"kty": "oct", "kid": "shared", "k": urlsafe_b64encode(b"x" * 32).decode()}
    issuer.answer = Response(json.dumps({"keys": [shared, rows[0] | {"use": "enc"}, {"kty": "RSA"}, 7]}))
    with pytest.raises(Unverifiable):
        await gate(issuer).authenticate(issuer.token())


SCOPES: dict[str, tuple[Any, set[str]]] = {
    "words": ("openid read media", {"read", "media"}),
    "a list": (["write", "profile"], {"write"}),
    "nothing of ours": ("openid", set()),
    "no words": ("", set()),
    "a number": (7, set()),
    "no claim": (None, {"read", "media"}),
}


@pytest.mark.parametrize(("said", "meant"), SCOPES.values(), ids=SCOPES)
async def test_scopes_come_from_their_claim_or_else_from_the_settings(issuer: Issuer, said: Any, meant: set[str]) -> None:
    made = gate(issuer, default_scopes=["read", "media"], scopes_claim="permissions", redact=["personal"])
    caller = await made.authenticate(issuer.token(permissions=said))
    assert ({each.value for each in caller.scopes}, caller.redacts_personal) == (meant, True)


SEEN: dict[str, tuple[dict[str, Any], Any, set[str] | None]] = {
    "no claim looked for": ({}, ["eu"], None),
    "at most these": ({"providers": ["eu"]}, None, {"eu"}),
    "a claim": ({"providers_claim": "accounts"}, ["eu", "of-others"], {"eu"}),
    "a claim as words": ({"providers_claim": "accounts"}, "eu us", {"eu", "us"}),
    "a claim beyond the most": ({"providers_claim": "accounts", "providers": ["us"]}, ["eu"], set()),
    "a claim that is missing": ({"providers_claim": "accounts"}, None, set()),
}


@pytest.mark.parametrize(("table", "said", "seen"), SEEN.values(), ids=SEEN)
async def test_providers_come_from_their_claim_and_never_beyond_the_settings(
    issuer: Issuer, table: dict[str, Any], said: Any, seen: set[str] | None
) -> None:
    caller = await gate(issuer, **table).authenticate(issuer.token(accounts=said))
    assert caller.providers == seen


async def test_a_token_is_verified_once_and_is_over_when_it_expires(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    made, token = gate(issuer), issuer.token(exp=int(time.time()) + 60)
    caller = await made.authenticate(token)
    with monkeypatch.context() as patched:
        patched.setattr(jwt.jwt, "decode", lambda *_, **__: pytest.fail("verified again"))
        assert await made.authenticate(token) is caller
    assert issuer.asked == 1
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    await refused(made, token)
    assert made.refresh(caller).scopes == set()


@pytest.mark.parametrize(
    "change",
    [{"providers": ["us"]}, {"redact": ["personal"]}, {"scopes_claim": "roles"}, {"default_scopes": []}, {"algorithms": ["ES256"]}],
    ids=str,
)
async def test_other_settings_of_tokens_end_what_a_caller_of_before_may_do(issuer: Issuer, change: dict[str, Any]) -> None:
    caller = await gate(issuer).authenticate(issuer.token())
    for same in (gate(issuer), gate(issuer, jwks_cooldown="1s")):
        for _ in range(2):  # before the keys are there, and after
            assert same.refresh(caller) == caller
            await same.link_owner("jwt:zoe", caller.stamp)
    renewed = gate(issuer, **change).refresh(caller)
    assert (renewed.scopes, renewed.providers) == (set(), set())


async def test_the_links_of_tokens_end_with_the_settings_and_the_key_that_they_were_made_with(issuer: Issuer) -> None:
    made = gate(issuer, jwks_refresh_interval="0.001ms", jwks_cooldown="0s")
    caller = await made.authenticate(issuer.token())
    owner = await made.link_owner("jwt:zoe", list(caller.stamp))
    assert owner is not None
    assert (owner.name, owner.scopes, owner.providers) == ("jwt:zoe", {Scope.MEDIA}, None)
    assert await gate(issuer, providers=["us"]).link_owner("jwt:zoe", caller.stamp) is None
    assert await made.link_owner("jwt:zoe", ()) is None
    # The same id, and another key.
    issuer.add("one")
    assert await made.link_owner("jwt:zoe", caller.stamp) is None


async def test_a_withdrawn_key_ends_what_a_caller_of_before_may_do(issuer: Issuer) -> None:
    made = gate(issuer, jwks_refresh_interval="0.001ms", jwks_cooldown="0s")
    caller = await made.authenticate(issuer.token())
    assert made.refresh(caller) is caller
    issuer.keys.clear()
    issuer.add("two")
    # The keys are fetched in the background: whoever asks meanwhile has the rights of before.
    assert made.refresh(caller) is caller
    deadline = time.monotonic() + 5
    while made.refresh(caller) is caller:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert made.refresh(caller).scopes == set()


async def test_the_cache_is_bounded(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwt, "MAX_CACHED", 3)
    made = gate(issuer)
    for number in range(10):
        await made.authenticate(issuer.token(sub=f"user{number}"))
    assert made._jwt is not None
    remembered: dict[bytes, Caller] = made._jwt._cache
    assert [caller.name for caller in remembered.values()] == ["jwt:user7", "jwt:user8", "jwt:user9"]
    assert [len(mark) for mark in remembered] == [sha256().digest_size] * 3


async def test_a_rotated_key_is_fetched_and_the_withdrawn_ones_tokens_end(issuer: Issuer) -> None:
    made, old = gate(issuer, jwks_cooldown="0s"), issuer.token()
    await made.authenticate(old)
    del issuer.keys["one"]
    issuer.add("two", "ES256")
    assert (await made.authenticate(issuer.token("two"))).name == "jwt:zoe"
    await refused(made, old)


async def test_unknown_keys_do_not_make_us_fetch_all_the_time(issuer: Issuer) -> None:
    made = gate(issuer, jwks_cooldown="1h")
    token = issuer.token()
    await made.authenticate(token)
    for number in range(20):
        await refused(made, forged(token, kid=f"unknown{number}"))
    assert issuer.asked == 1


async def test_keys_that_have_aged_are_fetched_again(issuer: Issuer) -> None:
    made, token = gate(issuer, jwks_refresh_interval="0.001ms", jwks_cooldown="0s"), issuer.token()
    await made.authenticate(token)
    asked = issuer.asked
    await made.authenticate(token)
    assert issuer.asked > asked
    issuer.keys.clear()
    issuer.add("two")
    await refused(made, token)


NO_ID = '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": []}'
ODD_NUMBERS = '{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "one"}, {"kty": "EC", "crv": "P-256", "x": 1, "y": {}}'
BAD_DAYS = {
    "status": Response("down", 503),
    "html": Response("<html>", 200),
    "no keys": Response('{"keys": []}'),
    "a list": Response("[]"),
    "packed twice": Response(gzip.compress(gzip.compress(b"0" * 9_000_000)), headers={"content-encoding": "gzip, gzip"}),
    "a bomb": Response(gzip.compress(b"0" * 9_000_000), headers={"content-encoding": "gzip"}),
    "deep": Response("[" * 900_000),
    "no text": Response(b'{"keys": ["\xff"]}'),
    "a key of no id": Response('{"keys": [' + NO_ID + "]}"),
    "odd numbers": Response('{"keys": [' + ODD_NUMBERS + "]}"),
    "too long": Response(b" " * (1024 * 1024 + 1)),
    "elsewhere": RedirectResponse("http://127.0.0.1:9/keys"),
}


@pytest.mark.parametrize("answer", BAD_DAYS.values(), ids=BAD_DAYS)
async def test_an_outage_of_the_issuer_is_survived(issuer: Issuer, answer: Response, caplog: pytest.LogCaptureFixture) -> None:
    made, token = gate(issuer, jwks_refresh_interval="0.001ms", jwks_cooldown="0s"), issuer.token()
    await made.authenticate(token)
    issuer.answer = answer
    assert (await made.authenticate(token)).name == "jwt:zoe"
    assert (await made.authenticate(issuer.token(sub="new"))).name == "jwt:new"
    with pytest.raises(Unverifiable) as told:
        await gate(issuer).authenticate(token)
    assert told.value.extensions == {"code": "UNAVAILABLE"}
    assert issuer.url not in caplog.text + str(told.value)


async def test_a_file_of_keys_needs_no_network(issuer: Issuer, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(issuer.published()))
    made = gate(issuer, jwks_url=None, jwks_file=str(path))
    assert (await made.authenticate(issuer.token())).name == "jwt:zoe"
    await refused(made, forged(issuer.token(), kid="other"))
    assert issuer.asked == 0
