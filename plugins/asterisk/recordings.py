"""Recordings: the files that MixMonitor left in a folder, matched with calls by the uniqueid in their names."""

import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import nlargest, nsmallest
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from telegraphql.plugin import Folder
from telegraphql.plugins.asterisk import local_time
from telegraphql.plugins.asterisk.file_tree import FileTree
from telegraphql.plugins.asterisk.legs import PlacedCdr
from telegraphql.plugins.asterisk.wire import digest

TYPES = {".wav": "audio/x-wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".gsm": "audio/x-gsm", ".wav49": "audio/x-wav"}
# What FreePBX and others name files by: …-20261122-091500-1763802900.12.wav
UNIQUEID = re.compile(r"(?:^|[-_])(\d{9,10}\.\d+)$")
STAMP = re.compile(r"(?:^|[-_])(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(?=[-_.]|$)")
CLOSE = timedelta(days=1)


class Sound(msgspec.Struct, frozen=True, order=True):
    """A sound file: when it was begun, its path in the folder, and the key by which its call is found."""

    at: datetime
    name: str
    key: str
    size: int | None = None

    @property
    def id(self) -> str:
        """Return what clients know it by."""
        return id_of(self.name)


class Matched(msgspec.Struct, frozen=True):
    """A sound, and the record that it is of."""

    sound: Sound
    leg: PlacedCdr | None = None


def id_of(name: str) -> str:
    """Return the id of a file. Names hold telephone numbers, which not everybody who sees an id may see."""
    return f"{_shown(key_of(name))}/{digest(name)}"


def _shown(key: str) -> str:
    return key if UNIQUEID.fullmatch(key) else "file"


def key_of(text: str) -> str:
    """Return the key of a file or a path in `userfield`: the uniqueid in the name without the system's name, or else the whole name."""
    name = text.rpartition("/")[2]
    stem = name[: -len(Path(name).suffix)] if Path(name).suffix.lower() in TYPES else name
    found = UNIQUEID.search(stem)
    return found[1] if found else name


def is_sound(text: str) -> bool:
    """Return True if a text names a sound file."""
    return Path(text).suffix.lower() in TYPES


@dataclass(slots=True)
class Recordings:
    """The files below a folder. Its methods read it: they are for `Upstream.run`."""

    folder: Folder
    zone: ZoneInfo
    _tree: FileTree = field(init=False)

    def __post_init__(self) -> None:
        self._tree = FileTree(self.folder.path, is_sound)

    def slice(self, since: datetime | None, until: datetime | None, newest: bool, most: int) -> list[Sound]:
        """Return the first sounds between two moments."""
        wanted = (each for each in self._all() if (since is None or each.at >= since) and (until is None or each.at <= until))
        return [self._sized(each) for each in (nlargest if newest else nsmallest)(most, wanted)]

    def of(self, keys: Collection[str]) -> list[Sound]:
        """Return the sounds with these keys."""
        return [self._sized(each) for each in self._all(keys.__contains__)]

    def known_as(self, ids: Collection[str]) -> list[Sound]:
        """Return the sounds with these ids."""
        heads, wanted = {each.partition("/")[0] for each in ids}, frozenset(ids)
        return [self._sized(each) for each in self._all(lambda key: _shown(key) in heads) if each.id in wanted]

    def check(self) -> None:
        """Read the folder, to see that it can be read."""
        self._tree.check()

    def _sized(self, sound: Sound) -> Sound:
        try:
            return msgspec.structs.replace(sound, size=os.stat(self.folder.path / sound.name, follow_symlinks=False).st_size)
        except FileNotFoundError:
            return sound

    def _all(self, wanted: Callable[[str], bool] = lambda key: True) -> Iterator[Sound]:
        for name in self._tree.names():
            if wanted(key_of(name)):
                yield self._sound(name, lambda name=name: _changed(self.folder.path / name))  # type: ignore[misc]

    def _sound(self, name: str, changed: Callable[[], float]) -> Sound:
        key = key_of(name)
        stem, found = name.rpartition("/")[2], UNIQUEID.fullmatch(key)
        opened = datetime.fromtimestamp(int(key.partition(".")[0]), UTC) if found else None
        stamp = STAMP.search(stem)
        if stamp:
            begun = _moment("{}-{}-{} {}:{}:{}".format(*stamp.groups()), self.zone, opened)
            if begun and (opened is None or abs(begun - opened) < CLOSE):
                return Sound(begun, name, key)
        return Sound(opened or datetime.fromtimestamp(int(changed()), UTC), name, key)


def _moment(text: str, zone: ZoneInfo, near: datetime | None) -> datetime | None:
    try:
        return local_time.moment(text, zone, near)
    except ValueError:
        return None


def _changed(path: Path) -> float:
    try:
        return os.stat(path, follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return 0.0
