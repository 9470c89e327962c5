"""Authentication: API tokens, and the session tokens of logins."""

from base64 import b64encode

from telegraphql.plugin import BadAnswer, Expired, Request, Unauthorized, Upstream, UpstreamError
from telegraphql.plugins.voipstudio.settings import VoipstudioSettings
from telegraphql.plugins.voipstudio.wire import LOGIN

TOKEN_REFUSED = "refused the API token: check the settings `api_token` and `user_id`; an unused token expires"
SESSION_EXPIRED = "the login's token has expired"
LOGIN_REFUSED = "refused the login: check the settings `email` and `password`"
TWO_FACTOR_REQUIRED = "requires a second factor: create an API token and set `api_token` instead of `email` and `password`"


class Credentials:
    """An account's credentials: a fixed API token, or a login whose token expires after 30 idle minutes."""

    def __init__(self, settings: VoipstudioSettings) -> None:
        self._settings = settings
        self._token = settings.api_token.get_secret_value() if settings.api_token else None

    def sign(self, request: Request) -> None:
        """Add the token to a request."""
        if self._token is None:
            raise Expired("not logged in yet")
        if self._settings.auth == "basic":
            pair = f"{self._settings.user_id}:{self._token}".encode()
            request.headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        else:
            request.headers["X-Auth-Token"] = self._token

    def rejection_error(self) -> UpstreamError:
        """Return the error of status 401: a fixed token is wrong, a login's token has expired."""
        return Unauthorized(TOKEN_REFUSED) if self._settings.api_token else Expired(SESSION_EXPIRED)

    async def log_in(self, upstream: Upstream, path: str) -> None:
        """Log in with the e-mail address and password.

        Raises:
            Unauthorized: The login is refused, or requires a second factor.
            BadAnswer: The response holds no token.
        """
        secret = self._settings.password
        if secret is None:
            raise Unauthorized(TOKEN_REFUSED)
        body = {"email": self._settings.email, "password": secret.get_secret_value()}
        try:
            answer = await upstream.ask(Request(operation="POST /login", method="POST", path=path, json=body, auth=False))
        except Unauthorized:
            raise Unauthorized(LOGIN_REFUSED) from None
        if answer.status == 202:
            raise Unauthorized(TWO_FACTOR_REQUIRED)
        self._token = answer.decode(LOGIN).user_token
        if not self._token:
            raise BadAnswer("accepted the login but sent no token")
