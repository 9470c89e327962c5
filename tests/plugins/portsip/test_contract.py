"""Contract: every promise of a plugin, made into tests from what Portsip declares."""

from typing import Any, ClassVar

from telegraphql.gateway.conformance import Contract
from telegraphql.plugins.portsip import Portsip


class TestPortsip(Contract):
    plugin = Portsip


class TestPortsipWithoutCallLogs(Contract):
    plugin = Portsip
    settings: ClassVar[dict[str, Any]] = {"has_call_logs": False}
