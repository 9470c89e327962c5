"""The extensions' hooks run around each stage as nested context managers would."""

from collections.abc import AsyncIterator, Iterator

import pytest
from strawberry.extensions import SchemaExtension

from telegraphql.gateway.http.extension_runner import ExtensionHooks, StageContext

LOG: list[str] = []


class Outer(SchemaExtension):
    """Notes when it is entered and left; may turn one error into another, or swallow it."""

    def on_execute(self) -> Iterator[None]:
        LOG.append("outer in")
        try:
            yield
        except KeyError:
            LOG.append("outer swallows")
        except ValueError:
            raise RuntimeError("another") from None
        else:
            LOG.append("outer out")


class Inner(SchemaExtension):
    """Waits, and fails on entering where it is told to."""

    fails = False

    async def on_execute(self) -> AsyncIterator[None]:
        if self.fails:
            raise KeyError("no room")
        LOG.append("inner in")
        try:
            yield
        finally:
            LOG.append("inner out")


class Silent(SchemaExtension):
    """Has nothing to say."""


@pytest.fixture(autouse=True)
def _empty() -> None:
    LOG.clear()


def stage(fails: bool = False) -> StageContext:
    extensions = [Silent(execution_context=None), Outer(execution_context=None), Inner(execution_context=None)]
    extensions[2].fails = fails  # type: ignore[attr-defined]
    hooks = ExtensionHooks.of(extensions)
    assert (hooks.operation, hooks.parse, hooks.validate, hooks.with_results) == ((), (), (), ())
    return StageContext(hooks.execute, extensions)


async def test_they_are_entered_in_order_and_left_in_reverse() -> None:
    async with stage():
        LOG.append("work")
    assert LOG == ["outer in", "inner in", "work", "inner out", "outer out"]


async def test_an_error_passes_through_all_that_were_entered() -> None:
    with pytest.raises(RuntimeError, match="another"):
        async with stage():
            raise ValueError
    assert LOG == ["outer in", "inner in", "inner out"]


async def test_an_error_may_be_swallowed() -> None:
    async with stage():
        raise KeyError
    assert LOG == ["outer in", "inner in", "inner out", "outer swallows"]


async def test_an_error_that_nobody_takes_is_the_same_outside() -> None:
    error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError) as seen:
        async with stage():
            raise error
    assert seen.value is error


async def test_what_fails_on_entering_leaves_those_before_it_and_is_never_swallowed() -> None:
    with pytest.raises(KeyError, match="no room"):
        async with stage(fails=True):
            LOG.append("work")
    assert LOG == ["outer in", "outer swallows"]
