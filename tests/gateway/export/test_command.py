"""A place that takes no more: the export stops, says so, and goes on when there is room."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateway.export.conftest import House, read

STOPPED = 1
pytestmark = pytest.mark.slow


def run(house: House, *arguments: object, stdout: str = os.devnull, most_bytes: int = -1) -> tuple[int, str]:
    """The exit code of a command in a process of its own, which may write files of so many bytes, and what it says."""
    command = [sys.executable, "-m", "telegraphql", *house.arguments("--kind", "calls", *arguments)]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    with open(stdout, "wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, preexec_fn=limit, timeout=120, check=False)
    return done.returncode, done.stderr


def test_a_full_disk_stops_it_and_the_same_command_goes_on(house: House, tmp_path: Path) -> None:
    whole, file = tmp_path / "whole.jsonl", tmp_path / "calls.jsonl"
    until = ("--to", "2100-01-01T00:00:00Z")
    assert run(house, "--out", whole, *until)[0] == 0
    code, told = run(house, "--out", file, *until, most_bytes=10_000)
    assert code == STOPPED
    assert f"{file} cannot be written (File too large)" in told
    assert "Run the same command again" in told
    assert 0 < file.stat().st_size <= 10_000
    assert run(house, "--out", file, *until)[0] == 0
    assert read(file) == read(whole)


def test_a_full_disk_behind_standard_output_stops_it(house: House) -> None:
    code, told = run(house, "--out", "-", stdout="/dev/full")
    assert code == STOPPED
    assert "cannot be written (No space left on device)" in told
    assert "Exception ignored" not in told
