"""The pages about deployment, operation and security name only alerts, files and settings that exist."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from telegraphql.gateway.config.settings import GatewaySettings
from tests.deploy.manifests import read
from tests.support.repository import ROOT

PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text() for name in ("deploy", "operate", "monitoring", "security")}
LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")
# Tables of the configuration, as `table.key` or `[table] key`.
NAMED = re.compile(r"`(?:\[(?P<table>[a-z.]+)\]|(?P<of>[a-z]+)\.(?P<key>[a-z_]+))(?: (?P<keys>[a-z_]+))?(?: = [^`]*)?`")


def told_alerts() -> str:
    """The table of alerts, as it should be."""
    rules = [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]
    return "".join(
        f"| `{rule['alert']}` | {shown(rule['annotations']['summary'])} | {shown(rule['annotations']['action'])} |\n" for rule in rules
    )


def shown(text: str) -> str:
    """A text of an alert as people read it."""
    return LABEL.sub(r"*\1*", text)


def test_the_table_of_alerts_is_that_of_the_rules() -> None:
    found = re.search(r"\|---\|---\|---\|\n((?:\| `Telegraphql.*\n)+)", PAGES["monitoring"])
    assert found is not None
    assert found[1] == told_alerts()


@pytest.mark.parametrize("name", PAGES)
def test_files_that_are_named_are_there(name: str) -> None:
    named = set(re.findall(r"`((?:deploy|tests|docs|bench|gateway|plugins)/[\w./-]+)`", PAGES[name]))
    linked = {f"docs/{link}" for link in re.findall(r"\]\(([\w./-]+\.md)\)", PAGES[name])}
    assert [path for path in sorted(named | linked) if not (ROOT / path).exists()] == []


def keys(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of a table of the configuration, or of the whole."""
    return {key: field.annotation for key, field in model.model_fields.items()}


def wrong(page: str) -> Iterator[str]:
    """What is named like a setting and is none."""
    tables = keys(GatewaySettings)
    for found in NAMED.finditer(page):
        table, key = (found["table"] or found["of"]), (found["key"] or found["keys"])
        inner = tables.get(table.partition(".")[0])
        if inner is None or ("." not in table and key and isinstance(inner, type) and key not in keys(inner)):
            yield found[0]


@pytest.mark.parametrize("name", PAGES)
def test_settings_that_are_named_exist(name: str) -> None:
    others = {"`telegraphql.audit`", "`extensions.explain`"}
    files = {"toml", "md", "py", "json", "yaml", "conf", "yml"}
    assert [each for each in wrong(PAGES[name]) if each not in others and each.strip("`").rpartition(".")[2] not in files] == []


def test_systemd_waits_longer_than_the_grace() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)$", PAGES["deploy"], re.MULTILINE)
    assert found is not None
    assert int(found[1]) > GatewaySettings().server.shutdown_timeout
