"""Settings that every provider has."""

import re
from datetime import timedelta
from typing import Any

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from telegraphql.gateway.duration import Duration
from telegraphql.gateway.upstream.resilience import ResilienceSettings

CURRENCY = re.compile(r"[A-Z]{3}")
HTTP_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?\Z")
# Of providers and of their ids.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class LocalSettings(BaseModel):
    """The settings that every provider has. A plugin adds its own.

    Unknown keys are refused. For an upstream that is not on the network; paths are settings ending in `_file` or `_folder`, and relative to
    the configuration.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str | None = Field(
        default=None,
        description="The account in ids, cursors, links and progress files. Unset: the name of the table. Write the former name here "
        "when a table is renamed, and all that clients have kept stays valid.",
    )
    region: str | None = Field(default=None, description="ISO 3166 country whose national numbers the upstream writes, such as CH.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the account, where the upstream does not say.")
    session_span: Duration = Field(default=timedelta(hours=4), description="The longest time from a session's start to its last leg's.")
    limits: ResilienceSettings = Field(default_factory=ResilienceSettings, description="How the upstream is protected, and we from it.")

    @field_validator("region")
    @classmethod
    def _check_region(cls, region: str | None) -> str | None:
        if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError("write the two capital letters of an ISO 3166 country, such as CH")
        return region

    @field_validator("currency")
    @classmethod
    def _check_currency(cls, currency: str | None) -> str | None:
        if currency is not None and not CURRENCY.fullmatch(currency):
            raise ValueError("write the three capital letters of an ISO 4217 currency, such as CHF")
        return currency

    @field_validator("*")
    @classmethod
    def _check_secrets(cls, value: Any) -> Any:
        if isinstance(value, SecretStr) and not value.get_secret_value().strip():
            raise ValueError("is empty")
        return value

    @field_validator("id")
    @classmethod
    def _check_id(cls, id: str | None) -> str | None:
        if id is not None and not NAME.fullmatch(id):
            raise ValueError("write letters, digits, '.', '_' and '-', at most 63, and begin with a letter or digit")
        return id


class Settings(LocalSettings):
    """The settings of an account at an upstream over HTTP; each plugin adds its own.

    A setting that ends in `_url` is the URL of another host of the upstream; `Request.host` names it.
    """

    base_url: str = Field(description="Where the upstream is.")
    ca_file: str | None = Field(default=None, description="A PEM file with the authority that signed the upstream's certificate.")
    client_cert_file: str | None = Field(
        default=None, description="A PEM file with a client certificate and its key, for an upstream that asks for one."
    )
    proxy: SecretStr | None = Field(
        default=None,
        description="URL of the HTTP proxy to this upstream, such as http://user:password@proxy.example:3128; `none`: no proxy, also if "
        "`network.proxy` is set.",
    )
    file_hosts: tuple[str, ...] = Field(
        default=(),
        description="Other hosts from which this provider's files may be fetched. In a host `*` stands for letters and digits; a host "
        "after http:// or https:// holds for this scheme only. If `base_url` is https, no file is fetched over http.",
    )

    @field_validator("*")
    @classmethod
    def _check_urls(cls, value: Any, info: ValidationInfo) -> Any:
        if not str(info.field_name).endswith("_url") or not isinstance(value, str):
            return value
        if not HTTP_URL.match(value):
            raise ValueError("write a URL with scheme and host and without credentials or query, such as https://api.example.com")
        if str(info.data.get("base_url")).startswith("https:") and not value.startswith("https:"):
            raise ValueError("write https://, as in `base_url`: the same credentials go there")
        return value

    @property
    def other_urls(self) -> dict[str, str]:
        """Return the URLs of the upstream's other hosts by setting: those that end in `_url`, such as `media_url`."""
        urls = {name: getattr(self, name) for name in type(self).model_fields if name.endswith("_url") and name != "base_url"}
        return {name: url for name, url in urls.items() if isinstance(url, str)}
