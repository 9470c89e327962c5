"""Wire: what Asterisk writes of a call, the columns of cdr_csv, in their order, and of the SQL drivers, by their names."""

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

# cdr_csv.c, build_csv_record.
FIXED = [
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
]
UNIQUEID, USERFIELD = "uniqueid", "userfield"
NEWER = ["linkedid", "peeraccount", "sequence"]
# By how many columns follow the fixed ones; with one of loguniqueid and loguserfield alone, the words tell which of the two it is.
OPTIONS = {0: [], 1: [UNIQUEID], 2: [UNIQUEID, USERFIELD], 3: NEWER, 4: [UNIQUEID, *NEWER], 5: [UNIQUEID, USERFIELD, *NEWER]}
START = FIXED.index("start")
DIGEST = 6
PEER = re.compile(r"(?!Local/)\w+/(?P<peer>.+)-[0-9a-f]{8,}(?:;[12])?")
CALLER_ID = re.compile(r'\s*(?:"(?P<quoted>.*)"|(?P<bare>[^<"]*?))\s*(?:<(?P<number>[^>]*)>)?\s*')


class AsteriskCdr(msgspec.Struct, frozen=True):
    """One record in Asterisk's words, absent ones empty. `told` is the row as it came, `mark` what tells it from others of its uniqueid."""

    told: Mapping[str, Any]
    mark: str
    start: str
    duration: int | None
    billsec: int | None
    accountcode: str = ""
    src: str = ""
    dst: str = ""
    dcontext: str = ""
    clid: str = ""
    channel: str = ""
    dstchannel: str = ""
    lastapp: str = ""
    lastdata: str = ""
    answer: str = ""
    end: str = ""
    disposition: str = ""
    uniqueid: str = ""
    userfield: str = ""
    linkedid: str = ""
    # What FreePBX adds to the table: framework's cdr columns.
    did: str = ""
    recordingfile: str = ""
    cnum: str = ""
    cnam: str = ""
    outbound_cnum: str = ""
    dst_cnam: str = ""


TEXTS = tuple(name for name in AsteriskCdr.__struct_fields__ if name not in ("told", "mark", "start", "duration", "billsec"))


def fields(line: str) -> list[str] | None:
    """Return the columns of a line; None where its quotes do not close, or stand where none can."""
    try:
        return next(csv.reader([line], strict=True), None)
    except csv.Error:
        return None


def from_line(found: Sequence[str], line: str) -> AsteriskCdr:
    """Return a line of Master.csv; ValueError names the column that is missing or wrong."""
    options = OPTIONS.get(len(found) - len(FIXED))
    if options is None:
        raise ValueError(f"{len(found)} columns are not what Asterisk writes")
    names = [*FIXED, *options]
    told = dict(zip(names, found, strict=True))
    if len(options) in (1, 4) and not is_uniqueid(found[len(FIXED)]):
        told = {USERFIELD if name == UNIQUEID else name: value for name, value in told.items()}
    # Without a sequence only the whole line tells two records of one uniqueid apart, also after the file was rotated.
    return from_row(told, told.get("sequence") or digest(line), told["start"])


def from_row(told: Mapping[str, Any], mark: str, start: str) -> AsteriskCdr:
    """Return a row with names; ValueError names the column that is missing or wrong."""
    texts = {name: str(told[name]).strip() for name in TEXTS if told.get(name) is not None}
    return AsteriskCdr(told, mark, start, _seconds(told, "duration"), _seconds(told, "billsec"), **texts)


def peer(channel: str) -> str | None:
    """Return the peer in the name of a channel; None for a local one."""
    found = PEER.fullmatch(channel)
    return found["peer"] if found else None


def caller_id(text: str) -> tuple[str, str]:
    """Return number and name of `"Name" <number>`; empty where there are none."""
    found = CALLER_ID.fullmatch(text)
    if not found:
        return "", ""
    return (found["number"] or "").strip(), (found["quoted"] or found["bare"] or "").strip()


def digest(text: str) -> str:
    """Return a few letters that stand for a whole row."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST).hexdigest()


def is_uniqueid(text: str) -> bool:
    """Return True if a text is built as a channel's uniqueid: an epoch and a number, behind the system's name if it has one."""
    whole, _, number = text.rpartition("-")[2].partition(".")
    return whole.isdecimal() and len(whole) in (9, 10) and number.isdecimal()


def _seconds(told: Mapping[str, Any], name: str) -> int | None:
    """Return a length; None where it is negative, or longer than any conversation."""
    text = str(told.get(name) or "0").strip()
    if not text.removeprefix("-").isdecimal():
        raise ValueError(f"`{name}` is missing or wrong")
    return int(text) if len(text) < 10 and text.isdecimal() else None
