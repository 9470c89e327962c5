"""Auth: a bearer token, given or got by the OAuth password grant, and renewed before it runs out."""

import asyncio
import time
from typing import Any

from pydantic import Field, SecretStr, model_validator

from telegraphql.plugin import Request, Settings, Unauthorized, Upstream
from telegraphql.plugins.portsip.wire import TOKEN, Token

# The same for every PBX: it names the kind of client, not this one, and is no secret.
CLIENT_ID = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a"
EARLY = 60.0
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
    """How to reach a PBX."""

    base_url: str = Field(description="The PBX's API, such as https://pbx.example.com:8887/api.")
    token: SecretStr | None = Field(default=None, description="A bearer token, where no user and password are given; it is not renewed.")
    username: str | None = Field(default=None, description="The user that signs in; one who may see the whole tenant.")
    password: SecretStr | None = Field(default=None, description="The user's password.")
    domain: str | None = Field(default=None, description="The tenant's SIP domain; left out for a system administrator.")
    has_call_logs: bool = Field(
        default=True, description="Whether the PBX has /calllogs (since 22.1). Without it each conversation is one call."
    )
    filterable: tuple[str, ...] = Field(
        default=FILTERABLE, description="The properties this PBX filters by, besides times; take out what it refuses."
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> "PortsipSettings":
        signs_in = self.username is not None or self.password is not None or self.domain is not None
        if self.token is not None and signs_in:
            raise ValueError("give `token` or `username` and `password`, not both")
        if self.token is None and (self.username is None or self.password is None):
            raise ValueError("give `username` and `password` (and `domain`, except for a system administrator), or `token`")
        return self


class SignIn:
    """Keeps the access token of one account."""

    def __init__(self, settings: PortsipSettings, upstream: Upstream) -> None:
        self._settings = settings
        self._upstream = upstream
        self._token = Token(settings.token.get_secret_value()) if settings.token else None
        self._expires = float("inf")
        self._lock = asyncio.Lock()

    async def sign(self, request: Request) -> None:
        """Put the token into a request; a new one where it is about to run out."""
        async with self._lock:
            if self._token is None or time.monotonic() >= self._expires:
                await self._renew()
            assert self._token is not None
            request.headers["Authorization"] = f"Bearer {self._token.access_token}"

    async def renew(self) -> None:
        """A new token, whatever the old one's age."""
        async with self._lock:
            await self._renew()

    async def _renew(self) -> None:
        if self._settings.token is not None:
            raise Unauthorized("refused the token; set a fresh `token`, or `username`, `password` and `domain`, which renew themselves")
        token = await self._refreshed() or await self._signed_in()
        self._token = token
        self._expires = time.monotonic() + token.expires_in - min(EARLY, token.expires_in / 10)

    async def _refreshed(self) -> Token | None:
        if self._token is None or not self._token.refresh_token:
            return None
        try:
            return await self._granted({"grant_type": "refresh_token", "refresh_token": self._token.refresh_token})
        except Unauthorized:
            return None

    async def _signed_in(self) -> Token:
        settings = self._settings
        assert settings.password is not None
        grant = {"grant_type": "password", "username": settings.username or "", "password": settings.password.get_secret_value()}
        domain = {"domain": settings.domain} if settings.domain else {}
        try:
            return await self._granted(grant | domain | {"scope": "all"})
        except Unauthorized:
            raise Unauthorized("refused to sign in; check `username`, `password` and `domain`") from None

    async def _granted(self, grant: dict[str, Any]) -> Token:
        form = grant | {"client_id": CLIENT_ID}
        request = Request(operation="POST /login/oauth/token", path="/login/oauth/token", method="POST", form=form, auth=False)
        return await self._upstream.read(request, TOKEN)
