"""The `[statistics]` settings: limits of statistics."""

from pydantic import BaseModel, ConfigDict, Field


class StatisticsSettings(BaseModel):
    """Limits of `callStatistics` and `queueStatistics`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_requests: int = Field(default=200, ge=2, description="Upstream requests per provider and query.")
    max_groups: int = Field(default=10_000, ge=1, description="Groups per query; records of further groups are left to the next page.")
