"""The `[metrics]`, `[tracing]` and `[logs]` settings."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class MetricsSettings(BaseModel):
    """Prometheus metrics."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = Field(default=True, description="Collect metrics and serve /metrics.")
    port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="A separate port for /metrics, without authentication. Unset: the gateway's port, for callers with the scope admin.",
    )
    host: str = Field(default="127.0.0.1", description="The address of the separate port.")


class TracingSettings(BaseModel):
    """OpenTelemetry traces. The standard OTEL_ environment variables are supported too."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = Field(
        default="",
        description="The collector's URL (OTLP over HTTP), such as http://127.0.0.1:4318. Empty: OTEL_EXPORTER_OTLP_ENDPOINT or off.",
    )
    sample_ratio: float = Field(
        default=1.0, ge=0, le=1, description="The share of operations that are traced, unless the caller's trace context decides."
    )
    propagate: bool = Field(default=False, description="Send the traceparent header to providers.")


class LogSettings(BaseModel):
    """The log on standard error. A change needs a restart."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["auto", "json", "text"] = Field(
        default="auto", description="json: one JSON object per line. auto: text on a terminal, else json."
    )
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="The lowest level that is logged.")
    access: bool = Field(default=True, description="Log each request at INFO.")
