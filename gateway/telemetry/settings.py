"""Settings: what is seen of the gateway, by whom, and in which form."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class MetricsSettings(BaseModel):
    """Numbers for Prometheus."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool = Field(default=True, description="Whether anything is counted, and /metrics answers.")
    port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="A port of its own for /metrics, where nobody is asked who they are; unset: the gateway's, for callers with admin.",
    )
    host: str = Field(default="127.0.0.1", description="The address that port listens on.")


class TracingSettings(BaseModel):
    """Traces for an OpenTelemetry collector. The standard OTEL_ variables are understood as well."""

    model_config = ConfigDict(extra="forbid")

    endpoint: str = Field(
        default="",
        description="The collector's address (OTLP over HTTP), such as http://127.0.0.1:4318; empty: OTEL_EXPORTER_OTLP_ENDPOINT, or off.",
    )
    ratio: float = Field(
        default=1.0, ge=0, le=1, description="The share of operations that are traced, where the caller's trace does not say."
    )
    propagate: bool = Field(default=False, description="Whether providers are sent the trace's id (a traceparent header).")


class LogSettings(BaseModel):
    """The log on standard error; read when the gateway starts."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["auto", "json", "text"] = Field(
        default="auto", description="One JSON object a line, or text; auto: text on a terminal."
    )
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="The least that is logged.")
    access: bool = Field(default=True, description="Whether each request is logged, at INFO.")
