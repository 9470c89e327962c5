"""The Dockerfile's install steps, done in a folder instead of an image."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.repository import ROOT, paths, text

INSTALLERS = ("pip ", "python ")
# The folders that the Dockerfile names by absolute paths, all put under one root: its stages share them.
ABSOLUTE = re.compile(r"(?<![\w.])/(?=(?:src|wheels|opt)\b)")
PAGES = (Path("gateway/console/dist"), Path("gateway/graphiql/dist"))


def context() -> list[Path]:
    """Return the files and symbolic links that `.dockerignore`, a list of what is let in, lets in."""
    rules = [line for line in text(Path(".dockerignore")).splitlines() if line and not line.startswith("#")]
    allowed = [rule[1:] for rule in rules if rule.startswith("!")]
    assert rules[0] == "*"
    return [file for file in paths() if any(fnmatch.fnmatch(str(file), f"{name}/*") or str(file) == name for name in allowed)]


def instructions(name: str, last: bool = True) -> list[str]:
    """Return what follows each instruction of a name, of the last stage unless told otherwise; lines that go on are one."""
    whole = re.sub(r"\\\n\s*", " ", text(Path("Dockerfile")))
    stage = "FROM " + whole.rpartition("\nFROM ")[2] if last else whole
    return re.findall(rf"^{name} (.+)$", stage, re.MULTILINE)


class Image:
    """What the Dockerfile installs, under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def build(self) -> None:
        """Lay out the sources, then run every step that starts an installer, in order."""
        source = self.root / "src"
        for file in context():
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, source / file, follow_symlinks=False)
        # The stage that runs npm is `make assets`, done before the tests.
        for page in PAGES:
            shutil.copytree(ROOT / page, source / page)
        for step in self.steps():
            subprocess.run(step, shell=True, cwd=source, env=self.environment(), check=True)

    def steps(self) -> list[str]:
        """Return the RUN lines of pip and venv, with their paths under the root."""
        return [ABSOLUTE.sub(f"{self.root}/", step) for step in instructions("RUN", last=False) if step.startswith(INSTALLERS)]

    @property
    def site(self) -> Path:
        """Return the folder of the installed packages."""
        (folder,) = self.root.glob("opt/telegraphql/lib/*/site-packages")
        return folder

    @property
    def entry(self) -> str:
        """Return the program that the image starts."""
        (program,) = json.loads(instructions("ENTRYPOINT")[-1])
        return str(program)

    @property
    def variables(self) -> dict[str, str]:
        """Return its environment, but for the search path."""
        return {name: value for name, value in re.findall(r"(\w+)=(\S+)", instructions("ENV")[-1]) if name != "PATH"}

    def environment(self) -> dict[str, str]:
        """Return the variables of a step: the wheels that the set-up checked and kept spare it the network."""
        here = Path(sys.prefix)
        kept = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(here / "wheels")} if (here / "wheels").is_dir() else {}
        # The sources' own path would stand before what is installed.
        outer = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return outer | kept | {"PATH": f"{here / 'bin'}:{os.environ['PATH']}", "PIP_QUIET": "1"}

    def run(self, program: str, *arguments: str) -> str:
        """Run an installed program in an empty folder and return what it prints."""
        (self.root / "empty").mkdir(exist_ok=True)
        command = [str(self.root / "opt/telegraphql/bin" / program), *arguments]
        nothing, outer = self.root / "empty", self.environment()
        return subprocess.run(command, cwd=nothing, env=outer, check=True, stdout=subprocess.PIPE, text=True).stdout
