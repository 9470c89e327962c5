"""Voicemail: the messages that Asterisk keeps in folders, a text file and a sound file or several for each.

<context>/<mailbox>/<folder>/msg0000.txt, and msg0000.wav beside it. A message gets another number and another folder when it is heard or
moved; what stays is its id, which older versions of Asterisk do not write.
"""

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from telegraphql.plugin import Folder, NotFound, still_wanted
from telegraphql.plugins.asterisk import local_time
from telegraphql.plugins.asterisk.file_tree import FileTree
from telegraphql.plugins.asterisk.legs import PlacedCdr
from telegraphql.plugins.asterisk.selecting import Found, Piece, PlacedQuery, first_of
from telegraphql.plugins.asterisk.wire import digest

# app_voicemail.c, mailbox_folders; what is being recorded stands in `tmp`, greetings stand beside the folders.
FOLDERS = ("INBOX", "Old", "Work", "Family", "Friends", "Cust1", "Cust2", "Cust3", "Cust4", "Cust5", "Deleted", "Urgent")
UNHEARD = frozenset({"INBOX", "Urgent"})
# By what browsers play best; Asterisk writes .WAV for wav49.
SOUNDS = (".wav", ".mp3", ".ogg", ".WAV", ".gsm")
MESSAGE = re.compile(rf"(?P<box>[^/]+/(?P<mailbox>[^/]+))/(?P<folder>{'|'.join(FOLDERS)})/(?P<stem>msg\d{{4}})(?P<suffix>\.[A-Za-z0-9]+)")
# How often the folders are listed again where messages were moved meanwhile.
ATTEMPTS = 3
LONGEST = 64 * 1024
Stamp = tuple[int, int, int]


class StoredMessage(msgspec.Struct, frozen=True):
    """A message: when it was left, its id, the path of its text file, and what that says. Only of those that are wanted it is kept."""

    at: datetime
    id: str
    channel: str
    name: str
    mailbox: str
    folder: str
    told: Mapping[str, str]
    sound: str | None = None
    size: int | None = None
    leg: PlacedCdr | None = None


@dataclass(slots=True)
class Mailboxes:
    """The messages below a folder. Its methods read it: they are for `Upstream.run`."""

    folder: Folder
    _tree: FileTree = field(init=False)
    _known: dict[str, tuple[Stamp, StoredMessage]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tree = FileTree(self.folder.path, lambda path: MESSAGE.fullmatch(path) is not None)

    def check(self) -> None:
        """Read the folder, to see that it can be read."""
        self._tree.check()

    def read(self, query: PlacedQuery[StoredMessage]) -> Found[StoredMessage]:
        """Return the messages of a query, and what could not be read."""
        for _ in range(ATTEMPTS - 1):
            try:
                return self._once(query)
            except (FileNotFoundError, NotFound):
                # Moved between listing and reading.
                continue
        return self._once(query)

    def _once(self, query: PlacedQuery[StoredMessage]) -> Found[StoredMessage]:
        names = self._tree.names()
        found, there = self._listed(names), frozenset(names)
        pieces = [Piece(local_time.FIRST, local_time.LAST, lambda: found)]
        return Found([self._filled(each, there) for each in first_of(pieces, query).placed], found.complaints)

    def _listed(self, names: Sequence[str]) -> Found[StoredMessage]:
        known: dict[str, tuple[Stamp, StoredMessage]] = {}
        found = Found[StoredMessage]()
        for name in names:
            if name.endswith(".txt"):
                still_wanted()
                try:
                    known[name] = self._message(name)
                except ValueError as error:
                    context, _, below = name.split("/", 2)
                    found.complaints.append(f"{below} of a mailbox in the context {context} cannot be read: {error}")
        self._known = known
        # One that is being moved stands in both places.
        found.placed = list({message.id: message for _, message in known.values()}.values())
        return found

    def _message(self, name: str) -> tuple[Stamp, StoredMessage]:
        about = os.stat(self.folder.path / name, follow_symlinks=False)
        stamp = about.st_mtime_ns, about.st_size, about.st_ino
        known = self._known.get(name)
        return known if known is not None and known[0] == stamp else (stamp, msgspec.structs.replace(self._told(name), told={}))

    def _told(self, name: str) -> StoredMessage:
        with self.folder.open(name) as file:
            return message_of(name, file.read(LONGEST).decode("utf-8", "replace"))

    def _filled(self, message: StoredMessage, names: Collection[str]) -> StoredMessage:
        sound = next((path for each in SOUNDS if (path := message.name.removesuffix(".txt") + each) in names), None)
        size = None if sound is None else os.stat(self.folder.path / sound, follow_symlinks=False).st_size
        return msgspec.structs.replace(self._told(message.name), sound=sound, size=size)


def message_of(name: str, text: str) -> StoredMessage:
    """Return the message of a text file; ValueError says what is wrong with it."""
    place = MESSAGE.fullmatch(name)
    if place is None:
        raise ValueError(f"{name!r} is no message")
    parts = [line.partition("=") for line in text.splitlines() if not line.startswith(";")]
    told = {key.strip(): value.strip() for key, one, value in parts if one}
    epoch = told.get("origtime", "")
    if not epoch.isdecimal() or len(epoch) > 10:
        raise ValueError("`origtime` is missing or wrong")
    # The number of a mailbox stays out of ids. Two mailboxes have a message of one id after it was forwarded.
    key = digest(f"{place['box']} {told.get('msg_id') or text}")
    return StoredMessage(
        datetime.fromtimestamp(int(epoch), UTC), f"{epoch}/{key}", told.get("callerchan", ""), name, place["mailbox"], place["folder"], told
    )


def is_heard(folder: str) -> bool:
    """Return True if somebody has listened to a message of this folder, or moved it there."""
    return folder not in UNHEARD


def is_wanted(given: Mapping[str, object]) -> Callable[[StoredMessage], bool]:
    """Return what tells whether a message passes the filters."""

    def passes(message: StoredMessage) -> bool:
        has = {"mailbox": message.mailbox, "folder": message.folder}
        if any(name in given and has[name] not in given[name] for name in has):  # type: ignore[operator]
            return False
        return "isRead" not in given or is_heard(message.folder) == given["isRead"]

    return passes
