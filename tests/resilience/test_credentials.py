"""Credentials: what runs out is renewed once and the work goes on; what is wrong is told, and not tried again and again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from telegraphql.plugins.voipstudio.sandbox.sample_values import LOGIN, PASSWORD
from telegraphql.plugins.voximplant.sandbox.errors import INVALID_TOKEN_TTL, TOKEN_EXPIRED, TOKEN_FROM_FUTURE, ErrorReply
from tests.resilience.simulated_gateway import REST, SLACK, Clients, Place, place

CROWD, QUERIES, FEW = 20, 50, 25
# Requests of one try: signing in, what is asked, and both again with new credentials.
TRY = 4


@pytest.fixture(scope="module")
def signing_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """VoIPstudio with an e-mail address and a password, whose tokens run out."""
    login = {"api_token": None, "email": LOGIN, "password": PASSWORD}
    with place(tmp_path_factory.mktemp("signing-in"), voipstudio=login) as made:
        yield made


@pytest.fixture
async def clients(signing_in: Place) -> AsyncIterator[Clients]:
    async with signing_in.clients() as asking:
        await asking.recover(within=10)
        signing_in.forget()
        yield asking
    signing_in.behave()
    assert signing_in.ears.leaks == []


@pytest.fixture
def renewals(signing_in: Place, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The providers whose credentials were renewed."""
    found: list[str] = []

    def counting(name: str, renew: Callable[[], Any]) -> Callable[[], Any]:
        def counted() -> Any:
            found.append(name)
            return renew()

        return counted

    for name, serving in signing_in.world.engine.providers.items():
        monkeypatch.setattr(serving.provider, "renew", counting(name, serving.provider.renew), raising=False)
    return found


async def all_go_on(clients: Clients, name: str) -> None:
    """Many clients ask one provider at once, each for something else, and get it."""
    truth = clients.place.true_calls(name)
    answers = await asyncio.gather(*(clients.ask(first=number, providers=[name]) for number in range(10, 10 + CROWD)))
    for number, told in enumerate(answers, 10):
        assert told.keys == truth[:number]
        assert told.problems == []


def grants(place: Place) -> list[str]:
    journal = place.sandboxes["portsip"].journal
    return [entry["parameters"]["grant_type"] for entry in journal if "token" in entry["operation"]]


async def test_a_token_that_the_upstream_forgot_is_refreshed_once(clients: Clients, renewals: list[str]) -> None:
    clients.place.sandboxes["portsip"].tokens.access_tokens.clear()
    await all_go_on(clients, "portsip")
    assert renewals == ["portsip"]
    assert grants(clients.place) == ["refresh_token"]


async def test_a_token_that_runs_out_is_refreshed_once_before_it_is_refused(clients: Clients, renewals: list[str]) -> None:
    tokens = clients.place.sandboxes["portsip"].tokens
    tokens.access_tokens.clear()
    lifetime, tokens.lifetime = tokens.lifetime, 0.9
    await clients.ask(first=1)
    tokens.lifetime = lifetime
    await asyncio.sleep(0.9)
    clients.place.forget()
    await all_go_on(clients, "portsip")
    assert grants(clients.place) == ["refresh_token"]
    assert renewals == ["portsip"]


async def test_where_refreshing_is_refused_too_it_signs_in_again_once(clients: Clients) -> None:
    tokens = clients.place.sandboxes["portsip"].tokens
    tokens.access_tokens.clear()
    tokens.refresh_tokens.clear()
    await all_go_on(clients, "portsip")
    assert grants(clients.place) == ["refresh_token", "password"]


async def test_a_login_that_ran_out_is_made_once(clients: Clients, renewals: list[str]) -> None:
    clients.place.sandboxes["voipstudio"].logins.end_sessions()
    await all_go_on(clients, "voipstudio")
    assert renewals == ["voipstudio"]
    assert clients.place.asked("voipstudio", signing_in=True) == ["POST /login"]


@pytest.mark.parametrize("code", [INVALID_TOKEN_TTL, TOKEN_FROM_FUTURE, TOKEN_EXPIRED])
async def test_a_token_refused_for_its_time_is_signed_anew_once(
    clients: Clients, renewals: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = clients.place.sandboxes["voximplant"].state.authenticator
    caller = access.caller

    def picky(authorization: str | None, given: dict[str, str]) -> Any:
        if not renewals:
            raise ErrorReply(code, "The token's time is wrong.")
        return caller(authorization, given)

    monkeypatch.setattr(access, "caller", picky)
    await all_go_on(clients, "voximplant")
    assert renewals == ["voximplant"]
    assert len(clients.place.asked("voximplant")) <= 2 * CROWD


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_token_is_signed_by_the_clock_of_the_upstream(
    clients: Clients, renewals: list[str], hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telegraphql.plugins.voximplant.auth.time", SimpleNamespace(time=lambda: time.time() + 3600 * hours))
    signer = clients.place.world.engine.providers["voximplant"].provider._signer  # type: ignore[attr-defined]
    signer.forget()
    await all_go_on(clients, "voximplant")
    assert renewals == ["voximplant"]
    await all_go_on(clients, "voximplant")
    assert renewals == ["voximplant"]


@pytest.mark.parametrize("seconds", [-600, 7200])
async def test_a_clock_that_is_refused_is_set_once(
    clients: Clients, renewals: list[str], seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients.place.sandboxes["boxis"], "clock_offset", seconds)
    await all_go_on(clients, "boxis")
    assert renewals == ["boxis"]
    await all_go_on(clients, "boxis")
    assert renewals == ["boxis"]


def spoil(name: str, sandboxes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an upstream refuse credentials that were good, and give no new ones for them."""
    if name == "boxis":
        monkeypatch.setattr(sandboxes[name], "user_key", "another")
    elif name == "portsip":
        monkeypatch.setattr("telegraphql.plugins.portsip.sandbox.auth.PASSWORD", "another")
        sandboxes[name].tokens.access_tokens.clear()
        sandboxes[name].tokens.refresh_tokens.clear()
    elif name == "voipstudio":
        monkeypatch.setattr(sandboxes[name].logins, "log_in", lambda given: (401, {"message": "Invalid email or password"}))
        sandboxes[name].logins.end_sessions()
    else:
        monkeypatch.setattr(sandboxes[name].state.authenticator, "keys", {})


async def stays_refused(clients: Clients, name: str) -> None:
    """Many queries, one after the other, and few requests: a busy machine is slow, and each rest ends with a try."""
    place, began = clients.place, time.monotonic()
    for number in range(1, QUERIES + 1):
        told = await clients.ask(first=number, providers=[name, "boxis" if name != "boxis" else "portsip"])
        assert told.problems == [(name, "UNAUTHORIZED")]
    assert len(place.sandboxes[name].journal) <= FEW + TRY * (time.monotonic() - began) / REST


@pytest.mark.parametrize("name", ["boxis", "portsip", "voipstudio", "voximplant"])
async def test_bad_credentials_are_told_and_not_tried_again_and_again(clients: Clients, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as spoiling:
        spoil(name, clients.place.sandboxes, spoiling)
        await stays_refused(clients, name)
    await clients.recover(within=REST + 1 + SLACK)


async def test_a_token_that_is_refused_even_when_it_is_new_is_not_tried_again_and_again(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renewing succeeds each time, and never helps."""

    def refuse(authorization: str | None, given: dict[str, str]) -> Any:
        raise ErrorReply(TOKEN_EXPIRED, "The token is expired.")

    with monkeypatch.context() as refusing:
        refusing.setattr(clients.place.sandboxes["voximplant"].state.authenticator, "caller", refuse)
        await stays_refused(clients, "voximplant")
    await clients.recover(within=REST + 1 + SLACK)
