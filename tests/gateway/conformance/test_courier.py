"""A plugin that has nothing but messages keeps every promise."""

from telegraphql.gateway.conformance import Contract
from tests.gateway.conformance.courier import Courier


class TestCourier(Contract):
    plugin = Courier
    records = 60
