"""TokenStore: who may sign in to the simulated PBX, and the tokens they hold."""

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
# Where versions of the PBX sign in. What a version does not have, it answers with 404.
SIGN_IN_22 = frozenset({"/login/oauth/token", "/login/oauth/revoke", "/login"}) | {
    f"/auth/{each}" for each in ("sign_in", "verify_otp", "refresh_token", "sign_out", "user")
}
SIGN_IN_16 = frozenset({"/tokens", "/tokens/by_extension"})


@dataclass(frozen=True, slots=True)
class User:
    """A user; `sees_all` is an administrator's right to see the whole tenant. An extension signs in by its number."""

    name: str
    domain: str
    sees_all: bool = True
    two_factor: bool = False
    extension: str | None = None


USERS = (
    User("admin", DOMAIN),
    User("sysadmin", ""),
    User("guarded", DOMAIN, two_factor=True),
    User("101", DOMAIN, sees_all=False),
    User("queue.manager", DOMAIN, extension="130"),
)


@dataclass(slots=True)
class TokenStore:
    """The tokens given out. They live `lifetime` seconds; refreshing uses a refresh token up. `sign_ins` are the paths that exist."""

    lifetime: float = LIFETIME
    sign_ins: frozenset[str] = SIGN_IN_22
    tokens: dict[str, tuple[User, float]] = field(default_factory=dict)
    refreshes: dict[str, User] = field(default_factory=dict)
    pending: dict[str, User] = field(default_factory=dict)

    def known(self, given: Mapping[str, str]) -> User | None:
        """The user with this name, domain and password."""
        if given.get("password") != PASSWORD:
            return None
        return next((user for user in USERS if (user.name, user.domain) == (given.get("username"), given.get("domain", ""))), None)

    def known_extension(self, given: Mapping[str, str]) -> User | None:
        """Return the user with this extension, domain and password."""
        wanted = (given.get("extension_number"), given.get("domain"))
        return next((user for user in USERS if (user.extension, user.domain) == wanted and given.get("password") == PASSWORD), None)

    def granted(self, form: Mapping[str, str]) -> Row | None:
        """The answer to an OAuth grant; None where it is refused."""
        if form.get("client_id") != CLIENT_ID:
            return None
        if form.get("grant_type") == "refresh_token":
            return self.refreshed(form.get("refresh_token", ""))
        user = self.known(form) if form.get("grant_type") == "password" and form.get("scope") == "all" else None
        return self.issue(user) if user and not user.two_factor else None

    def refreshed(self, token: str) -> Row | None:
        """A new token for a refresh token."""
        user = self.refreshes.pop(token, None)
        return self.issue(user) if user else None

    def issue(self, user: User) -> Row:
        """A new pair of tokens."""
        token, refresh = token_urlsafe(36), token_urlsafe(36)
        self.tokens[token] = user, time.monotonic() + self.lifetime
        self.refreshes[refresh] = user
        # Whole seconds, as the PBX counts them; tests shorten a life below one.
        expires: float = int(self.lifetime) if self.lifetime >= 1 else self.lifetime
        return {"access_token": token, "expires_in": expires, "refresh_token": refresh, "token_type": "Bearer"}

    def challenge(self, user: User) -> Row:
        """The first half of a two-factor sign-in."""
        token = token_urlsafe(24)
        self.pending[token] = user
        return {"two_factor_enabled": True, "token": token}

    def verified(self, token: str, code: str) -> Row | None:
        """The second half."""
        user = self.pending.pop(token, None) if code == CODE else None
        return self.issue(user) if user else None

    def revoke(self, token: str) -> None:
        """Forget a token of either kind."""
        self.tokens.pop(token, None)
        self.refreshes.pop(token, None)

    def user(self, authorization: str) -> User | None:
        """Who a request comes from; nobody once the token has run out."""
        scheme, _, token = authorization.partition(" ")
        user, expires = self.tokens.get(token, (None, 0.0))
        return user if scheme == "Bearer" and time.monotonic() < expires else None
