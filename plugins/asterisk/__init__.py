"""Asterisk: the call records and recordings that an Asterisk keeps on its own disk."""

from telegraphql.plugins.asterisk.provider import Asterisk

__all__ = ["Asterisk"]
