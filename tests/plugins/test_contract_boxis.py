"""Contract: every promise of a plugin, made into tests from what Boxis declares."""

from gateway.testing import Contract
from plugins.boxis import Boxis


class TestBoxis(Contract):
    plugin = Boxis


class TestBoxisInXml(Contract):
    plugin = Boxis
    settings = {"return_type": "xml"}
