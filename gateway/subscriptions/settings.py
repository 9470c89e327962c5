"""Settings: how often providers are looked at for those who follow, how far back, and how much may wait for a client."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class SubscriptionSettings(BaseModel):
    """How new records are found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll_seconds: float = Field(default=3.0, gt=0, description="Seconds between two looks at one provider, however many listen.")
    window: timedelta = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="How far back each look reaches; every 4th reaches 4 times as far, every 16th 16 times, and so on up to `lookback`.",
    )
    lookback: timedelta = Field(
        default=timedelta(hours=4), gt=timedelta(0), description="The longest call; what lasted longer may not be announced."
    )
    lateness: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(0),
        description="How long after its end a call may first appear, differences of clocks included; a resume sends so much again.",
    )
    queue: int = Field(default=1000, ge=1, description="Events that may wait for one slow client before its subscription ends.")
    longest_rest: float = Field(default=60.0, gt=0, description="The most seconds between two looks at a provider that keeps failing.")
