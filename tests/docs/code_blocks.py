"""Blocks: what stands in fences on the pages, and under which heading."""

import re
import textwrap
from dataclasses import dataclass, field

from tests.support.repository import ROOT, files, text

# The guide for plugin authors has a test of its own, as its blocks belong to a plugin that is written there.
PAGES = [path for path in files("docs", "README.md") if path.suffix == ".md"]
# The page whose queries show their answers.
DOCUMENTED = "docs/query-examples.md"
LINE = re.compile(r"^(?P<in> *)```(?P<language>[\w-]+)?(?: title=\"(?P<title>[^\"]*)\")?$|^#+ (?P<heading>.*)$", re.MULTILINE)


@dataclass
class Block:
    """Text in a fence; `variables` and `answer` are what stands below a query."""

    page: str
    heading: str
    language: str
    title: str
    text: str
    variables: str = "{}"
    answer: str = ""

    def __str__(self) -> str:
        return f"{self.page}: {self.heading}"


@dataclass
class _Reader:
    page: str
    heading: str = ""
    found: list[Block] = field(default_factory=list)
    begun: re.Match[str] | None = None

    def read(self, page: str) -> list[Block]:
        for line in LINE.finditer(page):
            if self.begun is not None:
                self._end(page, line)
            elif line["heading"] is not None:
                self.heading = line["heading"]
            else:
                self.begun = line
        assert self.begun is None, f"{self.page}: a fence under {self.heading!r} is not closed"
        return self.found

    def _end(self, page: str, line: re.Match[str]) -> None:
        """Within a fence headings are comments; only a bare fence ends it."""
        if line["heading"] is not None or line["language"]:
            return
        assert self.begun is not None
        inside = textwrap.dedent(page[self.begun.end() + 1 : line.start()])
        block = Block(self.page, self.heading, self.begun["language"] or "", self.begun["title"] or "", inside)
        asked = next((each for each in reversed(self.found) if each.language == "graphql"), block)
        if block.title == "variables":
            asked.variables = inside
        if block.title == "answer":
            asked.answer = inside
        self.found.append(block)
        self.begun = None


BLOCKS = [block for path in PAGES for block in _Reader(path.as_posix()).read(text(path))]
assert BLOCKS, ROOT


def of(*languages: str) -> list[Block]:
    """The blocks in these languages, in the order of the pages."""
    return [block for block in BLOCKS if block.language.lower() in languages]
