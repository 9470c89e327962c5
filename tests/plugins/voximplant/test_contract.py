"""Contract: every promise of a plugin, made into tests from what Voximplant declares."""

from telegraphql.gateway.conformance import Contract
from telegraphql.plugins.voximplant import Voximplant


class TestVoximplant(Contract):
    plugin = Voximplant
