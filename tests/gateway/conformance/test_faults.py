"""One plugin for each promise of gateway/conformance/faults.py that breaks it."""

import contextlib
from pathlib import Path

import msgspec
import pytest

from telegraphql.gateway.errors import BadAnswer, Unavailable, UpstreamError
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.upstream.client import Answer
from tests.gateway.conformance.acme import Acme, Rows
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class Stoic(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        try:
            return await super().queues(ask)
        except UpstreamError:
            return Page(records=[], read=0)


class Deaf(Acme):
    def refusal(self, answer: Answer) -> UpstreamError | None:
        return None

    async def rows(self, path: str, params: dict[str, str]) -> Rows:
        said = await super().rows(path, params)
        if said.error:
            raise BadAnswer("refused the request")
        return said


class Quoting(Acme):
    def refusal(self, answer: Answer) -> UpstreamError | None:
        return Unavailable(f"it says {answer.body!r}") if answer.status >= 500 else super().refusal(answer)


class Raw(Acme):
    async def rows(self, path: str, params: dict[str, str]) -> Rows:
        try:
            return await super().rows(path, params)
        except BadAnswer as error:
            raise msgspec.DecodeError("not JSON") from error


class Hopeful(Acme):
    async def check(self) -> None:
        with contextlib.suppress(UpstreamError):
            await super().check()


class Sulking(Acme):
    failed = False

    async def rows(self, path: str, params: dict[str, str]) -> Rows:
        if self.failed:
            raise Unavailable("has failed once")
        try:
            return await super().rows(path, params)
        except UpstreamError:
            self.failed = True
            raise


CHECK = frozenset({"reports_faults_in_its_check"})
BROKEN = [
    Broken(Stoic, "turns_faults_into_errors", "but it succeeds: catch no errors, and check the response"),
    Broken(Deaf, "turns_faults_into_errors", "recognise the upstream's error in `refusal`", CHECK | {"renews_its_credentials"}),
    Broken(Quoting, "turns_faults_into_errors", "write a message of your own that says what to do", CHECK),
    Broken(
        Raw, "turns_faults_into_errors", "decode responses with self.upstream.read", CHECK | {"exposes_no_secrets", "believes_no_nonsense"}
    ),
    Broken(Hopeful, "reports_faults_in_its_check", "check must fail with Unavailable, but it succeeds"),
    Broken(Sulking, "recovers_after_faults", "keep no state of a failure", frozenset({"splits_a_refused_batch", "places_new_rows_now"})),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
