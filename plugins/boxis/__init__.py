"""Boxis: the hosted PBX of Boxis.net, read through its getCDR function."""

from telegraphql.plugins.boxis.provider import Boxis

__all__ = ["Boxis"]
