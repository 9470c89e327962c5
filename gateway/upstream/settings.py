"""The `[network]` settings: the way to all upstreams."""

import re

from pydantic import BaseModel, ConfigDict, Field, SecretStr

# No path: aiohttp would ignore it.
PROXY_URL = re.compile(r"https?://([^\s/?#@]+@)?[^\s/?#@]+/?")
NO_PROXY = "none"


class NetworkSettings(BaseModel):
    """The way to all upstreams. Each provider can have another one. Proxies of the environment are not used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    proxy: SecretStr | None = Field(
        default=None, description="URL of the HTTP proxy to all upstreams, such as http://user:password@proxy.example:3128."
    )


def proxy_url(own: SecretStr | None, common: SecretStr | None) -> str | None:
    """Return the URL of the proxy of one provider, or None for none.

    Raises:
        ValueError: It is not a URL of a proxy.
    """
    chosen = common if own is None else own
    if chosen is None or chosen.get_secret_value() == NO_PROXY:
        return None
    if not PROXY_URL.fullmatch(chosen.get_secret_value()):
        raise ValueError("write scheme, host and port of an HTTP proxy, such as http://proxy.example:3128")
    return chosen.get_secret_value()
