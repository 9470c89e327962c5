"""The README: its commands exist and are all there, it stays short, and the support matrix is the declarations'."""

from telegraphql.gateway.cli import matrix
from telegraphql.gateway.cli.main import commands
from telegraphql.gateway.plugin.registry import plugins
from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text("utf-8")
# A page or two; what is longer belongs to docs/.
LONGEST = 250


def test_every_command_stands_in_it() -> None:
    names = {command.name or command.callback.__name__ for command in commands.registered_commands if command.callback}
    groups = {group.name for group in commands.registered_groups}
    assert {name for name in names | groups if f"`telegraphql {name}" not in README} == set()


def test_it_is_short() -> None:
    assert README.count("\n") <= LONGEST


def test_the_support_matrix_is_up_to_date() -> None:
    guide = (ROOT / "plugins" / "README.md").read_text("utf-8")
    assert guide == matrix.replace_tables(guide, plugins().found), "run `make matrix`"
