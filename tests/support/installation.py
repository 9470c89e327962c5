"""Installation: a fresh environment that holds wheels built from the sources."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import httpx

# The sources' own path would stand before what is installed.
OUTER = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def output(*command: object, folder: Path | None = None) -> str:
    """Return what a command prints; it must succeed."""
    done = subprocess.run([str(each) for each in command], cwd=folder, env=OUTER, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Installed:
    """A fresh environment that sees this one's third-party packages, but of ours only what wheels put there."""

    def __init__(self, root: Path) -> None:
        self.root, self.empty = root, root / "empty"
        self.empty.mkdir()
        venv.create(root / "env", symlinks=True, with_pip=False)
        self.python = root / "env/bin/python"
        (self.site,) = (root / "env/lib").glob("python*/site-packages")
        # A plain line adds a folder without its own .pth files, of which one leads to the sources here.
        (self.site / "outside.pth").write_text(f"{Path(httpx.__file__).parents[1]}\n")

    def install(self, project: Path) -> None:
        """Build a project's wheel and install it alone."""
        wheels = self.root / f"wheels-{project.name}"
        output(*PIP, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", wheels, project)
        self.install_wheel(*wheels.glob("*.whl"))

    def install_wheel(self, wheel: Path) -> None:
        """Install a wheel without what it depends on."""
        output(*PIP, "--python", self.python, "install", "--no-deps", "--no-index", wheel)

    def run(self, *arguments: object, folder: Path | None = None) -> str:
        """Return what its Python prints; it runs in an empty folder unless told otherwise."""
        return output(self.python, *arguments, folder=folder or self.empty)
