"""Settings of how operations are executed."""

from pydantic import BaseModel, ConfigDict, Field


class Execution(BaseModel):
    """How answers are put together."""

    model_config = ConfigDict(extra="forbid")

    compiled: bool = Field(
        default=True,
        description="Whether selections are turned into code once and reused; without, the same answers take longer. Read at the start.",
    )
    documents: int = Field(default=500, ge=1, description="The number of documents whose code is kept. Read at the start.")
