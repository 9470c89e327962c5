"""Stages: runs the extensions' hooks around each stage of an operation, looked up once per schema instead of once per request."""

import inspect
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext

# A hook that waits gives a context manager, or is a generator of which one is made.
Run = Generator[None] | AbstractAsyncContextManager[None]
# Which extension has the hook, by its place, and whether it waits.
Hook = tuple[int, Callable[[SchemaExtension], Run], bool]


@dataclass(frozen=True, slots=True)
class ExtensionHooks:
    """What the extensions of one schema have to say, stage by stage, and which of them add to answers."""

    operation: tuple[Hook, ...]
    parse: tuple[Hook, ...]
    validate: tuple[Hook, ...]
    execute: tuple[Hook, ...]
    telling: tuple[int, ...]

    @classmethod
    def of(cls, extensions: Sequence[SchemaExtension]) -> "ExtensionHooks":
        """Of extensions whose hooks are generators or give what is entered and left, and whose results need no waiting."""
        return cls(
            operation=_hooks(extensions, "on_operation"),
            parse=_hooks(extensions, "on_parse"),
            validate=_hooks(extensions, "on_validate"),
            execute=_hooks(extensions, "on_execute"),
            telling=tuple(place for place, each in enumerate(extensions) if type(each).get_results is not SchemaExtension.get_results),
        )


class ExtensionRunner(SchemaExtensionsRunner):
    """The stages of one operation."""

    def __init__(self, context: ExecutionContext, extensions: list[SchemaExtension], hooks: ExtensionHooks) -> None:
        super().__init__(context, extensions)
        self._hooks = hooks

    def operation(self) -> Any:
        """From before the document is parsed until everything is done."""
        return StageContext(self._hooks.operation, self.extensions)

    def parsing(self) -> Any:
        """The document is found or parsed."""
        return StageContext(self._hooks.parse, self.extensions)

    def validation(self) -> Any:
        """The document is looked through."""
        return StageContext(self._hooks.validate, self.extensions)

    def executing(self) -> Any:
        """The document is executed."""
        return StageContext(self._hooks.execute, self.extensions)

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        """What the extensions add to the answer."""
        told: dict[str, Any] = {}
        for place in self._hooks.telling:
            told.update(self.extensions[place].get_results())  # type: ignore[arg-type]  # none of ours waits
        return told


class StageContext:
    """The hooks of one stage, entered in order and left in reverse, as nested context managers are."""

    __slots__ = ("_begun", "_extensions", "_hooks")

    def __init__(self, hooks: Sequence[Hook], extensions: Sequence[SchemaExtension]) -> None:
        self._hooks, self._extensions = hooks, extensions
        self._begun: list[tuple[Any, bool]] = []

    async def __aenter__(self) -> None:
        """Enter; where one hook fails, those before it are left."""
        try:
            for place, hook, waits in self._hooks:
                running: Any = hook(self._extensions[place])
                if waits:
                    await running.__aenter__()
                else:
                    next(running)
                self._begun.append((running, waits))
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        """Leave; a hook may put an error in the place of another."""
        pending = error
        try:
            while self._begun:
                running, waits = self._begun.pop()
                try:
                    if waits:
                        ends = await running.__aexit__(pending and type(pending), pending, pending and pending.__traceback__)
                        pending = None if ends else pending
                    elif pending is not None:
                        running.throw(pending)
                    else:
                        next(running, None)
                except StopIteration:
                    pending = None
                except BaseException as raised:
                    pending = raised
            if pending is not None and pending is not error:
                raise pending
            return error is not None and pending is None
        finally:
            # What went through here holds this frame, which must not hold it.
            pending = error = None


def _hooks(extensions: Sequence[SchemaExtension], name: str) -> tuple[Hook, ...]:
    default = getattr(SchemaExtension, name)
    found = ((place, getattr(type(each), name)) for place, each in enumerate(extensions))
    return tuple((place, *_run(hook)) for place, hook in found if hook is not default)


def _run(hook: Any) -> tuple[Callable[[SchemaExtension], Run], bool]:
    """What runs a hook, and whether it waits."""
    if inspect.isgeneratorfunction(hook):
        return hook, False
    return asynccontextmanager(hook) if inspect.isasyncgenfunction(hook) else hook, True
