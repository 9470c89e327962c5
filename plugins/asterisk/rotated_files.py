"""Rotated files: a log that Asterisk writes, and what it was rotated to, read while both go on, a block at a time."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import fstat
from pathlib import Path
from threading import Lock
from typing import BinaryIO, NamedTuple

from telegraphql.plugin import Unavailable, still_wanted
from telegraphql.plugins.asterisk.index import Block, Index, Layout

# What logrotate leaves, with a number or with `dateext`; compressed files are not read.
ROTATED = re.compile(r"\.\d{1,4}|-\d{8}")


class FileBlock(NamedTuple):
    """A block, and the open file in which it is."""

    name: str
    file: BinaryIO
    block: Block

    def data(self) -> bytes:
        """Read it."""
        self.file.seek(self.block.offset)
        return self.file.read(self.block.size)


class RotatedFiles:
    """The files of one log. Its methods read them: they are for `Upstream.run`. `advice` is what to check where there are none."""

    def __init__(self, folder: Path, name: str, layout: Layout, advice: str) -> None:
        self._folder, self._name, self._layout, self._advice = folder, name, layout, advice
        self._indexes: dict[tuple[int, int], Index] = {}
        self._lock = Lock()

    def check(self) -> None:
        """Read what there is, to see that it can be read."""
        with self._opened() as files:
            for file in files.values():
                file.read(1)

    @contextmanager
    def blocks(self) -> Iterator[list[FileBlock]]:
        """Yield what is in the files by now."""
        with self._opened() as files:
            yield self._indexed(files)

    def _indexed(self, files: dict[tuple[int, int], BinaryIO]) -> list[FileBlock]:
        with self._alone():
            # A file keeps its index when it is renamed.
            self._indexes = {key: self._indexes.get(key) or Index(self._layout) for key in files}
            return [
                FileBlock(Path(file.name).name, file, block)
                for key, file in files.items()
                for block in self._indexes[key].blocks(file, Path(file.name).name != self._name)
            ]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        while not self._lock.acquire(timeout=0.1):
            still_wanted()
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _opened(self) -> Iterator[dict[tuple[int, int], BinaryIO]]:
        """All files, each once. A file is only ever renamed to a higher number, so in this order none slips by while they are rotated."""
        with ExitStack() as closing:
            files: dict[tuple[int, int], BinaryIO] = {}
            seen: set[str] = set()
            while names := [name for name in self._names() if name not in seen]:
                for name in names:
                    seen.add(name)
                    try:
                        file = closing.enter_context((self._folder / name).open("rb"))
                    except FileNotFoundError:
                        continue
                    about = fstat(file.fileno())
                    files.setdefault((about.st_dev, about.st_ino), file)
            if not files:
                raise Unavailable(f"there is no {self._name}; {self._advice}")
            yield files

    def _names(self) -> list[str]:
        names = [each.name for each in self._folder.iterdir() if each.name.startswith(self._name)]
        rotated = [name for name in names if ROTATED.fullmatch(name, len(self._name))]
        return [*([self._name] if self._name in names else []), *sorted(rotated, key=lambda name: int(name[len(self._name) + 1 :]))]
