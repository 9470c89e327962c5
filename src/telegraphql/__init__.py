"""TelegraphQL: a pluggable GraphQL gateway over telephony providers."""

from importlib.metadata import version

__version__ = version("telegraphql")
