"""Work: what an operation has read and computed is counted once for all its parts, and limited."""

from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.gateway.upstream.work import Work, WorkLimit, WorkLimits
from telegraphql.schema.enums import ProblemCode


def reached(work: Work) -> str | None:
    try:
        work.check()
    except WorkLimit as error:
        return error.reached
    return None


def test_each_limit_is_reached_exactly() -> None:
    limits = WorkLimits(rows=1_000, answer_bytes=2_000, cpu_seconds=0.5)
    assert reached(Work(limits, rows=999, answer_bytes=1_999, cpu_seconds=0.49)) is None
    assert reached(Work(limits, rows=1_000)) == "1,000 rows (limits.rows)"
    assert reached(Work(limits, answer_bytes=2_000)) == "2,000 bytes of answers (limits.answer_bytes)"
    assert reached(Work(limits, cpu_seconds=0.5)) == "0.5 s of processor time (limits.cpu_time)"


def test_without_limits_nothing_is_too_much() -> None:
    assert reached(Work(rows=10**12, answer_bytes=10**15, cpu_seconds=1e9)) is None


def test_as_a_problem_it_can_be_continued_and_as_an_error_it_is_too_expensive() -> None:
    error = WorkLimit("this operation has used its 5 rows (limits.rows); ask for less at once", "5 rows (limits.rows)")
    problem = error.as_problem()
    assert (problem.code, problem.retryable) == (ProblemCode.SCAN_LIMIT, True)
    assert error.extensions["code"] == "TOO_EXPENSIVE"


def test_a_part_with_less_time_counts_for_the_whole() -> None:
    whole = RequestBudget.lasting(10, work=WorkLimits(rows=5))
    whole.hurried(0.5).work.rows += 5
    assert (whole.work.rows, reached(whole.work)) == (5, "5 rows (limits.rows)")
    assert (whole.anew().work.rows, whole.anew().work.limits) == (0, WorkLimits(rows=5))
