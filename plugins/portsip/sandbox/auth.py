"""Authentication: the users of the simulated PBX and their tokens."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.auth import CLIENT_ID

DOMAIN = "sandbox.example"
PASSWORD = "sandbox-password"
CODE = "123456"
LIFETIME = 1800.0
# The logins of the PBX's versions. A version responds to the others with 404.
LOGINS_22 = frozenset({"/login/oauth/token", "/login/oauth/revoke", "/login"}) | {
    f"/auth/{each}" for each in ("sign_in", "verify_otp", "refresh_token", "sign_out", "user")
}
LOGINS_16 = frozenset({"/tokens", "/tokens/by_extension"})


@dataclass(frozen=True, slots=True)
class SandboxUser:
    """A user. `sees_all` is an administrator's right to read the whole tenant. On version 16 extensions log in by their number."""

    name: str
    domain: str
    sees_all: bool = True
    two_factor: bool = False
    extension: str | None = None


USERS = (
    SandboxUser("admin", DOMAIN),
    SandboxUser("sysadmin", ""),
    SandboxUser("guarded", DOMAIN, two_factor=True),
    SandboxUser("101", DOMAIN, sees_all=False),
    SandboxUser("queue.manager", DOMAIN, extension="130"),
)


@dataclass(slots=True)
class TokenStore:
    """The issued tokens. They are valid for `lifetime` seconds; a refresh token is valid once. `logins` are the paths that exist."""

    lifetime: float = LIFETIME
    logins: frozenset[str] = LOGINS_22
    access_tokens: dict[str, tuple[SandboxUser, float]] = field(default_factory=dict)
    refresh_tokens: dict[str, SandboxUser] = field(default_factory=dict)
    challenges: dict[str, SandboxUser] = field(default_factory=dict)

    def find_user(self, credentials: Mapping[str, str]) -> SandboxUser | None:
        """Return the user with this name, domain and password, or None."""
        if credentials.get("password") != PASSWORD:
            return None
        return next(
            (user for user in USERS if (user.name, user.domain) == (credentials.get("username"), credentials.get("domain", ""))), None
        )

    def find_extension(self, credentials: Mapping[str, str]) -> SandboxUser | None:
        """Return the user with this extension number, domain and password, or None."""
        if credentials.get("password") != PASSWORD:
            return None
        extension = (credentials.get("extension_number"), credentials.get("domain"))
        return next((user for user in USERS if (user.extension, user.domain) == extension), None)

    def grant(self, form: Mapping[str, str]) -> Row | None:
        """Return the response to an OAuth grant, or None if it is refused."""
        if form.get("client_id") != CLIENT_ID:
            return None
        if form.get("grant_type") == "refresh_token":
            return self.refresh(form.get("refresh_token", ""))
        user = self.find_user(form) if form.get("grant_type") == "password" and form.get("scope") == "all" else None
        return self.issue(user) if user and not user.two_factor else None

    def refresh(self, token: str) -> Row | None:
        """Return new tokens for a refresh token, or None if it is not valid."""
        user = self.refresh_tokens.pop(token, None)
        return self.issue(user) if user else None

    def issue(self, user: SandboxUser) -> Row:
        """Return a new pair of tokens."""
        token, refresh_token = token_urlsafe(36), token_urlsafe(36)
        self.access_tokens[token] = user, time.monotonic() + self.lifetime
        self.refresh_tokens[refresh_token] = user
        # The PBX counts whole seconds. Tests use lifetimes below one.
        expires: float = int(self.lifetime) if self.lifetime >= 1 else self.lifetime
        return {"access_token": token, "expires_in": expires, "refresh_token": refresh_token, "token_type": "Bearer"}

    def challenge(self, user: SandboxUser) -> Row:
        """Return the response to the first step of a two-factor login."""
        token = token_urlsafe(24)
        self.challenges[token] = user
        return {"two_factor_enabled": True, "token": token}

    def verify_code(self, token: str, code: str) -> Row | None:
        """Return new tokens for the second step of a two-factor login, or None if the code is wrong."""
        user = self.challenges.pop(token, None) if code == CODE else None
        return self.issue(user) if user else None

    def revoke(self, token: str) -> None:
        """Revoke a token of either kind."""
        self.access_tokens.pop(token, None)
        self.refresh_tokens.pop(token, None)

    def user(self, authorization: str) -> SandboxUser | None:
        """Return the user of a request, or None if its token is unknown or expired."""
        scheme, _, token = authorization.partition(" ")
        user, expires = self.access_tokens.get(token, (None, 0.0))
        return user if scheme == "Bearer" and time.monotonic() < expires else None
