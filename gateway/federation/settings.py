"""The `[federation]` settings."""

from pydantic import BaseModel, ConfigDict, Field


class FederationSettings(BaseModel):
    """Settings of the Apollo Federation 2 subgraph."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = Field(
        default=True,
        description="Add `_service` and `_entities` to the schema, so that federation routers can compose it. A change needs a restart.",
    )
