"""File tree: the names of the files below a folder; a folder is only listed again when it has changed."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import time_ns

from telegraphql.plugin import still_wanted

# A folder changed so lately may change again without its time telling.
UNSETTLED = 2_000_000_000


@dataclass(slots=True)
class _Listed:
    """The contents of a folder when it was last changed."""

    changed: int
    folders: list[str]
    files: list[str]


@dataclass(slots=True)
class FileTree:
    """The plain files below a folder whose paths are wanted. Its methods read it: they are for `Upstream.run`. Links are not followed."""

    path: Path
    is_wanted: Callable[[str], bool]
    _known: dict[str, _Listed] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def check(self) -> None:
        """Read the folder, to see that it can be read."""
        with os.scandir(self.path) as entries:
            next(entries, None)

    def names(self) -> list[str]:
        """Return the paths of the files, relative to the folder."""
        found, waiting, seen = list[str](), [""], set[str]()
        with self._lock:
            while waiting:
                still_wanted()
                path = waiting.pop()
                seen.add(path)
                listed = self._listed(path)
                waiting += listed.folders
                found += listed.files
            self._known = {path: listed for path, listed in self._known.items() if path in seen}
        return found

    def _listed(self, path: str) -> _Listed:
        where = self.path / path
        changed = os.stat(where).st_mtime_ns
        known = self._known.get(path)
        if known is not None and known.changed == changed:
            return known
        listed = _Listed(changed, [], [])
        with os.scandir(where) as entries:
            for entry in entries:
                name = f"{path}/{entry.name}" if path else entry.name
                if entry.is_dir(follow_symlinks=False):
                    listed.folders.append(name)
                elif self.is_wanted(name) and _is_text(name) and entry.is_file(follow_symlinks=False):
                    listed.files.append(name)
        if time_ns() - changed > UNSETTLED:
            self._known[path] = listed
        return listed


def _is_text(name: str) -> bool:
    """Return True if a name can be told to clients: Linux lets names be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
