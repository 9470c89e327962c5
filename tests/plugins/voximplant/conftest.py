"""Helpers of several test modules: requests to the sandbox beside a provider, and sessions made of rows."""

import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import msgspec
import pytest

from telegraphql.gateway.plugin.provider import Page, Provider
from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.plugins.voximplant.mapping import Parts, sessions_with_parts
from telegraphql.schema import Problem, Session
from tests.support.coroutines import finished

ALL = Parts(True, True, True)
CALL: Row = {"call_id": 7, "start_time": "2026-11-01 10:00:05", "duration": 60, "incoming": True, "successful": True}
SESSION: Row = {"call_session_history_id": 3, "start_date": "2026-11-01 10:00:00", "duration": 90}
WIDE = {"from_date": "2012-01-01 00:00:00", "to_date": "2030-01-01 00:00:00"}


@pytest.fixture
async def client(served: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=served.sandbox.origin, timeout=10) as opened:
        yield opened


@pytest.fixture
def credentials(served: Any) -> Row:
    return {"account_id": "1", "api_key": served.sandbox.state.authenticator.accounts[1].api_key}


@pytest.fixture
def assembled(provider: Provider) -> Callable[..., tuple[Session, list[Problem]]]:
    def assemble(row: Row, parts: Parts = ALL) -> tuple[Session, list[Problem]]:
        page = finished(sessions_with_parts([msgspec.Raw(json.dumps(row).encode())], parts, provider))
        (session,) = page.records
        return session, page.problems

    return assemble


def token(served: Any, **claims: Any) -> dict[str, str]:
    now, key = int(time.time()), served.sandbox.key
    whole = {"iss": "1", "iat": now - 5, "exp": now + 60} | claims
    known = {name: value for name, value in whole.items() if value is not None}
    # PyJWT's own encoder refuses a numeric issuer, which one of the vendor's clients sends.
    signed = jwt.PyJWS().encode(json.dumps(known).encode(), key.private, "RS256", headers={"kid": key.key_id})
    return {"Authorization": f"Bearer {signed}"}


def ids(page: Page) -> list[str]:
    return [record.native_id for record in page.records]


def last_form(served: Any) -> Row:
    form: Row = served.journal()[-1]["parameters"]
    return form


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
