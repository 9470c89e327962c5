"""Operation problems: what is missing from the answer of one operation, and where."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.provider_faults import problem_of, stale_problem
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.scalars import write_moment

ResponsePath = Sequence[str | int]


@dataclass(slots=True)
class OperationProblems:
    """The problems of lists, and the failures of single fields: a field that cannot be read is null, and a problem of the list it is in."""

    # Of single fields, not told yet.
    failures: list[tuple[ResponsePath, Problem]] = field(default_factory=list)
    # Of lists and single fields.
    told: list[tuple[ResponsePath, Problem]] = field(default_factory=list)

    def add(self, path: ResponsePath, problems: Iterable[Problem]) -> None:
        """Add the problems of the list at a path."""
        self.told += [(path, problem) for problem in problems]

    def add_failure(self, path: ResponsePath, name: str, error: UpstreamError) -> None:
        """Add the failure of one field, by its name in the schema."""
        problem = problem_of(error)
        problem.field = name
        self.failures.append((path, problem))

    def take(self, path: ResponsePath) -> list[Problem]:
        """Return the failures of fields below a path that were not taken before: equal ones as one problem, with their number."""
        depth, below, left = len(path), list[tuple[ResponsePath, Problem]](), list[tuple[ResponsePath, Problem]]()
        for at, problem in self.failures:
            (below if list(at[:depth]) == list(path) else left).append((at, problem))
        self.failures = left
        groups: dict[Any, tuple[ResponsePath, Problem]] = {}
        for at, problem in below:
            _, first = groups.setdefault((problem.provider, problem.code, problem.field, problem.message), (at, problem))
            first.count = (first.count or 0) + 1
        self.told += groups.values()
        return [problem for _, problem in groups.values()]

    def add_stale(self, stale: Mapping[str, tuple[ProblemCode, float]]) -> None:
        """Add a problem for each provider whose cached answers replace failed ones, such as those of relations, unless a list tells it."""
        told = {problem.provider for _, problem in self.told if problem.code is ProblemCode.STALE}
        for provider, (code, seconds) in sorted(stale.items()):
            if provider not in told:
                self.add((), [stale_problem(provider, f"an answer failed ({code.value})", seconds)])

    @property
    def codes(self) -> set[ProblemCode]:
        """Return the codes of all problems so far."""
        return {problem.code for _, problem in (*self.told, *self.failures)}

    def counts(self) -> Counter[tuple[str, ProblemCode]]:
        """Return the numbers of problems so far, by provider id and code."""
        return Counter((problem.provider, problem.code) for _, problem in (*self.told, *self.failures))

    def as_json(self, names: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return all problems with their paths, as they stand in the answer's `extensions`. `names` are those of the providers, by id."""
        self.take(())
        return [{"path": [*path], **problem_as_json(problem, names)} for path, problem in self.told]


def problem_as_json(problem: Problem, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a problem that are known, by the schema's names; the provider is its name."""
    known: dict[str, Any] = {
        "provider": names.get(problem.provider),
        "code": problem.code.value,
        "message": problem.message,
        "retryable": problem.retryable,
        "retryAfter": problem.retry_after,
        "ageSeconds": problem.age_seconds,
        "id": problem.id,
        "field": problem.field,
        "count": problem.count,
    }
    if problem.range is not None:
        bounds = {"since": problem.range.since, "until": problem.range.until}
        known["range"] = {name: write_moment(moment) if moment else None for name, moment in bounds.items()}
    return {name: value for name, value in known.items() if value is not None}
