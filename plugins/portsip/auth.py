"""Authentication: a bearer token, given or issued by the OAuth password grant, and renewed before it expires."""

import asyncio
import time
from typing import Any

from pydantic import Field, SecretStr, model_validator

from telegraphql.plugin import Request, Settings, Unauthorized, Upstream
from telegraphql.plugins.portsip.wire import TOKEN, Token

# The same for every PBX: it identifies the kind of client and is no secret.
CLIENT_ID = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a"
RENEW_BEFORE_SECONDS = 60.0
FILTERABLE = (
    "caller",
    "callee",
    "started_at",
    "direction",
    "status_code",
    "duration",
    "answered_at",
    "session_id",
    "id",
    "status",
    "extension_number",
)


class PortsipSettings(Settings):
    """The settings of a PBX."""

    base_url: str = Field(description="URL of the PBX's API, such as https://pbx.example.com:8887/api.")
    token: SecretStr | None = Field(default=None, description="Bearer token, instead of user and password. It is not renewed.")
    username: str | None = Field(default=None, description="User name of the login, which must have access to the whole tenant.")
    password: SecretStr | None = Field(default=None, description="Password of the login.")
    domain: str | None = Field(default=None, description="SIP domain of the tenant. Leave it out for a system administrator.")
    has_call_logs: bool = Field(
        default=True, description="Whether the PBX has /calllogs (since 22.1). Without it, each session is one call."
    )
    filterable: tuple[str, ...] = Field(
        default=FILTERABLE, description="Properties that this PBX filters by, besides times. Remove those that it refuses."
    )

    @model_validator(mode="after")
    def _check_credentials(self) -> "PortsipSettings":
        has_login = self.username is not None or self.password is not None or self.domain is not None
        if self.token is not None and has_login:
            raise ValueError("set either `token`, or `username` and `password`")
        if self.token is None and (self.username is None or self.password is None):
            raise ValueError("set `username` and `password` (and `domain`, except for a system administrator), or `token`")
        return self


class TokenSource:
    """Keeps the access token of one account."""

    def __init__(self, settings: PortsipSettings, upstream: Upstream) -> None:
        self._settings = settings
        self._upstream = upstream
        self._token = Token(settings.token.get_secret_value()) if settings.token else None
        self._expires = float("inf")
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
        if self._token is None or not self._token.refresh_token:
            return None
        try:
            return await self._request_token({"grant_type": "refresh_token", "refresh_token": self._token.refresh_token})
        except Unauthorized:
            return None

    async def _log_in(self) -> Token:
        settings = self._settings
        assert settings.password is not None
        grant = {"grant_type": "password", "username": settings.username or "", "password": settings.password.get_secret_value()}
        domain = {"domain": settings.domain} if settings.domain else {}
        try:
            return await self._request_token(grant | domain | {"scope": "all"})
        except Unauthorized:
            raise Unauthorized("refused the login: check the settings `username`, `password` and `domain`") from None

    async def _request_token(self, grant: dict[str, Any]) -> Token:
        form = grant | {"client_id": CLIENT_ID}
        request = Request(operation="POST /login/oauth/token", path="/login/oauth/token", method="POST", form=form, auth=False)
        return await self._upstream.read(request, TOKEN)
