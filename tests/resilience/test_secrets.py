"""Secrets: no credential is ever in a log line, an error, a problem or any body, whatever the upstreams do."""

import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telegraphql.gateway.auth.caller import LOCAL
from telegraphql.gateway.telemetry.settings import TracingSettings
from telegraphql.gateway.telemetry.tracing import Tracing
from telegraphql.plugins.voipstudio.sandbox.auth import USER_ID
from telegraphql.plugins.voipstudio.sandbox.sample_values import LOGIN, PASSWORD
from telegraphql.schema.node import global_id
from tests.endtoend.world import simulate
from tests.resilience.secret_scan import Ears
from tests.resilience.simulated_gateway import NAMES, Place, Row, place
from tests.support.clock import NOW

pytestmark = pytest.mark.slow

FAULTS: tuple[Row, ...] = (
    {},
    {"status": 500},
    {"mode": "drop"},
    {"mode": "html"},
    {"mode": "truncate"},
    {"mode": "rate_limit"},
    {"mode": "unauthorized"},
    {"mode": "timeout"},
)
DOCUMENT = """{ calls(first: 5) { nodes { id native cost { amount } session { id } recordings { id media { url } } queue { id } }
  problems { provider { name } code message } } queues { nodes { id native } problems { message } }
  providers { name health { status lastProblem { message } } } }"""
WAYS: dict[str, dict[str, Row]] = {
    "tokens": {},
    "passwords": {"voipstudio": {"api_token": None, "email": LOGIN, "password": PASSWORD}},
}


@pytest.fixture(scope="module", params=[*WAYS, "keys"])
def signed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Each way to sign in that a provider has."""
    sandboxes = simulate(records=20, now=NOW)
    changes = dict(WAYS.get(request.param, {}))
    if request.param == "keys":
        account = sandboxes["voximplant"].state.authenticator.accounts[1]  # type: ignore[attr-defined]
        changes["voximplant"] = {"credentials_file": None, "account_id": "1", "api_key": account.api_key}
        user = sandboxes["voipstudio"].logins  # type: ignore[attr-defined]
        changes["voipstudio"] = {"auth": "basic", "user_id": USER_ID, "api_token": user.api_token}
    with place(tmp_path_factory.mktemp("signed"), sandboxes, **changes) as made:
        yield made


@pytest.fixture(scope="module")
def spans(signed: Place) -> InMemorySpanExporter:
    """The traces of all that is asked."""
    exporter, watch = InMemorySpanExporter(), signed.world.engine.instruments
    watch.tracing = Tracing(TracingSettings(), exporter)
    watch.observe({name: each.provider.upstream for name, each in signed.world.engine.providers.items()})
    return exporter


def overheard(place: Place, spans: InMemorySpanExporter) -> int:
    """Let the ears hear the metrics and the traces; how many spans there were."""
    watch = place.world.engine.instruments
    assert watch.metrics is not None
    assert watch.tracing is not None
    watch.tracing.flush()
    finished = spans.get_finished_spans()
    spans.clear()
    for span in finished:
        place.ears.hear(span.to_json())
    place.ears.hear(watch.metrics.text(LOCAL.providers).decode())
    return len(finished)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.get("mode") or str(fault.get("status", "none")))
async def test_nothing_secret_is_said_whatever_happens(
    signed: Place, fault: Row, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    """Everybody logs everything: httpx its addresses, uvicorn its requests, asyncio its tasks."""
    caplog.set_level(logging.DEBUG)
    heard = signed.ears.heard
    async with signed.clients() as clients:
        await clients.recover(within=10)
        for name in NAMES if fault else ():
            signed.misbehave(name, **fault)
        if fault.get("mode") in ("rate_limit", "unauthorized"):
            signed.sandboxes["portsip"].tokens.access_tokens.clear()  # type: ignore[attr-defined]
        await clients.ask(DOCUMENT)
        # Those take a second each.
        slow = fault.get("mode") in ("rate_limit", "timeout")
        for name, kind in () if slow else (("portsip", "Recording"), ("voximplant", "Recording"), ("voipstudio", "Voicemessage")):
            row = global_id(kind, name, "1.1" if name == "voximplant" else "1")
            await clients.ask(f'{{ node(id: "{row}") {{ id ... on Recording {{ media {{ url }} }} }} }}')
            await clients.ask(f'mutation {{ delete{kind}s(input: {{ids: ["{row}"]}}) {{ problems {{ message }} }} }}')
    signed.behave()
    assert overheard(signed, spans) > 4
    assert signed.ears.heard > heard + 2
    assert len(signed.ears.secrets) >= 6
    assert signed.ears.leaks == []


def test_the_ears_hear() -> None:
    """A test of the test: a secret in a log line of any library is heard."""
    ears = Ears(secrets={"s3cr3t-s3cr3t"})
    with ears.listening():
        logging.getLogger("any.library").warning("asked %s", "https://x/?api_key=s3cr3t-s3cr3t")
    assert len(ears.leaks) == 1
