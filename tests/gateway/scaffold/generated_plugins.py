"""Workshop: plugins that `telegraphql plugin new` has written, installed in a folder of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telegraphql.gateway.cli.main import commands
from telegraphql.gateway.plugin.registry import GROUP, Plugins, load
from tests.support.repository import ROOT

PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target")


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Packages can be imported from this folder meanwhile; afterwards nothing is left of them."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        try:
            yield
        finally:
            for name in set(sys.modules) - before:
                if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
                    del sys.modules[name]


@dataclass(frozen=True)
class Workshop:
    """New plugins by the names they were asked for, and where they are installed."""

    made: Mapping[str, Path]
    site: Path

    @classmethod
    def of(cls, folder: Path, names: Sequence[str], *options: str) -> "Workshop":
        """Write and install them."""
        before: set[Path] = set()
        made: dict[str, Path] = {}
        for name in names:
            told = CliRunner().invoke(commands, ["plugin", "new", name, "--into", str(folder / "new"), *options])
            assert told.exit_code == 0, told.output
            (made[name],) = set((folder / "new").iterdir()) - before
            before.add(made[name])
        workshop = cls(made, folder / "site")
        workshop.run(folder, *PIP, workshop.site, *made.values())
        return workshop

    def run(self, folder: Path, *command: object) -> str:
        """What Python says of a command that must succeed, run in a folder where the plugins can be imported."""
        # The gateway of this checkout, whichever is installed.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(self.site), str(ROOT / "src")])}
        given = [sys.executable, *(str(each) for each in command)]
        done = subprocess.run(given, cwd=folder, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def plugins(self) -> Plugins:
        """The plugins behind the entry points of what is installed there, which must be on the path."""
        return load([point for each in distributions(path=[str(self.site)]) for point in each.entry_points.select(group=GROUP)])
