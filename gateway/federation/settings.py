"""The `[federation]` settings."""

from pydantic import BaseModel, ConfigDict, Field


class FederationSettings(BaseModel):
    """Apollo Federation 2."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = Field(
        default=True, description="Serve the schema as a subgraph: with _service and _entities. A change needs a restart."
    )
