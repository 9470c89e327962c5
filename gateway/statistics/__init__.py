"""Call statistics: aggregates over many calls from one bounded scan."""
