"""Load: what wrk is told to ask, and what it tells."""

import pytest

from bench import load
from bench.contestants import Contestant
from bench.runs import RUNS, Run

TOLD = """Running 1h test @ http://127.0.0.1:9721/graphql
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     7.41ms    5.10ms  70.12ms   93.01%
  Latency Distribution
     50%    6.05ms
     75%    7.73ms
     90%   11.05ms
     99%    1.25s
  2310 requests in 1.01s, 36.09MB read
  Socket errors: connect 0, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 5
Requests/sec:   2287.13
"""
ASKED = Contestant("x", ["x"], headers={"X-API-Key": "k"})


def named(name: str) -> Run:
    return next(run for run in RUNS if run.name == name)


def test_what_wrk_tells_is_read() -> None:
    assert load.told_of(TOLD) == load.Told(requests=2310, per_second=2287.13, p50=6.05, p99=1250.0, errors=10)


def test_a_run_without_errors_has_none() -> None:
    fine = "\n".join(line for line in TOLD.splitlines() if "errors" not in line and "Non-2xx" not in line)
    assert load.told_of(fine).errors == 0


def test_what_wrk_does_not_tell_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="wrk did not tell"):
        load.told_of("unable to connect")


@pytest.mark.parametrize(("name", "moments", "texts"), [("100", True, False), ("texts", True, True), ("same", False, False)])
def test_questions_differ_as_the_run_says(name: str, moments: bool, texts: bool) -> None:
    script = load.script(ASKED, named(name))
    assert f"({str(moments).lower()} and number or 0))" in script
    assert f"({str(texts).lower()} and number or 0)" in script
    assert "wrk.headers[ [==[X-API-Key]==] ] = [==[k]==]" in script
