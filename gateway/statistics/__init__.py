"""Statistics: aggregates over many records from one bounded scan."""
