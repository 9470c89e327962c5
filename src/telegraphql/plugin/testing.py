"""For the tests of a plugin, with pytest: derive a class from `Contract` and set its `plugin`; `read_page` reads what a method returned.

`pytest -p telegraphql.plugin.testing` adds the option `--openapi=FILE`.
"""

from telegraphql.gateway.conformance import Contract, read_page
from telegraphql.gateway.conformance.contract import pytest_addoption

__all__ = ["Contract", "pytest_addoption", "read_page"]
