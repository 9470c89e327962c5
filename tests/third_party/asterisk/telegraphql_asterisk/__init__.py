"""Asterisk: the call records and recordings that an Asterisk keeps on its own disk."""

from telegraphql_asterisk.provider import Asterisk

__all__ = ["Asterisk"]
