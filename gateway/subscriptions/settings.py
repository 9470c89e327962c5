"""The section `[subscriptions]` of the configuration."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class SubscriptionSettings(BaseModel):
    """How new records are found, and how many may wait for a client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll_seconds: float = Field(default=3.0, gt=0, description="Seconds between two polls of one provider, however many clients listen.")
    window: timedelta = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="Time window of each poll. Every 4th poll covers 4 times as much, every 16th 16 times, and so on up to `lookback`.",
    )
    lookback: timedelta = Field(
        default=timedelta(hours=4), gt=timedelta(0), description="Longest duration of a call. Longer calls may not be announced."
    )
    lateness: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(0),
        description="Longest time until an ended call appears upstream, clock drift included. A resumed subscription repeats this much.",
    )
    queue: int = Field(
        default=1000, ge=1, description="Maximum events that wait for one slow client. Beyond it the subscription ends with SLOW_CONSUMER."
    )
    longest_rest: float = Field(default=60.0, gt=0, description="Longest pause between two polls of a failing provider, in seconds.")
