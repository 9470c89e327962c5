"""Plugins: one package per provider, found through the entry-point group `telegraphql.providers`."""
