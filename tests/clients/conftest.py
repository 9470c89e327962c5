"""Fixtures: what Relay's compiler makes of the operations in `relay`."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.node import FOLDER
from tests.support.programs import require_npm_packages, require_program
from tests.support.repository import ROOT


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Relay's compiler makes of a call log."""
    folder = tmp_path_factory.mktemp("relay")
    shutil.copytree(FOLDER / "relay", folder, dirs_exist_ok=True)
    configuration = json.loads((folder / "relay.config.json").read_text())
    configuration["schema"] = shutil.copy(ROOT / "schema/schema.graphql", folder)
    (folder / "relay.config.json").write_text(json.dumps(configuration | {"schema": "schema.graphql"}))
    require_npm_packages(FOLDER)
    ran = subprocess.run(
        [require_program("node"), str(FOLDER / "node_modules/relay-compiler/cli.js")], cwd=folder, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder / "__generated__"
