"""Whether each provider can be reached with its credentials, and what to do where not."""

from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.cli.check import Finding, check_providers
from telegraphql.gateway.config import build_config
from telegraphql.gateway.errors import BadAnswer, Forbidden, RateLimited, TimedOut, Unauthorized, Unavailable, Unsupported, UpstreamError
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from tests.support.memory_provider import Memory


class Checked(Memory):
    """Answers a check as it is told."""

    plugin = "checked"
    faults: dict[str, UpstreamError] = {}  # noqa: RUF012 - shared on purpose

    async def check(self) -> None:
        """Raise what is wrong."""
        if self.name in self.faults:
            raise self.faults[self.name]

    async def diagnose(self) -> None:
        """Warn of what this account refuses."""
        self.upstream.set_warnings(["refuses a filter: remove it"] if self.name == "limited" else [])


async def findings(**faults: UpstreamError) -> list[Finding]:
    names = [*faults, "fine", "lost"]
    tables: dict[str, Any] = {name: {"plugin": "broken" if name == "lost" else "checked"} for name in names}
    Checked.faults = faults
    return await check_providers(
        Runtime.build(build_config({"providers": tables}, Path()), Plugins({"checked": Checked}, {"broken": "ImportError: oops"}))
    )


async def test_what_is_well_and_what_is_broken_is_told_by_name() -> None:
    found = await findings()
    assert found == [
        Finding("fine", "checked"),
        Finding("lost", "", "BROKEN", "its plugin broken is broken: ImportError: oops"),
    ]
    assert [finding.is_ok for finding in found] == [True, False]


async def test_warnings_stand_beside_ok() -> None:
    Checked.faults = {}
    tables = {"limited": {"plugin": "checked"}}
    found = await check_providers(Runtime.build(build_config({"providers": tables}, Path()), Plugins({"checked": Checked}, {})))
    assert found == [Finding("limited", "checked", warnings=("refuses a filter: remove it",))]
    assert found[0].is_ok


ADVICE = [
    (
        Unauthorized("refused the credentials"),
        "UNAUTHORIZED",
        "refused the credentials; check this provider's credentials in the configuration",
    ),
    (Forbidden("no role"), "FORBIDDEN", "no role; give the configured account the role it needs at the provider"),
    (TimedOut("no answer in time"), "TIMEOUT", "no answer in time; check base_url and any firewall in between"),
    (Unavailable("is down"), "UNAVAILABLE", "is down; check base_url and whether the provider is up"),
    (BadAnswer("answers HTML"), "BAD_ANSWER", "answers HTML; check that base_url is the URL of this provider's API"),
    (RateLimited("wait"), "RATE_LIMITED", "wait; wait a while and check again"),
    (Unsupported("cannot"), "UNSUPPORTED", "cannot; see the message"),
]


@pytest.mark.parametrize(("fault", "code", "advice"), ADVICE, ids=lambda each: type(each).__name__)
async def test_what_is_wrong_comes_with_what_to_do(fault: UpstreamError, code: str, advice: str) -> None:
    (found,) = [finding for finding in await findings(sick=fault) if finding.provider == "sick"]
    assert (found, found.is_ok) == (Finding("sick", "checked", code, advice), False)
