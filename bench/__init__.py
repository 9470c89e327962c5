"""Bench: the same query over the same upstream, asked of this gateway and of what a user would pick instead, in one run."""
