"""The `[execution]` settings."""

from pydantic import BaseModel, ConfigDict, Field


class ExecutionSettings(BaseModel):
    """Execution of GraphQL operations."""

    model_config = ConfigDict(extra="forbid")

    compile: bool = Field(
        default=True, description="Compile selections to Python code, which is faster. Responses are the same. A change needs a restart."
    )
    compiled_documents: int = Field(default=500, ge=1, description="Documents whose compiled code is cached. A change needs a restart.")
