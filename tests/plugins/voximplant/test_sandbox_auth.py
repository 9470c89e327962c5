"""Who the sandbox answers: tokens, API keys, and files in secure storage."""

import time
from typing import Any

import httpx
import jwt
import pytest

from telegraphql.gateway.plugin.sandbox import Row
from tests.plugins.voximplant.conftest import WIDE, token


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 3601}, 454),
        ({"iat": 600, "exp": 900}, 455),
        ({"iat": -600, "exp": -300}, 456),
        ({"iat": None}, 447),
        ({"exp": None}, 447),
        ({"iss": None}, 447),
        ({"iss": "77"}, 100),
    ],
)
async def test_tokens_are_checked_strictly(client: httpx.AsyncClient, served: Any, claims: Row, code: int) -> None:
    now = int(time.time())
    moved = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}
    answer = await client.post("/platform_api/GetCallHistory/", data=WIDE, headers=token(served, **moved))
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, code)


async def test_other_credentials_are_refused(client: httpx.AsyncClient, served: Any, credentials: Row) -> None:
    key = served.sandbox.key
    pem = b"s" * 32
    cases: list[tuple[dict[str, str], int]] = [
        ({"Authorization": "Bearer nonsense"}, 447),
        ({"Authorization": "Basic eDp5"}, 100),
        ({"Authorization": f"Bearer {jwt.encode({'iss': '1'}, pem, 'HS256', headers={'kid': key.key_id})}"}, 447),
        ({"Authorization": f"Bearer {jwt.encode({'iss': '1'}, key.private, 'RS256', headers={'kid': 'x'})}"}, 100),
        ({}, 100),
    ]
    for headers, code in cases:
        answer = await client.post("/platform_api/GetCallHistory/", data=WIDE, headers=headers)
        assert answer.json()["error"]["code"] == code
    wrong = await client.post("/platform_api/GetCallHistory/", data={**credentials, "api_key": "x"})
    assert wrong.json()["error"]["code"] == 100


async def test_files_are_kept_from_strangers(client: httpx.AsyncClient, served: Any, credentials: Row) -> None:
    kept = [row for row in served.truth("recordings") if not row.get("is_removed")]
    secure = next(row["record_url"] for row in kept if "-secure/" in row["record_url"])
    refused = await client.get(secure)
    assert (refused.status_code, refused.text, refused.headers["content-type"]) == (401, "Unauthorized", "text/plain; charset=utf-8")
    assert (await client.get(secure, headers=token(served))).status_code == 200
    assert (await client.get(httpx.URL(secure).copy_merge_params(credentials))).status_code == 200
    open_one = next(row["record_url"] for row in kept if "-secure/" not in row["record_url"] and "1.2.3.4" not in row["record_url"])
    assert (await client.get(open_one)).status_code == 200
    assert (await client.get("/records/nothing.mp3")).status_code == 404
    assert (await client.get("/voxdata-us-acme-logs/nothing.log")).status_code == 404
    text = next(row["transcription_url"] for row in served.truth("recordings") if "transcription_url" in row)
    assert [(await client.get(text, headers=headers)).status_code for headers in ({}, token(served))] == [401, 404]
    assert served.journal()[-1]["operation"] == "GET /transcriptions"


def test_the_key_file_is_for_its_owner_only(served: Any) -> None:
    path = served.folder / "voximplant-key.json"
    assert served.sandbox.configuration(served.folder)["credentials_file"] == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
