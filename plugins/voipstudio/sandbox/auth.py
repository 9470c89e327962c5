"""Authentication: tokens in X-Auth-Token or Basic, logins with and without a second factor, and idle sessions."""

import secrets
import time
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from typing import Any

from telegraphql.plugins.voipstudio.sandbox.sample_values import LOGIN, PASSWORD, USERS

IDLE_SECONDS = 1800.0
TOKEN_IDLE_SECONDS = 30 * 86_400.0
SECOND_FACTOR = "123456"
USER_ID = str(USERS[0][0])


class AccountLogins:
    """The account's credentials.

    `two_factor` makes logins ask for a code. A session ends after `idle_seconds` without a request, the API token after
    `token_idle_seconds`.
    """

    def __init__(self, api_token: str) -> None:
        self.api_token = api_token
        self.two_factor = False
        self.idle_seconds = IDLE_SECONDS
        self.token_idle_seconds = TOKEN_IDLE_SECONDS
        self._token_used: float | None = time.monotonic()
        self._sessions: dict[str, float] = {}
        self._nonces: set[str] = set()

    def is_authorized(self, headers: Mapping[str, str]) -> bool:
        """Return True if a request's credentials are valid."""
        if token := headers.get("x-auth-token"):
            return self._is_valid(token)
        kind, _, pair = headers.get("authorization", "").partition(" ")
        try:
            user, _, token = b64decode(pair, validate=True).decode().partition(":")
        except (Error, UnicodeDecodeError):
            return False
        return kind == "Basic" and user == USER_ID and self._is_valid(token)

    def log_in(self, body: Any) -> tuple[int, dict[str, Any]]:
        """Return status and body of the response to a login."""
        if not isinstance(body, dict) or (body.get("email"), body.get("password")) != (LOGIN, PASSWORD):
            return 401, {"message": "Invalid email or password"}
        if self.two_factor:
            nonce = secrets.token_hex(16)
            self._nonces.add(nonce)
            return 202, {"nonce": nonce}
        return self._new_session()

    def log_in_with_code(self, body: Any) -> tuple[int, dict[str, Any]]:
        """Return status and body of the response to the second step of a login. A nonce is valid once."""
        nonce = body.get("nonce") if isinstance(body, dict) else None
        if nonce not in self._nonces:
            return 401, {"message": "Invalid nonce"}
        self._nonces.discard(nonce)
        return self._new_session() if body.get("code") == SECOND_FACTOR else (401, {"message": "Invalid code"})

    def end_sessions(self) -> None:
        """End all sessions, as if they had been idle too long."""
        self._sessions.clear()

    def _new_session(self) -> tuple[int, dict[str, Any]]:
        token = secrets.token_hex(20)
        self._sessions[token] = time.monotonic()
        return 200, {"message": "Logged in", "user_token": token, "user_id": int(USER_ID)}

    def _is_valid(self, token: str) -> bool:
        if token == self.api_token:
            return self._is_token_alive()
        now, last_used = time.monotonic(), self._sessions.get(token)
        if last_used is None or now - last_used > self.idle_seconds:
            self._sessions.pop(token, None)
            return False
        self._sessions[token] = now
        return True

    def _is_token_alive(self) -> bool:
        """Return True if the API token has not ended, and renew it. Once it has ended, it stays so."""
        now = time.monotonic()
        is_alive = self._token_used is not None and now - self._token_used <= self.token_idle_seconds
        self._token_used = now if is_alive else None
        return is_alive
