"""Scaffolding of a new plugin: a small distribution that works."""
