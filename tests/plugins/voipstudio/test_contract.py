"""Contract: every promise of a plugin, made into tests from what Voipstudio declares."""

from telegraphql.gateway.conformance import Contract
from telegraphql.plugins.voipstudio import Voipstudio


class TestVoipstudio(Contract):
    plugin = Voipstudio
