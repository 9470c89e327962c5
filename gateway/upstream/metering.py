"""Metering: count the processor time that each operation takes in the event loop.

A task factory wraps each task. Before and after each step of a task the processor time of the thread is read, and the difference is
counted for the operation that is current then. Steps of one thread exclude each other, so that nothing is counted twice. What threads
decode for an operation is counted by whoever starts them. What is left out: the parsing of HTTP, which belongs to no operation yet, the
encoding of the response, and garbage collection in other steps.
"""

import asyncio
import threading
from collections.abc import Coroutine, Generator
from time import thread_time
from typing import Any, TypeVar

from telegraphql.gateway.upstream.request_budget import RequestBudget, entered

T = TypeVar("T")


class _Step(threading.local):
    """The processor time of this thread at which its running step began; 0 outside of one."""

    began = 0.0


_step = _Step()


class MeteredCoroutine(Coroutine[Any, Any, T]):
    """A coroutine of which each step is counted for the current operation."""

    __slots__ = ("_coroutine", "_send")

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine, self._send = coroutine, coroutine.send

    def send(self, value: Any) -> Any:
        """Run the next step."""
        _step.began = thread_time()
        try:
            return self._send(value)
        finally:
            settle(entered())
            _step.began = 0.0

    def throw(self, *error: Any) -> Any:
        """Run the next step with an exception."""
        _step.began = thread_time()
        try:
            return self._coroutine.throw(*error)
        finally:
            settle(entered())
            _step.began = 0.0

    def close(self) -> None:
        """Close the coroutine."""
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, T]:
        return self._coroutine.__await__()

    def __getattr__(self, name: str) -> Any:
        # What inspect and anyio read of a coroutine, such as cr_frame.
        return getattr(self._coroutine, name)


def settle(budget: RequestBudget | None) -> None:
    """Count the running step so far for an operation, whose last step may end with another one current."""
    if budget is None or not _step.began:
        return
    now, work = thread_time(), budget.work
    seconds = now - _step.began
    work.cpu_seconds += seconds
    if seconds > work.longest_step:
        work.longest_step = seconds
    _step.began = now


def metered_task(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T], **options: Any) -> "asyncio.Task[T]":
    """Return a task whose steps are metered: a task factory."""
    return asyncio.Task(MeteredCoroutine(coroutine), loop=loop, **options)
