"""Error replies: a code and a text in the body, under status 200."""

from starlette.responses import Response

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.responses import json_response

AUTHORIZATION_FAILED = 100
MISSING_CMD = 102
UNKNOWN_COMMAND = 103
FORBIDDEN_COMMAND = 104
OUTPUT_FORMAT = 105
INVALID_DATE_FORMAT = 111
INVALID_DATE_RANGE = 123
REQUIRED_IS_EMPTY = 134
INVALID_SESSION_ID = 150
INVALID_CHILD = 194
INVALID_TRANSACTION_ID = 197
INVALID_TRANSACTION_TYPE = 209
INVALID_QUEUE_ID = 218
INVALID_RECORD_ID = 261
RATE_LIMIT_EXCEED = 340
RECORD_NOT_FOUND = 341
INVALID_REPORT_ID = 355
REPORT_IN_PROGRESS = 356
REPORT_FAILED = 357
INVALID_HISTORY_TYPE = 371
INVALID_TOKEN_FORMAT = 447
INVALID_TOKEN_TTL = 454
TOKEN_FROM_FUTURE = 455
TOKEN_EXPIRED = 456
ONLY_ONE_OF = 458
INVALID_PARAMETER = 485
FILE_NOT_FOUND = 501
REPORT_NOT_FOUND = 557
DATE_RANGE_LIMIT = 569


class ErrorReply(Exception):
    """A request that is answered with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code

    def body(self) -> Row:
        """Return the response body."""
        return {"error": {"msg": str(self), "code": self.code}}

    def response(self) -> Response:
        """Return the response."""
        return json_response(self.body())
