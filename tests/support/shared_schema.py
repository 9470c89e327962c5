"""The schema as the gateway serves it, made once for all gateways of a run that are configured alike."""

from copy import copy

from telegraphql.gateway.federation.settings import FederationSettings
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.validation.document_cache import DocumentCache
from telegraphql.gateway.http import app, graphql_schema
from telegraphql.gateway.http.graphql_schema import GatewaySchema

MADE: dict[str, GatewaySchema] = {}


def share_schemas() -> None:
    """Let `create_app` take a schema that is there: its types are never changed, and each gateway has documents of its own."""
    app.create_schema = shared_schema


def shared_schema(execution: ExecutionSettings | None = None, federation: FederationSettings | None = None) -> GatewaySchema:
    """Return the schema for these settings and the installed plugins."""
    key = f"{execution!r} {federation!r} {graphql_schema.plugins().found!r}"
    schema = copy(MADE.get(key) or MADE.setdefault(key, graphql_schema.create_schema(execution, federation)))
    schema.keep_documents(DocumentCache())
    return schema
