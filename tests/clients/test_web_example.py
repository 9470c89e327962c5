"""The example frontend stands alone: copied elsewhere, it is built from the schema of a running gateway, as its README says."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.node import FOLDER
from tests.endtoend.world import simulate, world
from tests.support.programs import require_npm_packages, require_program
from tests.support.repository import ROOT

WEB, CLIENT = ROOT / "examples/web", ROOT / "clients/js"


@pytest.mark.slow
def test_a_copy_is_built_from_the_schema_of_a_running_gateway(tmp_path: Path) -> None:
    require_npm_packages(FOLDER)
    npm, copy = require_program("npm"), tmp_path / "call-log"
    shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns("node_modules", "dist", "gql"))
    version = json.loads((CLIENT / "package.json").read_text())["version"]
    packed = f"telegraphql-client-{version}.tgz"
    assert f"file:{packed}" in (WEB / "README.md").read_text()

    def run(*arguments: str, **variables: str) -> None:
        done = subprocess.run([npm, *arguments], cwd=copy, env=os.environ | variables, capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, done.stdout + done.stderr

    # Built already: what its own scripts would write is read by other tests meanwhile.
    run("pack", str(CLIENT), "--ignore-scripts", "--pack-destination", str(copy))
    run("pkg", "set", f"devDependencies.telegraphql-client=file:{packed}")
    run("install", "--prefer-offline", "--no-fund", "--no-audit")
    with world(simulate(["voipstudio"], records=3), tmp_path / "gateway") as made:
        run("run", "build", GATEWAY=made.url)
    page = (copy / "dist/index.html").read_text()
    (script,) = re.findall(r'src="\./(assets/[^"]+\.js)"', page)
    assert "callEnded" in (copy / "dist" / script).read_text()
    assert str(ROOT) not in (copy / "package-lock.json").read_text()
