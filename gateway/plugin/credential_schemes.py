"""Credential schemes: the common ways in which an account proves who it is, declared by the names of its settings."""

import time
from base64 import b64encode
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol

import msgspec
from pydantic import SecretStr

from telegraphql.gateway.errors import Expired, NotFound, RejectedInput, Unauthorized, UpstreamError
from telegraphql.gateway.upstream.client import Answer, Request, Upstream

# A token is renewed this much before it ends, or a tenth of its time.
RENEW_BEFORE_SECONDS = 60.0


class SchemeSigner(Protocol):
    """The credentials of one account, as they go into its requests."""

    def sign(self, request: Request) -> None:
        """Put the credentials into a request; raise Expired if there are none that are valid."""

    async def renew(self) -> None:
        """Get new credentials; raise Unauthorized if there are none."""

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Return the error of an answer that refuses the credentials."""


class CredentialScheme(Protocol):
    """A way to authenticate, which a plugin's class declares."""

    def signer(self, settings: Any, upstream: Upstream) -> SchemeSigner:
        """Return the signer of an account."""


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic (RFC 7617). `user` and `password` name settings."""

    user: str
    password: str

    def signer(self, settings: Any, upstream: Upstream) -> SchemeSigner:
        """Return the signer of an account."""
        pair = f"{_text(settings, self.user)}:{_text(settings, self.password)}".encode()
        return _Fixed("Authorization", f"Basic {b64encode(pair).decode()}", (self.user, self.password))


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token in the header Authorization (RFC 6750). `token` names a setting."""

    token: str

    def signer(self, settings: Any, upstream: Upstream) -> SchemeSigner:
        """Return the signer of an account."""
        return _Fixed("Authorization", f"Bearer {_text(settings, self.token)}", (self.token,))


@dataclass(frozen=True, slots=True)
class HeaderKey:
    """A key in a header of the upstream's own, such as X-API-Key. `key` names a setting."""

    header: str
    key: str

    def signer(self, settings: Any, upstream: Upstream) -> SchemeSigner:
        """Return the signer of an account."""
        return _Fixed(self.header, _text(settings, self.key), (self.key,))


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """An access token from a token endpoint (RFC 6749), renewed before it ends and when it is refused.

    All but `path`, `scope` and `parameters` name settings. With `user` and `password` the grant is "password"; with `refresh_token`,
    which the operator got once, it is "refresh_token"; else it is "client_credentials". A refresh token that comes with an access
    token is used from then on. The client's id and secret go into the form, or into Basic if `client_in_header`.
    """

    path: str
    client_id: str
    client_secret: str = ""
    user: str = ""
    password: str = ""
    refresh_token: str = ""
    scope: str = ""
    client_in_header: bool = False
    parameters: dict[str, str] = field(default_factory=dict)

    def signer(self, settings: Any, upstream: Upstream) -> SchemeSigner:
        """Return the signer of an account."""
        return _TokenSource(self, settings, upstream)

    @property
    def setting_names(self) -> tuple[str, ...]:
        """Return the names of the settings with secrets and names."""
        return tuple(name for name in (self.client_id, self.client_secret, self.user, self.password, self.refresh_token) if name)


class TokenAnswer(msgspec.Struct):
    """The answer of a token endpoint."""

    access_token: str
    expires_in: float | str | None = None
    refresh_token: str | None = None

    @property
    def lifetime(self) -> float:
        """Return the seconds for which the token is valid; without a sensible number, until it is refused."""
        try:
            seconds = float(self.expires_in or 0)
        except ValueError:
            seconds = 0
        return seconds if seconds > 0 else inf


TOKEN = msgspec.json.Decoder(TokenAnswer)


class _Fixed:
    """Credentials that do not change."""

    def __init__(self, header: str, value: str, names: tuple[str, ...]) -> None:
        self._header, self._value, self._names = header, value, names

    def sign(self, request: Request) -> None:
        request.headers[self._header] = self._value

    async def renew(self) -> None:
        raise Unauthorized(_refused(self._names))

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return Unauthorized(_refused(self._names)) if answer.status == 401 else None


class _TokenSource:
    """The access token of one account."""

    def __init__(self, declared: OAuth2, settings: Any, upstream: Upstream) -> None:
        self._declared, self._settings, self._upstream = declared, settings, upstream
        self._token: str | None = None
        self._refresh_token: str | None = None
        self._ends = 0.0

    def sign(self, request: Request) -> None:
        if self._token is None or time.monotonic() >= self._ends:
            raise Expired(_refused(self._declared.setting_names))
        request.headers["Authorization"] = f"Bearer {self._token}"

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return Expired(_refused(self._declared.setting_names)) if answer.status == 401 else None

    async def renew(self) -> None:
        answer = await self._refreshed() or await self._granted()
        self._token, self._refresh_token = answer.access_token, answer.refresh_token or self._refresh_token
        self._ends = time.monotonic() + answer.lifetime - min(RENEW_BEFORE_SECONDS, answer.lifetime / 10)

    async def _refreshed(self) -> TokenAnswer | None:
        """Return a token for the refresh token that came last; None if there is none, or it is refused."""
        if self._refresh_token is None:
            return None
        try:
            return await self._requested({"grant_type": "refresh_token", "refresh_token": self._refresh_token})
        except Unauthorized:
            self._refresh_token = None
            return None

    async def _granted(self) -> TokenAnswer:
        declared = self._declared
        if declared.user:
            user, password = _text(self._settings, declared.user), _text(self._settings, declared.password)
            return await self._requested({"grant_type": "password", "username": user, "password": password})
        if declared.refresh_token:
            given = _text(self._settings, declared.refresh_token)
            return await self._requested({"grant_type": "refresh_token", "refresh_token": given})
        return await self._requested({"grant_type": "client_credentials"})

    async def _requested(self, grant: dict[str, str]) -> TokenAnswer:
        """Return the token of a grant.

        Raises:
            Unauthorized: the endpoint refuses it.
        """
        declared, client = self._declared, {"client_id": _text(self._settings, self._declared.client_id)}
        if declared.client_secret:
            client["client_secret"] = _text(self._settings, declared.client_secret)
        form = {**grant, **({"scope": declared.scope} if declared.scope else {}), **declared.parameters}
        request = Request(operation=f"POST {declared.path}", method="POST", path=declared.path, form=form, auth=False)
        if declared.client_in_header:
            pair = ":".join(client.values()).encode()
            request.headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        else:
            request.form = form | client
        try:
            return await self._upstream.read(request, TOKEN)
        except (Unauthorized, RejectedInput, NotFound):
            # RFC 6749, 5.2: 400 for a refused grant, 401 for a refused client.
            raise Unauthorized(_refused(declared.setting_names)) from None


def _refused(names: tuple[str, ...]) -> str:
    words = "the setting" if len(names) == 1 else "the settings"
    return f"refused the credentials: check {words} {', '.join(f'`{name}`' for name in names)}"


def _text(settings: Any, name: str) -> str:
    """Return a setting as text; "" if it is not set."""
    value = getattr(settings, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else "" if value is None else str(value)
