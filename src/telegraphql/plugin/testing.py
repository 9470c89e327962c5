"""For the tests of a plugin, with pytest: derive a class from `Contract` and set its `plugin`; `read_page` reads what a method returned.

`pytest -p telegraphql.plugin.testing` adds the option `--openapi=FILE`.
"""

import pytest

from telegraphql.gateway.conformance import Contract, read_page
from telegraphql.gateway.conformance.contract import OPTION

__all__ = ["Contract", "read_page"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with the vendor's document."""
    words = "the vendor's OpenAPI document, with which the contract tests compare requests and the sandbox's answers"
    parser.addoption(OPTION, metavar="FILE", help=words)
