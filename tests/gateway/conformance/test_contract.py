"""A plugin that keeps every promise passes the kit, whose tests are made of what it declares."""

from telegraphql.gateway.conformance import Contract
from tests.gateway.conformance.acme import Acme


class TestAcme(Contract):
    plugin = Acme
