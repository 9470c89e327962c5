"""Sharing: what several replicas of the gateway have in common, in a Redis or Valkey that all of them can do without."""
