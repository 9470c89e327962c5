"""The `[statistics]` settings: limits of one callStatistics query."""

from pydantic import BaseModel, ConfigDict, Field


class StatisticsSettings(BaseModel):
    """Limits of one callStatistics query."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_requests: int = Field(default=200, ge=2, description="Upstream requests per provider.")
    max_groups: int = Field(default=10_000, ge=1, description="Groups; further records are left for the next page.")
