"""Logins: who gets in - tokens in X-Auth-Token or Basic, logins with and without a second factor, idle sessions."""

import secrets
import time
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from typing import Any

from telegraphql.plugins.voipstudio.sandbox.company import LOGIN, PASSWORD, USERS

IDLE_SECONDS = 1800.0
CODE = "123456"
USER_ID = str(USERS[0][0])


class Logins:
    """The account's credentials. `two_factor` asks logins for a code; `idle_seconds` is how long an unused session lives."""

    def __init__(self, api_token: str) -> None:
        self.api_token = api_token
        self.two_factor = False
        self.idle_seconds = IDLE_SECONDS
        self._sessions: dict[str, float] = {}
        self._nonces: set[str] = set()

    def opens(self, headers: Mapping[str, str]) -> bool:
        """Whether a request's credentials are good."""
        if token := headers.get("x-auth-token"):
            return self._is_good(token)
        kind, _, pair = headers.get("authorization", "").partition(" ")
        try:
            user, _, token = b64decode(pair, validate=True).decode().partition(":")
        except (Error, UnicodeDecodeError):
            return False
        return kind == "Basic" and user == USER_ID and self._is_good(token)

    def log_in(self, given: Any) -> tuple[int, dict[str, Any]]:
        """The answer to a login."""
        if not isinstance(given, dict) or (given.get("email"), given.get("password")) != (LOGIN, PASSWORD):
            return 401, {"message": "Invalid email or password"}
        if self.two_factor:
            nonce = secrets.token_hex(16)
            self._nonces.add(nonce)
            return 202, {"nonce": nonce}
        return self._welcome()

    def log_in_with_code(self, given: Any) -> tuple[int, dict[str, Any]]:
        """The answer to a login's second step; a nonce is good once."""
        nonce = given.get("nonce") if isinstance(given, dict) else None
        if nonce not in self._nonces:
            return 401, {"message": "Invalid nonce"}
        self._nonces.discard(nonce)
        return self._welcome() if given.get("code") == CODE else (401, {"message": "Invalid code"})

    def close(self) -> None:
        """End all sessions, as if they had been idle too long."""
        self._sessions.clear()

    def _welcome(self) -> tuple[int, dict[str, Any]]:
        token = secrets.token_hex(20)
        self._sessions[token] = time.monotonic()
        return 200, {"message": "Logged in", "user_token": token, "user_id": int(USER_ID)}

    def _is_good(self, token: str) -> bool:
        if token == self.api_token:
            return True
        now, seen = time.monotonic(), self._sessions.get(token)
        if seen is None or now - seen > self.idle_seconds:
            self._sessions.pop(token, None)
            return False
        self._sessions[token] = now
        return True
