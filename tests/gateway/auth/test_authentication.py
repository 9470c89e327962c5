"""Who may call, and who still may."""

import time
from dataclasses import replace

import pytest

from telegraphql.gateway.auth.api_keys import new_key
from telegraphql.gateway.auth.authentication import Authentication
from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope
from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.errors import NotAllowed, Unauthenticated
from tests.gateway.auth.gateways import Callers


def gate(keys: Callers | None = None, **more: object) -> Authentication:
    return Authentication(CallersSettings.model_validate({"keys": keys or {}} | more), ("eu", "us"))


async def test_nobody_is_asked_where_no_callers_are_configured() -> None:
    assert [await gate().authenticate(credential) for credential in (None, "tgq_x", "")] == [LOCAL] * 3


async def test_a_key_is_its_caller() -> None:
    keys = Callers()
    mine, other = keys.add("acme", "read", providers=["eu"], redact=["native"]), keys.add("ops", "admin")
    made = gate(keys)
    acme, ops = await made.authenticate(mine), await made.authenticate(other)
    assert (acme.name, acme.scopes, acme.providers, acme.redacts_native) == ("acme", {Scope.READ}, {"eu"}, True)
    assert (ops.name, ops.scopes, ops.providers, ops.redacts_native) == ("ops", {Scope.ADMIN}, None, False)


@pytest.mark.parametrize("wrong", [None, "", "tgq_", new_key(), "a.b.c"], ids=["none", "empty", "short", "unknown", "token"])
async def test_nobody_else_is_let_in(wrong: str | None) -> None:
    keys = Callers()
    keys.add("acme", "read")
    with pytest.raises(Unauthenticated) as refused:
        await gate(keys).authenticate(wrong)
    assert refused.value.extensions == {"code": "UNAUTHENTICATED"}


async def test_unknown_expired_and_wrong_credentials_are_told_the_same() -> None:
    keys = Callers()
    expired = keys.add("old", "read", expires_at="2020-01-01T00:00:00Z")
    told = set()
    for wrong in (expired, new_key(), "a.b.c", ""):
        with pytest.raises(Unauthenticated) as refused:
            await gate(keys).authenticate(wrong)
        told.add(str(refused.value))
    assert len(told) == 1


async def test_anonymous_callers_are_those_without_credentials_never_those_with_wrong_ones() -> None:
    made = gate(anonymous=["read"])
    caller = await made.authenticate(None)
    assert (caller.name, caller.scopes) == ("anonymous", {Scope.READ})
    with pytest.raises(Unauthenticated):
        await made.authenticate("tgq_x")


async def test_a_caller_may_do_what_the_configuration_says_now() -> None:
    keys = Callers()
    key = keys.add("acme", "read", "write")
    caller = await gate(keys).authenticate(key)
    keys["acme"]["scopes"] = ["read"]
    assert gate(keys).refresh(caller).scopes == {Scope.READ}
    keys.add("acme", "read", "write")
    renewed = gate(keys).refresh(caller)
    assert (renewed.scopes, renewed.providers, renewed.redacts_personal) == (set(), set(), True)
    with pytest.raises(Unauthenticated):
        renewed.require(Scope.READ)


async def test_a_key_that_has_expired_is_nobodys() -> None:
    keys = Callers()
    key = keys.add("acme", "read", expires_at="2999-01-01T00:00:00Z")
    caller = await gate(keys).authenticate(key)
    keys["acme"]["expires_at"] = "2020-01-01T00:00:00Z"
    assert gate(keys).refresh(caller).expired is True


async def test_nobody_is_local_once_callers_are_configured() -> None:
    keys = Callers()
    keys.add("acme", "read")
    assert gate(keys).refresh(LOCAL).scopes == set()
    assert gate().refresh(LOCAL) is LOCAL


def test_a_scope_that_is_missing_is_named() -> None:
    with pytest.raises(NotAllowed) as refused:
        Caller("acme", frozenset({Scope.READ})).require(Scope.WRITE)
    assert refused.value.extensions == {"code": "FORBIDDEN", "scope": "write"}


async def test_a_link_ends_with_the_credentials_that_it_was_made_for() -> None:
    keys = Callers()
    acme, _ = keys.add("acme", "read", "media", providers=["eu"]), keys.add("old", "media", expires_at="2020-01-01T00:00:00Z")
    made = gate(keys)
    stamp = (await made.authenticate(acme)).stamp
    assert await made.link_owner("acme", list(stamp)) == await made.authenticate(acme)
    for name in ("old", "gone", "local", "anonymous", "jwt:zoe"):
        assert await made.link_owner(name, stamp) is None
    keys.add("acme", "read", "media")
    assert await gate(keys).link_owner("acme", stamp) is None
    assert await gate().link_owner("local", ()) is LOCAL
    assert await gate().link_owner("acme", stamp) is None
    anonymous = await gate(anonymous=["media"]).authenticate(None)
    assert await gate(anonymous=["read"]).link_owner("anonymous", anonymous.stamp) == replace(anonymous, scopes=frozenset({Scope.READ}))


@pytest.mark.slow
async def test_a_lookup_costs_no_more_for_many_callers() -> None:
    keys = Callers()
    key = [keys.add(f"caller{number}", "read") for number in range(2000)][-1]
    made = gate(keys)
    began = time.perf_counter()
    for _ in range(1000):
        await made.authenticate(key)
    # A thousand of them take a few milliseconds; one hash of each key for each look-up would take minutes.
    assert time.perf_counter() - began < 5
