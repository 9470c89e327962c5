"""Settings: whether routers may join this graph with others; `[federation]` of the configuration."""

from pydantic import BaseModel, ConfigDict, Field


class Federation(BaseModel):
    """Being a subgraph of Apollo Federation 2."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = Field(
        default=True, description="Whether the schema has _service and _entities, by which routers join it with others. Read at the start."
    )
