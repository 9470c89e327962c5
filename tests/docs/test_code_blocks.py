"""The other blocks: configurations are accepted, commands exist with their options, JSON and Python can be read."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from telegraphql.gateway.cli.main import commands
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.plugins.voximplant.sandbox import VoximplantSandbox
from tests.docs.code_blocks import BLOCKS, Block, of
from tests.support.repository import ROOT

# Checked here, by the examples' test, or (the frontends' and systemd's) by tests of their own.
LANGUAGES = {"graphql", "json", "toml", "sh", "python", "ts", "js", "ini", "text", "yaml", "mermaid", ""}
TOOLS = {"chmod", "cat", "curl", "docker", "gzip", "kill", "kubectl", "make", "mkdir", "openssl", "pip", "printf", "python", "telegraphql"}
SECRET = "a secret of more than sixteen characters"
FAKE = {"REDIS_URL": "redis://127.0.0.1:6379/0"}
ENDS = {"|", ";", "&&", "&"}


def test_every_block_is_of_a_language_that_is_checked() -> None:
    assert {block.language.lower() for block in BLOCKS} <= LANGUAGES


def faked(value: Any) -> Any:
    """A configuration with something in the place of what the environment, files and "…" would tell."""
    if not isinstance(value, dict):
        return f"sha256:{'0' * 64}" if value == "sha256:…" else value
    if set(value) in ({"env"}, {"file"}):
        return FAKE.get(value.get("env", ""), SECRET)
    return {key: faked(each) for key, each in value.items()}


@pytest.mark.parametrize("block", of("toml"), ids=str)
def test_every_configuration_is_accepted(block: Block, tmp_path: Path) -> None:
    given = faked(tomllib.loads(block.text))
    key = VoximplantSandbox(records=1).configuration(tmp_path)["credentials_file"]
    for table in build_config(given, tmp_path).providers.values():
        if "credentials_file" in table:
            table["credentials_file"] = key
        plugins().found[table["plugin"]].settings_type(**{name: each for name, each in table.items() if name != "plugin"})


def lines(text: str) -> Iterator[list[str]]:
    """The commands of a block, without what is done with their output."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|;&<>")
        words.commenters, words.wordchars = "#", words.wordchars + "$%,@{}[]:+^!\\…"
        command: list[str] = []
        for word in words:
            if word in ENDS:
                yield command
                command = []
            else:
                command.append(word)
        yield command


COMMANDS = [pytest.param(line, id=f"{block}: {shlex.join(line)}") for block in of("sh") for line in lines(block.text) if line]


def ours(line: list[str]) -> list[str] | None:
    """What of a command is for telegraphql, also in its image."""
    if line[0] == "telegraphql":
        return line[1:]
    name = next((name for name in ("telegraphql", "gateway") if line[0] == "docker" and "run" in line and name in line), None)
    return line[line.index(name) + 1 :] or None if name else None


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists_with_its_options(line: list[str]) -> None:
    assert line[0] in TOOLS
    if line[0] == "make":
        assert re.search(rf"^{line[1]}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    if (rest := ours(line)) is None:
        return
    rest = rest[: rest.index(">")] if ">" in rest else rest
    found = typer.main.get_command(commands)
    while (below := getattr(found, "commands", {}).get(rest[0] if rest else "")) is not None:
        found, rest = below, rest[1:]
    with found.make_context(line[0], rest) as context:
        assert not hasattr(found, "commands"), context.command_path


@pytest.mark.parametrize("block", of("json"), ids=str)
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_is_python(block: Block) -> None:
    compile(block.text, block.page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
