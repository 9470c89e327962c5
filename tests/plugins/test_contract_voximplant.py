"""Contract: every promise of a plugin, made into tests from what Voximplant declares."""

from gateway.testing import Contract
from plugins.voximplant import Voximplant


class TestVoximplant(Contract):
    plugin = Voximplant
