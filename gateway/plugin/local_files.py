"""Safe access to the files of one folder, for plugins whose upstream stores files on this machine."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from telegraphql.gateway.errors import NotFound

MISSING = "has no such file"
# O_NONBLOCK: opening a named pipe would wait for its writer.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER = FILE | os.O_DIRECTORY
# Errors that mean that there is no such plain file: missing, a symbolic link, a folder, a pipe, a socket, or too long a name.
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENAMETOOLONG})


class Folder:
    """Opens files of one folder by names that clients may have made up.

    Below the folder no symbolic link is followed, `..` is refused, and only regular files are opened; the folder itself may be a link. Each
    path component is opened relative to the one before it, so that a file swapped in between cannot lead elsewhere.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def open(self, name: str) -> BinaryIO:
        """Open a file by its path relative to the folder.

        Raises:
            NotFound: There is no regular file at that path.
        """
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
    folder = os.dup(root)
    try:
        for part in parts[:-1]:
            subfolder = _step(part, FOLDER, folder)
            os.close(folder)
            folder = subfolder
        file = _step(parts[-1], FILE, folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise NotFound(MISSING)
    return file


def _step(name: str, flags: int, parent: int) -> int:
    try:
        return os.open(name, flags, dir_fd=parent)
    except UnicodeError:
        raise NotFound(MISSING) from None
    except OSError as error:
        if error.errno in ABSENT:
            raise NotFound(MISSING) from None
        raise
