"""Twilio: calls, recordings, messages, queues and usage, read through its REST API."""

from telegraphql.plugins.twilio.provider import Twilio

__all__ = ["Twilio"]
