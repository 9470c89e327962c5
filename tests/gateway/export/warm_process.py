"""What the process makes ahead from which exports are forked."""

from tests.gateway.export import killed_process
from tests.support.graphql_client import served_schema

__all__ = ["killed_process"]
served_schema()
