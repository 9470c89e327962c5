"""The conformance tests of a plugin, for pytest: derive a class from `Contract` and set its `plugin`."""

from telegraphql.gateway.conformance import Contract

__all__ = ["Contract"]
