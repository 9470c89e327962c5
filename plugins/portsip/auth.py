"""Auth: a bearer token, set or got with a user's password in the way that this version of the PBX knows, and renewed before it expires."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegraphql.plugin import BadData, NotFound, Request, Unauthorized, Upstream
from telegraphql.plugins.portsip.settings import PortsipSettings
from telegraphql.plugins.portsip.wire import TOKEN, Token

# The same for every PBX: it names the kind of client, not this one, and is no secret.
CLIENT_ID = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a"
EARLY = 60.0
OAUTH = "/login/oauth/token"
BY_EXTENSION = "/tokens/by_extension"


@dataclass(frozen=True, eq=False)
class SignInMethod:
    """A path that gives a token for a password, and how the password is written."""

    path: str
    user_key: str = "username"
    constants: Mapping[str, str] | None = None

    def request(self, user: str, password: str, domain: str | None) -> Request:
        """Return the request for a token."""
        fields = {self.user_key: user, "password": password, **({"domain": domain} if domain else {}), **(self.constants or {})}
        body: dict[str, Any] = {"form" if self.constants else "json": fields}
        return Request(operation=f"POST {self.path}", path=self.path, method="POST", auth=False, **body)


# In the order in which they are tried. 22 has the first two, 16 the last two.
METHODS = (
    SignInMethod(OAUTH, constants={"grant_type": "password", "scope": "all", "client_id": CLIENT_ID}),
    SignInMethod("/auth/sign_in"),
    SignInMethod("/tokens"),
    SignInMethod(BY_EXTENSION, user_key="extension_number"),
)


class SignIn:
    """Keeps the access token of one account, and the sign-in method that its PBX has."""

    def __init__(self, settings: PortsipSettings, upstream: Upstream) -> None:
        self._settings = settings
        self._upstream = upstream
        self._token = Token(settings.token.get_secret_value()) if settings.token else None
        self._expires = float("inf")
        self._method: SignInMethod | None = None
        self._lock = asyncio.Lock()

    async def sign(self, request: Request) -> None:
        """Add the token to a request; a new one if it is about to expire."""
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
            raise Unauthorized("refused the token; set a fresh `token`, or `username`, `password` and `domain`, which renew themselves")
        token = await self._refreshed() or await self._signed_in()
        self._token = token
        self._expires = time.monotonic() + token.expires_in - min(EARLY, token.expires_in / 10)

    async def _refreshed(self) -> Token | None:
        if self._token is None or not self._token.refresh_token or self._method is not METHODS[0]:
            return None
        grant = {"grant_type": "refresh_token", "refresh_token": self._token.refresh_token, "client_id": CLIENT_ID}
        try:
            return await self._upstream.read(Request(operation=f"POST {OAUTH}", path=OAUTH, method="POST", form=grant, auth=False), TOKEN)
        except Unauthorized:
            return None

    async def _signed_in(self) -> Token:
        """Return a token by the first method that the PBX has; a method that worked before is tried first."""
        for method in dict.fromkeys([*([self._method] if self._method else []), *METHODS]):
            token = await self._token_by(method)
            if token is None:
                continue
            if not token.access_token:
                raise Unauthorized("asks for a second factor; use a user without one, or a `token`")
            self._method = method
            return token
        raise BadData("has no sign-in at this address; check `base_url`, which ends in /api")

    async def _token_by(self, method: SignInMethod) -> Token | None:
        """Return the answer of one method; None if the PBX does not have it, or if an extension has to sign in by the next one."""
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
            raise Unauthorized("refused to sign in; check `username`, `password` and `domain`") from None
