"""Hypothesis, the same on every machine: no deadline on busy ones, the same examples each time, nothing written beside the tests."""

import sys

from hypothesis import HealthCheck, settings

settings.register_profile(
    "telegraphql",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("telegraphql")

# httpcore looks for it on the disk, in vain, with every lock it takes.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
