"""Web pages that npm builds into `dist/` beside their package. The gateway serves them itself: they work without internet access."""

from collections.abc import Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Monaco lays out its lines with generated style elements and attributes.
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self'",
    # Monaco draws its squiggles and arrows as data: images.
    "img-src": "'self' data:",
    "media-src": "'self'",
    # Since CSP level 3 'self' covers the WebSocket of the same host and port.
    "connect-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    # At the same URL, GraphQL clients get JSON.
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
# Every file name under assets/ contains a hash of the content.
ASSET_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}
NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>TelegraphQL</title></head>
<body>
<h1>{title} is not built</h1>
<p>Its files are built from npm: run <code>make assets</code>, then load this page again.</p>
<p>The GraphQL endpoint itself works: post your queries to <code>/graphql</code>.</p>
</body>
</html>
"""


def page_headers(origins: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of a page that may ask these origins beside our own."""
    policy = CONTENT_SECURITY_POLICY | {"connect-src": " ".join(["'self'", *origins])}
    return PAGE_HEADERS | {"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items())}


class _Assets(StaticFiles):
    async def check_config(self) -> None:
        """Accept a missing directory: the page says what to do about it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(ASSET_HEADERS)
        return response


class WebPage:
    """A built page: its HTML at `path`, its other files at `/NAME/assets`.

    Attributes:
        name: The page's name in its paths, and in the configuration.
        dist: The folder of its built files.
    """

    def __init__(self, name: str, title: str, path: str, package: str) -> None:
        self.name, self._title, self._path = name, title, path
        self.dist = Path(package).with_name("dist")

    async def respond(self, request: Request, origins: Sequence[str] = ()) -> Response:
        """Return the page, which may ask these origins beside our own, or instructions to build it.

        Raises:
            HTTPException: The page is disabled.
        """
        if not getattr(request.app.state, "serves_page", lambda _: True)(self.name):
            raise HTTPException(404)
        index = self.dist / "index.html"
        if index.is_file():
            return FileResponse(index, media_type="text/html", headers=page_headers(origins))
        return HTMLResponse(NOT_BUILT.format(title=self._title), status_code=503, headers=page_headers(origins))

    async def _page(self, request: Request) -> Response:
        return await self.respond(request)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the page and of its files."""
        return [
            Route(self._path, self._page),
            Mount(f"/{self.name}/assets", _Assets(directory=self.dist / "assets", check_dir=False)),
        ]
