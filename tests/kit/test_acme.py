"""A plugin that keeps every promise passes the kit, whose tests are made of what it declares."""

from gateway.testing import Contract
from tests.kit.acme import Acme


class TestAcme(Contract):
    plugin = Acme
