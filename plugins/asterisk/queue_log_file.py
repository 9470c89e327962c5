"""Queue log file: the lines of `queue_log` and of what it was rotated to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from telegraphql.plugins.asterisk.index import QUEUE_EVENTS
from telegraphql.plugins.asterisk.queue_visits import EventQuery, QueueLogEvent, ReadEvents
from telegraphql.plugins.asterisk.rotated_files import FileBlock, RotatedFiles
from telegraphql.plugins.asterisk.selecting import Found, Piece

# logger.c, ast_queue_log: epoch, channel, queue, agent, event, and what belongs to it.
FIXED = 5


class QueueLogFile:
    """The events in a file. Its methods read it: they are for `Upstream.run`."""

    def __init__(self, file: Path) -> None:
        self._files = RotatedFiles(
            file.parent, file.name, QUEUE_EVENTS, "check `queue_log_file`, and `queue_log` in Asterisk's logger.conf"
        )

    def check(self) -> None:
        """Read what there is, to see that it can be read."""
        self._files.check()

    @contextmanager
    def opened(self) -> Iterator[ReadEvents]:
        """Open the files."""
        with self._files.blocks() as blocks:
            yield partial(_pieces, blocks)


def _pieces(blocks: list[FileBlock], query: EventQuery) -> Iterator[Piece[QueueLogEvent]]:
    for each in sorted(blocks, key=lambda each: each.block.last if query.newest else each.block.first, reverse=query.newest):
        earliest, latest = (_moment(text) for text in (each.block.first, each.block.last))
        if (query.since is None or latest >= query.since) and (query.until is None or earliest <= query.until):
            yield Piece(earliest, latest, partial(_read, each))


def _read(block: FileBlock) -> Found[QueueLogEvent]:
    found = Found[QueueLogEvent]()
    for number, line in enumerate(block.data().decode("utf-8", "replace").split("\n"), block.block.line):
        if line:
            try:
                found.placed.append(event_of(line.removesuffix("\r")))
            except ValueError as error:
                found.complaints.append(f"line {number} of {block.name} cannot be read: {error}")
    return found


def event_of(line: str) -> QueueLogEvent:
    """Return the event of a line; ValueError says what is wrong with it."""
    epoch, *parts = line.split("|")
    if len(parts) < FIXED - 1:
        raise ValueError(f"{1 + len(parts)} columns are not what Asterisk writes")
    channel, queue, agent, word, *data = parts
    return QueueLogEvent(_moment(epoch), channel, queue, agent, word, data)


def _moment(epoch: str) -> datetime:
    if len(epoch) > 10 or not (epoch.isascii() and epoch.isdecimal()):
        raise ValueError("its time is missing or wrong")
    return datetime.fromtimestamp(int(epoch), UTC)
