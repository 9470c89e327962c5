"""Later: the fields that need more than their parent, filled in for all parents of a selection together."""

from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from strawberry.types import Info

from telegraphql.gateway.graphql.compiler.compiled_cache import Unit
from telegraphql.gateway.graphql.compiler.plan import ResolverStyle, Site
from telegraphql.gateway.graphql.compiler.planner import field_of
from telegraphql.gateway.graphql.graphql_core_internals import Path, gather_with_cancel
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema.strawberry_internals import make_info, strawberry_schema

if TYPE_CHECKING:
    from telegraphql.gateway.graphql.compiler.executor import Compiling

FALLEN: Any = object()
Entry = tuple[dict[str, Any], Any, Path]


@dataclass(slots=True)
class Run:
    """One use of a unit: `later` holds, by site, the parents that wait for a field, or the info a resolver asks for."""

    executor: "Compiling"
    unit: Unit
    later: list[Any]

    @classmethod
    def of(cls, executor: "Compiling", unit: Unit, path: Path) -> "Run":
        """Begin a use at a path."""
        return cls(executor, unit, [told(executor, site, path) if site.way is ResolverStyle.AT_ONCE else [] for site in unit.sites])

    def attempt(self, value: Any, path: Path) -> Any:
        """Return what is sent of a value, or FALLEN if graphql-core has to complete it; then nothing of it is left for later."""
        unit, later, programs = self.unit, self.later, self.executor.programs
        marks = [(slot, len(later[slot])) for slot in unit.pending] if unit.pending else ()
        try:
            made = unit.project(value, path, later)
        except Exception:  # whatever it is, graphql-core meets it again and tells it
            for slot, mark in marks:
                del later[slot][mark:]
            programs.fell += 1
            return FALLEN
        programs.ran += 1
        return made

    def attempt_all(self, values: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        """Return the same for many values: at one go, or one by one if any of them is irregular."""
        project, later = self.unit.project, self.later
        if self.unit.rows is not None:
            self.unit.rows.project_below(values)
        try:
            made = [project(value, path, later) for value, path in zip(values, paths, strict=True)]
        except Exception:
            for slot in self.unit.pending:
                later[slot].clear()
            return [self.attempt(value, path) for value, path in zip(values, paths, strict=True)]
        self.executor.programs.ran += len(made)
        return made

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """Return what is left to be done."""
        sites = [(self.unit.sites[slot], self.later[slot]) for slot in self.unit.pending]
        return [fill(self.executor, site, entries) for site, entries in sites if entries]


def told(executor: "Compiling", site: Site, path: Path) -> Info:
    """Return the info of a resolver. It is the same for all parents, since the resolver does not look at the path."""
    nodes = [each.node for each in site.details]
    raw = executor.build_resolve_info(site.definition, nodes, site.parent_type, path)
    return make_info(strawberry_schema(executor.schema).config.info_class, raw, field_of(site.definition))


async def fill(executor: "Compiling", site: Site, entries: Sequence[Entry]) -> None:
    """Fill in one field of all parents that wait for it."""
    if site.way is ResolverStyle.TOGETHER and hasattr(executor.context_value, "related_all"):
        await _together(executor, site, entries)
    else:
        await _apart(executor, site, entries)


async def _apart(executor: "Compiling", site: Site, entries: Sequence[Entry]) -> None:
    """Each by graphql-core."""
    waiting: list[Coroutine[Any, Any, None]] = []
    for out, source, path in entries:
        at = Path(path, site.key, site.parent_type.name)
        record = source.record() if type(source) is RowView else source
        found = executor.execute_field(site.parent_type, record, site.details, at, None)
        if executor.is_awaitable(found):
            waiting.append(put(out, site.key, found))
        else:
            out[site.key] = found
    await all_of(waiting)


async def _together(executor: "Compiling", site: Site, entries: Sequence[Entry]) -> None:
    """All by one call of the context; graphql-core completes the irregular ones, and the errors."""
    key, name = site.key, site.parent_type.name
    found = await _asked(executor, site, entries)
    unit = executor.unit(site.return_type, site.details)
    run = Run.of(executor, unit, entries[0][2]) if unit else None
    # Code that is not deep takes no notice of the path.
    paths = [Path(path, key, name) if unit and unit.sites else path for _, _, path in entries]
    made = run.attempt_all(found, paths) if run else [FALLEN] * len(found)
    left: list[Coroutine[Any, Any, None]] = []
    for (out, _, path), value, each in zip(entries, found, made, strict=True):
        if each is FALLEN:
            left.append(put(out, key, _completed(executor, site, Path(path, key, name), value)))
        else:
            out[key] = each
    await all_of([*left, *(run.jobs() if run else ())])


async def _asked(executor: "Compiling", site: Site, entries: Sequence[Entry]) -> list[Any]:
    info = told(executor, site, Path(entries[0][2], site.key, site.parent_type.name))
    try:
        found: list[Any] = await executor.context_value.related_all([source for _, source, _ in entries], info)
    except Exception as error:  # of all, as each would have met it alone
        return [error] * len(entries)
    return found


async def _completed(executor: "Compiling", site: Site, path: Path, value: Any) -> Any:
    """Return what graphql-core makes of a value that was waited for."""
    nodes = [each.node for each in site.details]
    info = executor.build_resolve_info(site.definition, nodes, site.parent_type, path)
    return await executor.complete_awaitable_value(site.return_type, site.details, info, path, _given(value), None)


async def _given(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


async def put(out: Any, key: Any, waiting: Awaitable[Any]) -> None:
    """Put what is waited for into its place."""
    out[key] = await waiting


async def all_of(waiting: Sequence[Coroutine[Any, Any, Any]]) -> None:
    """Wait for all; the first error ends the others."""
    if len(waiting) == 1:
        await waiting[0]
    elif waiting:
        await gather_with_cancel(*waiting)
