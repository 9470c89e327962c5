"""Fault owner: the party at fault when an upstream refuses a request."""

from enum import Enum


class FaultOwner(Enum):
    """The party at fault for a refusal. Only a request that failed by `STATE` is retried and counted by the breaker."""

    INPUT = "a value that the client asked for"
    CREDENTIALS = "the configured credentials"
    STATE = "the upstream's state"
    DATA = "the upstream's data"
