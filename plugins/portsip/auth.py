"""Authentication: a bearer token, given or issued by the login that this version of the PBX has, and renewed before it expires."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegraphql.plugin import BadData, NotFound, Request, Unauthorized, Upstream
from telegraphql.plugins.portsip.settings import PortsipSettings
from telegraphql.plugins.portsip.wire import TOKEN, Token

# The same for every PBX: it identifies the kind of client and is no secret.
CLIENT_ID = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a"
RENEW_BEFORE_SECONDS = 60.0
OAUTH = "/login/oauth/token"


@dataclass(frozen=True, eq=False)
class LoginMethod:
    """A path that issues tokens, and how it takes the credentials: as JSON, or as a form if it has `form_fields`."""

    path: str
    user_key: str = "username"
    form_fields: Mapping[str, str] | None = None

    def request(self, user: str, password: str, domain: str | None) -> Request:
        """Return the request for a token."""
        fields = {self.user_key: user, "password": password, **({"domain": domain} if domain else {})}
        body: dict[str, Any] = {"json": fields} if self.form_fields is None else {"form": fields | dict(self.form_fields)}
        return Request(operation=f"POST {self.path}", path=self.path, method="POST", auth=False, **body)


# In the order in which they are tried. Version 22 has the first two, version 16 the last two.
LOGIN_METHODS = (
    LoginMethod(OAUTH, form_fields={"grant_type": "password", "scope": "all", "client_id": CLIENT_ID}),
    LoginMethod("/auth/sign_in"),
    LoginMethod("/tokens"),
    LoginMethod("/tokens/by_extension", user_key="extension_number"),
)


class TokenSource:
    """Keeps the access token of one account, and the login method that its PBX has."""

    def __init__(self, settings: PortsipSettings, upstream: Upstream) -> None:
        self._settings = settings
        self._upstream = upstream
        self._token = Token(settings.token.get_secret_value()) if settings.token else None
        self._expires = float("inf")
        self._method: LoginMethod | None = None
        self._lock = asyncio.Lock()

    async def sign(self, request: Request) -> None:
        """Add the token to a request. A token that is about to expire is renewed first."""
        async with self._lock:
            if self._token is None or time.monotonic() >= self._expires:
                await self._renew()
            assert self._token is not None
            request.headers["Authorization"] = f"Bearer {self._token.access_token}"

    async def renew(self) -> None:
        """Get a new token, whatever the age of the old one."""
        async with self._lock:
            await self._renew()

    async def _renew(self) -> None:
        if self._settings.token is not None:
            raise Unauthorized("refused the token: set a new `token`, or use `username`, `password` and `domain`, whose tokens are renewed")
        token = await self._refresh() or await self._log_in()
        self._token = token
        self._expires = time.monotonic() + token.expires_in - min(RENEW_BEFORE_SECONDS, token.expires_in / 10)

    async def _refresh(self) -> Token | None:
        if self._token is None or not self._token.refresh_token or self._method is not LOGIN_METHODS[0]:
            return None
        form = {"grant_type": "refresh_token", "refresh_token": self._token.refresh_token, "client_id": CLIENT_ID}
        request = Request(operation=f"POST {OAUTH}", path=OAUTH, method="POST", form=form, auth=False)
        try:
            return await self._upstream.read(request, TOKEN)
        except Unauthorized:
            return None

    async def _log_in(self) -> Token:
        """Return a token by the first method that the PBX has. The method that worked before is tried first."""
        for method in dict.fromkeys([*([self._method] if self._method else []), *LOGIN_METHODS]):
            token = await self._token_by(method)
            if token is None:
                continue
            if not token.access_token:
                raise Unauthorized("asks for a second factor: use a login without one, or a `token`")
            self._method = method
            return token
        raise BadData("has no login at this URL: check the setting `base_url`, which ends in /api")

    async def _token_by(self, method: LoginMethod) -> Token | None:
        """Return a method's token, or None if the PBX does not have the method, or if the next one is for extension numbers."""
        settings = self._settings
        assert settings.username is not None
        assert settings.password is not None
        request = method.request(settings.username, settings.password.get_secret_value(), settings.domain)
        try:
            return await self._upstream.read(request, TOKEN)
        except (NotFound, BadData):
            return None
        except Unauthorized:
            if method.path == "/tokens" and settings.username.isdecimal():
                return None
            raise Unauthorized("refused the login: check the settings `username`, `password` and `domain`") from None
