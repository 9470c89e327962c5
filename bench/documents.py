"""Documents: what was measured, put between the marks of the pages that show it."""

import os
import platform
import re
from datetime import date
from importlib.metadata import version
from pathlib import Path

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
BETWEEN = re.compile(f"({re.escape(BEGIN)}\n).*?({re.escape(END)})", re.DOTALL)


def put(path: Path, text: str) -> None:
    """Replace what stands between the marks of a page; ValueError where it has none."""
    page = path.read_text("utf-8")
    if len(BETWEEN.findall(page)) != 1:
        raise ValueError(f"{path} must have one {BEGIN} and one {END}")
    path.write_text(BETWEEN.sub(lambda found: f"{found[1]}\n{text.strip()}\n\n{found[2]}", page), "utf-8")


def circumstances(rounds: int, seconds: float) -> str:
    """When, on what and how it was measured."""
    known = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    machine = f"{known[1].strip() if known else platform.machine()}, {os.cpu_count()} cores"
    python = f"Python {platform.python_version()}, Strawberry {version('strawberry-graphql')}"
    each = f"{rounds} round{'s' * (rounds > 1)} of {seconds:g} s for each figure, medians"
    return f"{date.today().isoformat()}; {machine}; {python}; {each}."
