"""Auth: how requests to VoIPstudio are signed, and how its session tokens are got anew."""

from base64 import b64encode

from telegraphql.plugin import BadAnswer, Expired, Request, Unauthorized, Upstream, UpstreamError
from telegraphql.plugins.voipstudio.settings import VoipstudioSettings
from telegraphql.plugins.voipstudio.wire import LOGIN

REFUSED = "refused the API token: check `api_token` (and `user_id`) in this provider's settings; an unused token expires"
LOGGED_OUT = "the login's token has run out"
WRONG_LOGIN = "refused the e-mail address or the password: check `email` and `password` in this provider's settings"
TWO_FACTORS = "asks for a second factor: make an API token and set `api_token` instead of `email` and `password`"


class Credentials:
    """An account's credentials: a fixed API token, or a login whose token dies after 30 idle minutes."""

    def __init__(self, settings: VoipstudioSettings) -> None:
        self._settings = settings
        self._token = settings.api_token.get_secret_value() if settings.api_token else None

    def sign(self, request: Request) -> None:
        """Put the token into a request."""
        if self._token is None:
            raise Expired("not logged in yet")
        if self._settings.auth == "basic":
            pair = f"{self._settings.user_id}:{self._token}".encode()
            request.headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        else:
            request.headers["X-Auth-Token"] = self._token

    def refused(self) -> UpstreamError:
        """What an answer 401 means: a fixed token is wrong, a login's token has run out."""
        return Unauthorized(REFUSED) if self._settings.api_token else Expired(LOGGED_OUT)

    async def log_in(self, upstream: Upstream, path: str) -> None:
        """Get a token for the e-mail address and password."""
        secret = self._settings.password
        if secret is None:
            raise Unauthorized(REFUSED)
        body = {"email": self._settings.email, "password": secret.get_secret_value()}
        try:
            answer = await upstream.ask(Request(operation="POST /login", method="POST", path=path, json=body, auth=False))
        except Unauthorized:
            raise Unauthorized(WRONG_LOGIN) from None
        if answer.status == 202:
            raise Unauthorized(TWO_FACTORS)
        self._token = answer.decode(LOGIN).user_token
        if not self._token:
            raise BadAnswer("logged in, but gave no token")
