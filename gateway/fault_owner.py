"""Fault owner: whose part it is that an upstream refused a request."""

from enum import Enum


class FaultOwner(Enum):
    """Whose part a refusal is. Only with `STATE` may the same request succeed a moment later: it is retried and opens the breaker."""

    INPUT = "a value that the client asked for"
    CREDENTIALS = "the configured credentials"
    STATE = "the upstream's state"
    DATA = "the upstream's data"
