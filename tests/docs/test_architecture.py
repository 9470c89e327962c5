"""The architecture page: every file that it names exists."""

import re
from pathlib import Path

from tests.support.repository import ROOT, text

PAGE = text(Path("docs/architecture.md"))
NAMED = re.compile(r"(?<![\w./-])(?:gateway|schema|plugins|tests|docs|deploy|bench|src)/[\w./-]*")
# `plugins/NAME/…` stands for every plugin.
ANY = "portsip"


def named() -> set[str]:
    return {path.rstrip(".").replace("/NAME/", f"/{ANY}/") for path in NAMED.findall(PAGE)}


def test_every_file_that_is_named_exists() -> None:
    assert sorted(path for path in named() if not (ROOT / path).exists()) == []


def test_the_life_of_a_query_passes_every_layer_between_the_client_and_the_upstream() -> None:
    path = PAGE.split("```mermaid\n")[2].partition("```")[0]
    passed = [match.split("/")[1] for match in re.findall(r"gateway/\w+/", path)]
    assert list(dict.fromkeys(passed)) == ["http", "graphql", "resolvers", "pagination", "upstream", "plugin"]
