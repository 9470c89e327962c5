"""Boxis.net, a hosted PBX, read through its getCDR function."""

from telegraphql.plugins.boxis.provider import Boxis

__all__ = ["Boxis"]
