"""The `[subscriptions]` settings: how often and how far back providers are polled."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from telegraphql.gateway.duration import Duration, Seconds


class SubscriptionSettings(BaseModel):
    """Polling of providers for new records, and the queue of each subscriber."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll_interval: Seconds = Field(default=3.0, gt=0, description="The time between two polls of one provider, shared by all subscribers.")
    window: Duration = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="How far back each poll reads. Every 4th poll reads 4 times as far, every 16th 16 times, and so on up to lookback.",
    )
    lookback: Duration = Field(
        default=timedelta(hours=4), gt=timedelta(0), description="The longest expected call; longer calls may not be announced."
    )
    allowed_lateness: Duration = Field(
        default=timedelta(minutes=5),
        ge=timedelta(0),
        description="The longest time from a call's end until the provider lists it, clock differences included. "
        "A resumed subscription repeats as much.",
    )
    max_queue: int = Field(default=1000, ge=1, description="Events queued for one slow client before its subscription is ended.")
    max_backoff: Seconds = Field(default=60.0, gt=0, description="The longest time between two polls of a failing provider.")
