"""Voximplant: the plugin for the history methods of its Management API."""

from plugins.voximplant.provider import Voximplant

__all__ = ["Voximplant"]
