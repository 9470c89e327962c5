"""Contract: every promise of a plugin, made into tests from what Voipstudio declares."""

from gateway.testing import Contract
from plugins.voipstudio import Voipstudio


class TestVoipstudio(Contract):
    plugin = Voipstudio
