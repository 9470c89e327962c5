"""Links: every one within the repository leads to a file that is there, and to a heading that it has."""

import re
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from tests.support.repository import ROOT, files, text

PAGES = [path for path in files() if path.suffix == ".md" and not path.is_relative_to("gateway/scaffold")]
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!`)\[[^\]]+\]\((?P<to>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """What headings are known by."""
    return {slugify(heading.replace("`", ""), "-") for heading in HEADING.findall(FENCE.sub("", text(page)))}


def broken(page: Path) -> list[str]:
    wrong = []
    for found in LINK.finditer(FENCE.sub("", text(page))):
        to, anchor = found["to"], found["anchor"]
        if "://" in to or to.startswith("mailto:"):
            continue
        target = Path((page.parent / to).as_posix()) if to else page
        there = (ROOT / target).exists()
        if not there or (anchor and anchor not in anchors(target)):
            wrong.append(found[0])
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_every_page_of_the_docs_is_reached_from_the_site() -> None:
    nav = text(Path("mkdocs.yml"))
    assert [str(page) for page in files("docs") if page.suffix == ".md" and f" {page.relative_to('docs')}\n" not in nav] == []
