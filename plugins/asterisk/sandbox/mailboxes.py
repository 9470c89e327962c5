"""Mailboxes of the sandbox: the messages that callers left, as app_voicemail writes them."""

from datetime import timedelta
from pathlib import Path

from telegraphql.plugin import Row, wav
from telegraphql.plugins.asterisk.sandbox.call_records import moment
from telegraphql.plugins.asterisk.wire import digest

BOXES = ("default/104", "default/105")
FOLDERS = ("INBOX", "Old", "INBOX", "Work", "Urgent")


def messages_of(row: Row, number: int) -> list[Row]:
    """Return the message that was left during a call; every seventh is one of an Asterisk that wrote no ids yet."""
    if row["lastapp"] != "VoiceMail":
        return []
    at, box = moment(row) + timedelta(seconds=2), BOXES[number % 2]
    epoch, seconds = int(at.timestamp()), 1 + number % 5
    words = {
        "origmailbox": box.partition("/")[2],
        "context": row["dcontext"],
        "exten": row["dst"],
        "rdnis": "unknown",
        "priority": 2,
        "callerchan": row["channel"],
        "callerid": row["clid"] if number % 3 else "Unknown",
        "origdate": f"{at:%a %b %d %I:%M:%S %p UTC %Y}",
        "origtime": epoch,
        "category": "",
        "msg_id": f"{epoch}-{number:08x}",
        "flag": "",
        "duration": seconds,
    }
    if number % 7 == 6:
        del words["msg_id"]
    text = ";\n; Message Information file\n;\n[message]\n" + "".join(f"{name}={value}\n" for name, value in words.items())
    key = digest(f"{box} {words.get('msg_id') or text}")
    message = {
        "native_id": f"{epoch}/{key}",
        "origtime": epoch,
        "box": box,
        "folder": FOLDERS[number % 5],
        "text": text,
        "seconds": seconds,
    }
    return [message | {"call": row["native_id"]}]


def store(folder: Path, message: Row) -> None:
    """Write a message behind those that are there."""
    place = folder / message["box"] / message["folder"]
    place.mkdir(parents=True, exist_ok=True)
    stem = f"msg{len(list(place.glob('msg*.txt'))):04}"
    (place / f"{stem}.wav").write_bytes(wav(message["seconds"]))
    (place / f"{stem}.txt").write_text(message["text"], "utf-8")


def furnish(folder: Path) -> None:
    """Write what stands beside the messages: greetings, and one that is being recorded."""
    for box in BOXES:
        (folder / box / "tmp").mkdir(parents=True, exist_ok=True)
        (folder / box / "greet.wav").write_bytes(wav(1))
        (folder / box / "tmp" / "eXk2sT.txt").write_text(";\n[message]\n", "utf-8")
