"""Documents: what was measured goes between the marks of a page, and nothing else of it changes."""

from pathlib import Path

import pytest

from bench.documents import BEGIN, END, put
from tests.support.repository import ROOT


def test_only_what_is_between_the_marks_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{BEGIN}\nold \\1\n{END}\n\nafter\n")
    put(page, "| new \\1 |")
    put(page, "| newer \\1 |")
    assert page.read_text() == f"before\n\n{BEGIN}\n\n| newer \\1 |\n\n{END}\n\nafter\n"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n" * 2])
def test_a_page_without_its_marks_is_refused(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ValueError, match="must have one"):
        put(page, "new")
    assert page.read_text() == text


@pytest.mark.parametrize("name", ["README.md", "bench/README.md", "docs/operate.md"])
def test_the_pages_have_their_marks(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert (text.count(BEGIN), text.count(END)) == (1, 1)


def test_the_readme_shows_the_plot() -> None:
    assert "](bench/cpu.svg)" in (ROOT / "README.md").read_text("utf-8")
    assert (ROOT / "bench/cpu.svg").is_file()
