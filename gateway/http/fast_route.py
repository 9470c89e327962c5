"""A route that is checked before all others: almost every request is a GraphQL request."""

from starlette.types import ASGIApp, Receive, Scope, Send


class FastRoute:
    """ASGI middleware that sends requests with one path and certain methods directly to their endpoint."""

    def __init__(self, app: ASGIApp, path: str, methods: tuple[str, ...], endpoint: ASGIApp) -> None:
        self._app, self._path, self._methods, self._endpoint = app, path, methods, endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        matches = scope["type"] == "http" and scope["path"] == self._path and scope["method"] in self._methods
        await (self._endpoint if matches else self._app)(scope, receive, send)
