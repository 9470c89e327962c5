"""Shortcut: nearly every request is one of GraphQL's, and need not go through the table of routes."""

from starlette.types import ASGIApp, Receive, Scope, Send


class FastRoute:
    """ASGI before the routes: requests to one path, by the methods that its app knows, are its app's."""

    def __init__(self, app: ASGIApp, path: str, methods: tuple[str, ...], to: ASGIApp) -> None:
        self._app, self._path, self._methods, self._to = app, path, methods, to

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        short = scope["type"] == "http" and scope["path"] == self._path and scope["method"] in self._methods
        await (self._to if short else self._app)(scope, receive, send)
