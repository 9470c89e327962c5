"""Observing: what the gateway tells its operators - metrics, traces, logs - and, on demand, its callers."""
