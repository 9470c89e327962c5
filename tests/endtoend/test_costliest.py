"""No operation that is admitted costs more than any may, over 50,000 calls; `make fuzz` hunts longer."""

from pathlib import Path

import pytest

from tests.endtoend.costliest import RECORDS, Author, hunt, summary
from tests.endtoend.processes_of_ours import gateway

OPERATIONS = 60


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from /proc")
def test_no_operation_costs_more_than_any_may(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    author = Author(seed=1)
    with gateway(tmp_path, RECORDS) as (url, pid):
        # What is made once for all is no operation's.
        warm = list(hunt(url, pid, (author.document() for _ in range(10))))
        found = list(hunt(url, pid, (author.document() for _ in range(OPERATIONS))))
    with capsys.disabled():
        print(f"\n  {summary(found)}")
    assert sum(each.cpu_milliseconds > 0 for each in warm + found) > OPERATIONS / 2
    assert [(each.complaints, each.document) for each in found if each.complaints] == []
