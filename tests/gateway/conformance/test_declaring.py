"""One plugin for each promise of gateway/conformance/declaring.py that breaks it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict, Field, model_validator

from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult, command
from telegraphql.gateway.upstream.client import Request
from tests.gateway.conformance.acme import Acme, AcmeSettings
from tests.gateway.conformance.broken_plugins import Broken, judge


class Misnamed(Acme):
    plugin = "Acme Inc."


class Misspelt(Acme):
    @command("deleteRecodings")
    async def misspelt(self, order: CommandRequest) -> CommandResult:
        return CommandResult()


class Terse(Acme):
    class Terse(AcmeSettings):
        page_size: int | None = None

    settings_type = Terse


class Vague(Acme):
    class Vague(AcmeSettings):
        @model_validator(mode="before")
        @classmethod
        def _whole(cls, given: dict[str, Any]) -> dict[str, Any]:
            if "user" not in given:
                raise ValueError("something is missing")
            return given

    settings_type = Vague


class Lenient(Acme):
    class Lenient(AcmeSettings):
        model_config = ConfigDict(extra="ignore")

    settings_type = Lenient


class Open(Acme):
    class Open(AcmeSettings):
        password: str = Field(default="hunter2", description="Another secret.")

    settings_type = Open


class Shown(Acme):
    def __repr__(self) -> str:
        return f"Shown({self.settings.api_key.get_secret_value()})"


class Plain(Acme):
    class Plain(AcmeSettings):
        api_key: str = Field(description="The user's key.")  # type: ignore[assignment]

    settings_type = Plain

    async def authorize(self, request: Request) -> None:
        request.params |= {"user": self.settings.user, "key": str(self.settings.api_key), "series": self.series}


BROKEN = [
    Broken(Misnamed, "has_a_name", "set `plugin` to a lower-case identifier"),
    Broken(Misspelt, "declares_what_the_schema_has", 'the command "deleteRecodings": correct the declaration'),
    Broken(Terse, "describes_its_settings", "the setting page_size has no description: write Field(description="),
    Broken(Vague, "names_a_missing_setting", "without the setting user the error is 'providers.the-account: something is missing'"),
    Broken(Lenient, "names_an_unknown_setting", 'keep extra="forbid"'),
    Broken(Open, "keeps_secrets_out_of_its_settings_text", "the setting password is a plain str: make it a SecretStr"),
    Broken(Shown, "keeps_secrets_out_of_its_settings_text", "out of __repr__", frozenset({"exposes_no_secrets"})),
    Broken(Plain, "keeps_secrets_out_of_its_settings_text", "the setting api_key is a plain str", frozenset({"exposes_no_secrets"})),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
