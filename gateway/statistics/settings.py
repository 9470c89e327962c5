"""Settings: how much one count may read and hold; `[statistics]` of the configuration."""

from pydantic import BaseModel, ConfigDict, Field


class StatisticsSettings(BaseModel):
    """Bounds of callStatistics."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests: int = Field(default=200, ge=2, description="Upstream requests with which one count may read at each provider.")
    groups: int = Field(default=10_000, ge=1, description="Groups of one count; what would make one more is left for the next.")
