"""Runs the hooks of Strawberry extensions. Hooks are looked up once per schema, not once per request."""

import inspect
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext

# A synchronous hook is a generator; an asynchronous one an async context manager, or an async generator made into one.
HookRun = Generator[None] | AbstractAsyncContextManager[None]
# The index of the extension, its hook, and whether the hook is asynchronous.
Hook = tuple[int, Callable[[SchemaExtension], HookRun], bool]


@dataclass(frozen=True, slots=True)
class ExtensionHooks:
    """The hooks of one schema's extensions by stage, and the indexes of the extensions that return results."""

    operation: tuple[Hook, ...]
    parse: tuple[Hook, ...]
    validate: tuple[Hook, ...]
    execute: tuple[Hook, ...]
    with_results: tuple[int, ...]

    @classmethod
    def of(cls, extensions: Sequence[SchemaExtension]) -> "ExtensionHooks":
        """Look up the hooks of extensions. Their `get_results` must not be asynchronous."""
        return cls(
            operation=_hooks(extensions, "on_operation"),
            parse=_hooks(extensions, "on_parse"),
            validate=_hooks(extensions, "on_validate"),
            execute=_hooks(extensions, "on_execute"),
            with_results=tuple(index for index, each in enumerate(extensions) if type(each).get_results is not SchemaExtension.get_results),
        )


class ExtensionRunner(SchemaExtensionsRunner):
    """The stages of one operation."""

    def __init__(self, context: ExecutionContext, extensions: list[SchemaExtension], hooks: ExtensionHooks) -> None:
        super().__init__(context, extensions)
        self._hooks = hooks

    def operation(self) -> Any:
        """Return the context of the whole operation."""
        return StageContext(self._hooks.operation, self.extensions)

    def parsing(self) -> Any:
        """Return the context of parsing."""
        return StageContext(self._hooks.parse, self.extensions)

    def validation(self) -> Any:
        """Return the context of validation."""
        return StageContext(self._hooks.validate, self.extensions)

    def executing(self) -> Any:
        """Return the context of execution."""
        return StageContext(self._hooks.execute, self.extensions)

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        """Return the `extensions` of the response."""
        results: dict[str, Any] = {}
        for index in self._hooks.with_results:
            results.update(self.extensions[index].get_results())  # type: ignore[arg-type]  # none of ours is asynchronous
        return results


class StageContext:
    """Enters the hooks of one stage in order and leaves them in reverse order, as nested context managers do."""

    __slots__ = ("_extensions", "_hooks", "_running")

    def __init__(self, hooks: Sequence[Hook], extensions: Sequence[SchemaExtension]) -> None:
        self._hooks, self._extensions = hooks, extensions
        self._running: list[tuple[Any, bool]] = []

    async def __aenter__(self) -> None:
        """Enter all hooks. If one fails, leave those entered before."""
        try:
            for index, hook, is_async in self._hooks:
                run: Any = hook(self._extensions[index])
                if is_async:
                    await run.__aenter__()
                else:
                    next(run)
                self._running.append((run, is_async))
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """Leave all hooks. A hook may suppress an error, or replace it by another."""
        pending = error
        try:
            while self._running:
                run, is_async = self._running.pop()
                try:
                    if is_async:
                        is_suppressed = await run.__aexit__(pending and type(pending), pending, pending and pending.__traceback__)
                        pending = None if is_suppressed else pending
                    elif pending is not None:
                        run.throw(pending)
                    else:
                        next(run, None)
                except StopIteration:
                    pending = None
                except BaseException as raised:
                    pending = raised
            if pending is not None and pending is not error:
                raise pending
            return error is not None and pending is None
        finally:
            # Break the reference cycle between the exception, whose traceback holds this frame, and the frame.
            pending = error = None


def _hooks(extensions: Sequence[SchemaExtension], name: str) -> tuple[Hook, ...]:
    default = getattr(SchemaExtension, name)
    found = ((index, getattr(type(each), name)) for index, each in enumerate(extensions))
    return tuple((index, *_runnable(hook)) for index, hook in found if hook is not default)


def _runnable(hook: Any) -> tuple[Callable[[SchemaExtension], HookRun], bool]:
    """Return the function that runs a hook, and True if the hook is asynchronous."""
    if inspect.isgeneratorfunction(hook):
        return hook, False
    return asynccontextmanager(hook) if inspect.isasyncgenfunction(hook) else hook, True
