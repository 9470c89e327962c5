"""The section `[statistics]` of the configuration."""

from pydantic import BaseModel, ConfigDict, Field


class StatisticsSettings(BaseModel):
    """Limits of `callStatistics`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests: int = Field(default=200, ge=2, description="Maximum upstream requests per provider and query.")
    groups: int = Field(default=10_000, ge=1, description="Maximum groups per query; calls of further groups are left to the next page.")
