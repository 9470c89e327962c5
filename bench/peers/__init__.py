"""Peers: what a user would pick instead, each at its best, over the same upstream and with the same answers."""
