"""The tree as git sees it: the files that are, or are about to be, in the repository."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def files(*folders: str) -> list[Path]:
    """Return tracked and not yet ignored files, relative to the root, optionally of some folders only."""
    return [path for path in paths(*folders) if (ROOT / path).is_file()]


def paths(*folders: str) -> list[Path]:
    """Return what `files` returns, and the symbolic links to folders."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [Path(name) for name in names if (ROOT / name).exists()]


@cache
def text(file: Path) -> str:
    """Read a file of the tree; what is not text reads as nothing."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def syntax_tree(file: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(text(file))


def syntax_trees(*folders: str) -> dict[Path, ast.Module]:
    """Return the syntax trees of the Python files in some folders."""
    return {file: syntax_tree(file) for file in files(*folders) if file.suffix == ".py"}
