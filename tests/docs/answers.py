"""Answers: what the query examples show below each query. `python -m tests.docs.answers` writes them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.docs.code_blocks import DOCUMENTED, Block, of
from tests.endtoend.world import Row, World, simulate, world
from tests.support.clock import FIXED_NOW
from tests.support.repository import ROOT

ANSWER = r'\n```json title="answer"\n.*?^```\n'
QUERY = r'(?P<asked>^```graphql\n(?P<query>(?:query|\{)(?:(?!^```).)*?)^```\n(?:\n```json title="variables"\n.*?^```\n)?)'
# A page, and the queries that have an answer there: all, or those that have one already.
PAGES = {DOCUMENTED: f"{QUERY}(?:{ANSWER})?", "README.md": f"{QUERY}{ANSWER}"}
# So much is shown of a list, of a text, and of what has no fixed fields.
ITEMS, LETTERS, SENTENCE, KEYS, FIELDS = 2, 26, 90, 3, 16
WIDTH = 150
# They differ in each answer.
CHANGING = {"cursor", "startCursor", "endCursor", "expiresAt", "since", "lastSuccessAt", "retryAfter", "url"}


def shortened(value: Any, key: str = "") -> Any:
    """An answer as the page shows it: the first items of lists, the beginning of long texts, "…" for what differs each time."""
    if key in CHANGING and value is not None and key != "since":
        return "…"
    if isinstance(value, dict):
        shown = list(value.items())[: KEYS if len(value) > FIELDS else None]
        return {name: shortened(each, name) for name, each in shown}
    if isinstance(value, list):
        return [shortened(each) for each in value[:ITEMS]]
    if isinstance(value, str) and ("://127.0.0.1" in value or key == "since"):
        return "…"
    if isinstance(value, str) and len(value) > (most := SENTENCE if " " in value else LETTERS):
        return value[:most] + "…"
    return value


def written(value: Any, indent: int = 0) -> str:
    """JSON with objects and lists on one line where they fit."""
    line = json.dumps(value, ensure_ascii=False).replace("{", "{ ").replace("}", " }").replace("{  }", "{}")
    if len(line) + indent <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inside = " " * (indent + 2)
    named = [f"{json.dumps(name)}: " for name in value] if isinstance(value, dict) else [""] * len(value)
    parts = value.values() if isinstance(value, dict) else value
    lines = [f"{inside}{name}{written(each, indent + 2)}" for name, each in zip(named, parts, strict=True)]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return first + "\n" + ",\n".join(lines) + "\n" + " " * indent + last


def with_answers(page: str, queries: str, answer: Callable[[str], Row]) -> str:
    """The page with an answer below its queries."""

    def answered(found: re.Match[str]) -> str:
        return f'{found["asked"]}\n```json title="answer"\n{written({"data": shortened(answer(found["query"]))})}\n```\n'

    return re.sub(queries, answered, page, flags=re.DOTALL | re.MULTILINE)


def _write(blocks: list[Block], made: World) -> None:
    from tests.docs.test_examples import day, variables

    by_text = {block.text: block for block in blocks}

    def answer(query: str) -> Row:
        block = by_text[query]
        with day(made, block):
            return made.ask(query, **variables(made, block))

    for name, queries in PAGES.items():
        (ROOT / name).write_text(with_answers((ROOT / name).read_text("utf-8"), queries, answer), "utf-8")


if __name__ == "__main__":
    with TemporaryDirectory() as folder, world(simulate(records=200, now=FIXED_NOW), Path(folder)) as sandbox:
        _write(of("graphql"), sandbox)
