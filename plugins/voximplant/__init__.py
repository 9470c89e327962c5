"""Voximplant: the plugin for the history methods of its Management API."""

from telegraphql.plugins.voximplant.provider import Voximplant

__all__ = ["Voximplant"]
