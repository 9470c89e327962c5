"""Counting: figures over many calls, by one bounded reading of them all."""
