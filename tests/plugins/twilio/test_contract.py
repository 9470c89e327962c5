"""Contract: every promise of a plugin, made into tests from what Twilio declares."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from telegraphql.gateway.conformance import Contract
from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.simulation import run_sandbox
from telegraphql.plugin import Sandbox
from telegraphql.plugins.twilio import Twilio
from telegraphql.plugins.twilio.sandbox import TwilioSandbox
from tests.support.clock import FIXED_NOW
from tests.support.repository import ROOT

DOCUMENT = ROOT / "tests/third_party/twilio_oai/openapi.json"


class Misspelt(Twilio):
    """Asks for pages of a size that the vendor does not know."""

    async def _read(self, name: str, decoder: Any, params: dict[str, str], link: str | None = None, parent: str | None = None) -> Any:
        return await super()._read(name, decoder, params | {"Pagesize": "50"}, link, parent)


def odd_name(sandbox: Sandbox) -> None:
    sandbox.records["queues"][0]["friendly_name"] = 7


@pytest.mark.parametrize(
    ("plugin", "change", "said"),
    [
        (Twilio, None, None),
        (Misspelt, None, "GET /Queues: request: openapi.json has no parameter `Pagesize` of it (1 such)"),
        (Twilio, odd_name, "GET /Queues: answer 200 of the sandbox: `queues.0.friendly_name`: 7 is not of type 'string' (1 such)"),
    ],
)
def test_the_kit_compares_with_the_vendors_document(
    tmp_path: Path, plugin: type[Twilio], change: Callable[[Sandbox], None] | None, said: str | None
) -> None:
    promise = PROMISES["has_ids"]
    with run_sandbox(plugin, tmp_path, 8, FIXED_NOW, DOCUMENT) as simulation:
        if change:
            change(simulation.sandbox)
        kept = promise.keep(simulation, promise.subjects(plugin)["Queue"])
        if said is None:
            simulation.run(kept)
        else:
            with pytest.raises(AssertionError, match=re.escape(said)):
                simulation.run(kept)


class TestTwilio(Contract):
    plugin = Twilio


@pytest.mark.slow
class TestTwilioAsItsVendorDocumentsIt(Contract):
    """With the other credentials and formats, too."""

    plugin = Twilio
    openapi = DOCUMENT
    settings: ClassVar[dict[str, Any]] = {
        "username": TwilioSandbox.account_sid,
        "password": TwilioSandbox.auth_token,
        "account_sid": None,
        "recording_format": "wav",
    }
