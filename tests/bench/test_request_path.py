"""A warm page of 25 calls passes no more files and functions of the gateway and the schema than before."""

import re
import subprocess
import sys

import pytest

from tests.support.repository import ROOT

# As measured, and hardly more; bench/README.md says where it should lead.
MOST_FILES, MOST_FUNCTIONS = 68, 229


@pytest.mark.slow
def test_a_warm_page_passes_few_files_and_functions() -> None:
    """In a process of its own: the server freezes what the garbage collector knows."""
    done = subprocess.run([sys.executable, "-m", "bench.request_path"], cwd=ROOT, check=True, capture_output=True, text=True)
    totals, *files = done.stdout.split("\n\n")
    measured = re.findall(r"\d+", totals)
    own, functions, total, _, _, requests = map(int, measured)
    assert requests == 1
    assert 0 < own <= MOST_FILES
    assert 0 < functions <= MOST_FUNCTIONS
    assert len(files) == total
    assert sum(text.count("\n  ") for text in files if not text.startswith("plugins/")) == functions
