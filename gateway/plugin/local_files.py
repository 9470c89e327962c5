"""Folder: the files below one folder of this machine, for plugins whose upstream keeps files - and nothing outside of it."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from telegraphql.gateway.errors import NotFound

MISSING = "has no such file"
# O_NONBLOCK: opening a pipe would wait for whoever writes into it.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER = FILE | os.O_DIRECTORY
# No such name; a link, a folder, a pipe or a socket in its place; too long to be a name.
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENAMETOOLONG})


class Folder:
    """Opens files by the names that clients may have made up. Below the folder no link is followed, no `..` goes up, and only plain files
    are opened; the folder itself may be a link. Each step is taken from the one before it, so that no swap in between leads elsewhere."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def open(self, name: str) -> BinaryIO:
        """A file by its path from here; NotFound where there is none, whatever stands there instead."""
        parts = name.split("/")
        if "\0" in name or not all(part and part not in (".", "..") for part in parts):
            raise NotFound(MISSING)
        with self._root() as root:
            return os.fdopen(_file(root, parts), "rb")

    @contextmanager
    def _root(self) -> Iterator[int]:
        handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield handle
        finally:
            os.close(handle)


def _file(root: int, parts: list[str]) -> int:
    here = os.dup(root)
    try:
        for part in parts[:-1]:
            there = _step(part, FOLDER, here)
            os.close(here)
            here = there
        found = _step(parts[-1], FILE, here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise NotFound(MISSING)
    return found


def _step(name: str, flags: int, here: int) -> int:
    try:
        return os.open(name, flags, dir_fd=here)
    except UnicodeError:
        raise NotFound(MISSING) from None
    except OSError as error:
        if error.errno in ABSENT:
            raise NotFound(MISSING) from None
        raise
