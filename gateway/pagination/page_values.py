"""Page values: the rows of a page become the values that are sent of them, or records; what cannot be read is told once per field."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from telegraphql.gateway.pagination.provider_faults import fault_of, problem_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.row_view import RowView, by_reader, kind_of, records_of
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.node import global_id
from telegraphql.schema.paging import Problem

LONGEST_ID = 64


class ProjectsRows(Protocol):
    """A projection that makes the response's values from rows."""

    def project(self, reader: RowReader, views: Sequence[RowView]) -> None:
        """Set `sent` of the views that are regular."""


@dataclass(slots=True)
class FieldProblems:
    """The fields that cannot be read, by provider and kind: of how many records, and the id of the first of them."""

    _found: dict[tuple[str, str, str], tuple[int, str]] = field(default_factory=dict)

    def add(self, view: RowView, attributes: frozenset[str] | None = None) -> None:
        """Count the fields of one record, or those of them that belong to some of its attributes."""
        for path in view.malformed:
            if attributes is not None and path.partition(".")[0] not in attributes:
                continue
            key = (view.provider_name, kind_of(view).__name__, path)
            count, example = self._found.get(key, (0, view.native_id))
            self._found[key] = (count + 1, example)

    def problems(self) -> list[Problem]:
        """Return one problem for each field, in the order of their first records."""
        return [_problem(*key, count, example) for key, (count, example) in self._found.items()]


def page_values(found: Sequence[Any], projector: ProjectsRows | None = None) -> tuple[list[Any], list[Problem]]:
    """Return records, or views of which it is known what is `sent`, and the problems of what cannot be read.

    If anything is raised, the records are made provider by provider: those of a provider that fails are left out, with its problem.
    """
    try:
        return _made(found, projector)
    except Exception:  # whatever it is, the provider that causes it meets it again
        return _made_by_provider(found, projector)


def _made_by_provider(found: Sequence[Any], projector: ProjectsRows | None) -> tuple[list[Any], list[Problem]]:
    shown: dict[int, Any] = {}
    problems: list[Problem] = []
    for name in dict.fromkeys(each.provider_name for each in found):
        own = [place for place, each in enumerate(found) if each.provider_name == name]
        try:
            made, own_problems = _made([found[place] for place in own], projector)
        except Exception as error:
            problems.append(problem_of(fault_of(error, name)))
            continue
        shown |= zip(own, made, strict=True)
        problems += own_problems
    return [shown[place] for place in sorted(shown)], problems


def _made(found: Sequence[Any], projector: ProjectsRows | None) -> tuple[list[Any], list[Problem]]:
    views = [each for each in found if type(each) is RowView]
    if not views:
        return list(found), []
    if projector is None:
        shown = records_of(found)
    else:
        for reader, regular in by_reader([view for view in views if not view.odd]):
            projector.project(reader, regular)
        shown = [each.record() if type(each) is RowView and each.projection is not projector else each for each in found]
    malformed = [each for each in views if each.malformed]
    if not malformed:
        return shown, []
    told = FieldProblems()
    for view in malformed:
        told.add(view)
    return shown, told.problems()


def _problem(provider: str, kind: str, path: str, count: int, example: str) -> Problem:
    name = field_name(path)
    of = f"of {count} records, such as {example[:LONGEST_ID]}," if count > 1 else f"of the record {example[:LONGEST_ID]}"
    return Problem(
        provider=provider,
        code=ProblemCode.MALFORMED_FIELD,
        message=f"the field {name} {of} cannot be read, and is null; all else of them is complete",
        retryable=False,
        id=global_id(kind, provider, example),  # type: ignore[arg-type]
        field=name,
        count=count,
    )


def field_name(path: str) -> str:
    """Return the schema's name of a column, such as "from.number"."""
    head, _, part = path.partition(".")
    if head in ("refs", "files", "held"):
        return part
    return schema_name(head) + (f".{schema_name(part)}" if part else "")
