"""GraphQL's requests do not go through the table of routes; everything else does."""

import pytest
from starlette.types import Receive, Scope, Send

from telegraphql.gateway.http.app import FastRoute


@pytest.mark.parametrize(
    ("scope", "taken"),
    [
        ({"type": "http", "path": "/graphql", "method": "POST"}, "short"),
        ({"type": "http", "path": "/graphql", "method": "PUT"}, "long"),
        ({"type": "http", "path": "/graphql/", "method": "POST"}, "long"),
        ({"type": "http", "path": "/healthz", "method": "GET"}, "long"),
        ({"type": "websocket", "path": "/graphql"}, "long"),
        ({"type": "lifespan"}, "long"),
    ],
)
async def test_which_way_a_request_takes(scope: Scope, taken: str) -> None:
    ways: list[str] = []

    def way(name: str) -> object:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            ways.append(name)

        return app

    async def nothing(*_: object) -> None: ...

    await FastRoute(way("long"), "/graphql", ("GET", "POST"), way("short"))(scope, nothing, nothing)  # type: ignore[arg-type]
    assert ways == [taken]
