"""The limit of open files is raised, and told if it is low."""

import resource

import pytest

from telegraphql.gateway.cli.open_files import ENOUGH, raise_limit


@pytest.mark.parametrize(("hard", "told"), [(ENOUGH - 1, 1), (ENOUGH, 0), (resource.RLIM_INFINITY, 0)])
def test_it_is_raised_to_what_it_may_be(hard: int, told: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    now = [(256, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: now[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: now.append(limits))
    assert raise_limit() == hard
    assert now == [(256, hard), (hard, hard)]
    assert [f"may open {hard} files" in each.getMessage() for each in caplog.records] == [True] * told


def test_a_system_that_does_not_let_it_be_raised_is_no_reason_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 512))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert raise_limit() == 256
