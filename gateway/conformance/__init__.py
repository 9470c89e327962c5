"""The conformance tests of a plugin, for pytest.

Write a class of a few lines:

    class TestAcme(Contract):
        plugin = Acme

Its tests are generated from what the plugin declares and run against the plugin's sandbox. What the plugin does not declare is
reported as skipped.
"""

from telegraphql.gateway.conformance.contract import Contract
from telegraphql.gateway.conformance.page_reading import read_page

__all__ = ["Contract", "read_page"]
