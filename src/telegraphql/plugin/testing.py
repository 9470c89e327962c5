"""For the tests of a plugin, with pytest: derive a class from `Contract` and set its `plugin`; `read_page` reads what a method returned."""

from telegraphql.gateway.conformance import Contract, read_page

__all__ = ["Contract", "read_page"]
