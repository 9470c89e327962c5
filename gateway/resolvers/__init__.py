"""Answering: what resolvers ask of the engine for one request - pages, relations, overviews, commands, what providers can."""
