"""Contract: every promise of a plugin, made into tests from what Boxis declares."""

from typing import Any, ClassVar

from telegraphql.gateway.conformance import Contract
from telegraphql.plugins.boxis import Boxis


class TestBoxis(Contract):
    plugin = Boxis


class TestBoxisInXml(Contract):
    plugin = Boxis
    settings: ClassVar[dict[str, Any]] = {"return_type": "xml"}
