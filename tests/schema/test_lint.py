"""Lint: the printed schema follows graphql-eslint's rules for Relay's connections and for names, besides two that are meant."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.programs import require_npm_packages, require_program
from tests.support.repository import ROOT

FOLDER = Path(__file__).parent / "lint"
SECONDS = 60
MEANT = {
    # The interface that all connections share.
    ("@graphql-eslint/relay-connection-types", "Connection type must be an Object type."),
    # It is the caller's id, not that of a call.
    ("@graphql-eslint/no-typename-prefix", 'Field "callerIdShown" starts with the name of the parent type "Call"'),
}


def complaints(schema: Path) -> set[tuple[str, str]]:
    """What the linter says of a schema: rules and messages."""
    require_npm_packages(FOLDER)
    program = [require_program("node"), str(FOLDER / "lint.mjs"), str(schema)]
    done = subprocess.run(program, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    *found, last = map(json.loads, done.stdout.splitlines())
    assert last == {"done": True}
    return {(each["rule"], each["message"]) for each in found}


@pytest.mark.slow
def test_the_schema_follows_the_rules_of_relay_and_of_names() -> None:
    assert complaints(ROOT / "schema/schema.graphql") == MEANT


@pytest.mark.slow
def test_the_linter_finds_what_breaks_them(tmp_path: Path) -> None:
    broken = tmp_path / "broken.graphql"
    text = (ROOT / "schema/schema.graphql").read_text("utf-8")
    for before, after in (
        ("  hasNextPage: Boolean!", "  hasNextPage: Boolean"),
        ("  trunk: String", "  Trunk: String"),
        ("  BUSY", "  busy"),
    ):
        assert before in text
        text = text.replace(before, after)
    broken.write_text(text)
    rules = {rule for rule, message in complaints(broken) - MEANT}
    assert rules == {"@graphql-eslint/relay-page-info", "@graphql-eslint/naming-convention"}
