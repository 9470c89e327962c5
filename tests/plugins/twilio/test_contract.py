"""Contract: every promise of a plugin, made into tests from what Twilio declares."""

from typing import Any, ClassVar

from telegraphql.gateway.conformance import Contract
from telegraphql.plugins.twilio import Twilio
from telegraphql.plugins.twilio.sandbox import TwilioSandbox


class TestTwilio(Contract):
    plugin = Twilio


class TestTwilioWithAnAuthToken(Contract):
    plugin = Twilio
    settings: ClassVar[dict[str, Any]] = {
        "username": TwilioSandbox.account_sid,
        "password": TwilioSandbox.auth_token,
        "account_sid": None,
        "recording_format": "wav",
    }
