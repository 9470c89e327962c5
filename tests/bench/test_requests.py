"""Requests: questions differ as the run says, and no two runs ask for the same moments."""

import json

import pytest

from bench.contestants import Contestant
from bench.requests import COUNTED, EACH, WRK, address, beginning, bodies
from bench.runs import RUNS


@pytest.mark.parametrize(("name", "moments", "texts"), [("100", 3, 1), ("texts", 3, 3), ("same", 1, 1)])
def test_questions_differ_as_the_run_says(name: str, moments: int, texts: int) -> None:
    run = next(run for run in RUNS if run.name == name)
    asked = [json.loads(body) for body in bodies(Contestant("x", []), run, range(3))]
    assert len({each["variables"]["to"] for each in asked}) == moments
    assert len({each["query"] for each in asked}) == texts


def test_no_two_runs_ask_for_the_same_moments() -> None:
    begun = [beginning(run, since) for since in (COUNTED, WRK) for run in RUNS]
    assert len(set(begun)) == len(begun)
    assert max(beginning(run, COUNTED) for run in RUNS) + EACH <= WRK


def test_who_has_no_documents_is_asked_by_the_name_of_the_cell() -> None:
    run = RUNS[0]
    assert address(Contestant("x", [], path="/", by_name=True), run.cell) == "/25"
    assert address(Contestant("x", []), run.cell) == "/graphql"
