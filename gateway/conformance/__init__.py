"""Testing: the contract kit, by which a plugin's author proves the plugin. A test is a class of a few lines:

    class TestAcme(Contract):
        plugin = Acme

Its tests are made from what the plugin declares and run against its sandbox. What is not declared is skipped, visibly."""

from telegraphql.gateway.conformance.contract import Contract
from telegraphql.gateway.conformance.page_reading import read_page

__all__ = ["Contract", "read_page"]
