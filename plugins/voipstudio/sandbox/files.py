"""The bytes of simulated files: playable MP3 of exact length, packet captures, SIP traces and CSV."""

import csv
import io
import struct
from collections.abc import Iterable
from datetime import UTC, datetime

from telegraphql.plugin import Row, mp3_frames

# MPEG-2 layer III, 16 kHz mono at 8 kbit/s: 36 bytes are 36 ms.
FRAME_BYTES = 36
TAG_HEADER = 10
COLUMNS = ("id", "calldate", "src", "src_name", "dst", "dst_name", "duration", "billsec", "disposition", "destination", "charge", "t_cause")
# The Ethernet header of a packet between two locally administered addresses.
ETHERNET = bytes.fromhex("020000000002020000000001" + "0800")
PORT = 5060


def mp3_size(seconds: int) -> int:
    """Return the number of bytes of this many seconds of audio."""
    return max(1, round(seconds * 1000 / FRAME_BYTES)) * FRAME_BYTES


def mp3(size: int) -> bytes:
    """Return an MPEG audio stream of exactly this many bytes. What does not fill a frame becomes a tag before the audio."""
    frames, remainder = divmod(size, FRAME_BYTES)
    if 0 < remainder < TAG_HEADER:
        frames, remainder = frames - 1, remainder + FRAME_BYTES
    return _tag(remainder) + mp3_frames(frames)


def _tag(size: int) -> bytes:
    if not size:
        return b""
    inner = size - TAG_HEADER
    return b"ID3\x03\0\0" + bytes((inner >> shift) & 0x7F for shift in (21, 14, 7, 0)) + b"\0" * inner


def trace(row: Row) -> str:
    """Return the SIP messages of a call or a media stream."""
    identity = f"Call-ID: {row.get('live_id') or row.get('media_session_id')}@sip.example.com\r\n"
    ends = f"From: <sip:{row['src']}@sip.example.com>;tag=1\r\nTo: <sip:{row['dst']}@sip.example.com>\r\n"
    via = "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1\r\n"

    def message(line: str, method: str) -> str:
        return f"{line}\r\n{via}{ends}{identity}CSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"

    target = f"sip:{row['dst']}@sip.example.com SIP/2.0"
    return message(f"INVITE {target}", "INVITE") + message("SIP/2.0 200 OK", "INVITE") + message(f"BYE {target}", "BYE")


def pcap(row: Row) -> bytes:
    """Return a packet capture that contains the first of these messages."""
    second = int(datetime.fromisoformat(row.get("calldate") or row["created_at"]).replace(tzinfo=UTC).timestamp())
    payload = trace(row).partition("\r\n\r\n")[0].encode() + b"\r\n\r\n"
    udp = struct.pack(">HHHH", PORT, PORT, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes((192, 0, 2, 10)), bytes((192, 0, 2, 20)))
    packet = ETHERNET + head[:10] + struct.pack(">H", _checksum(head)) + head[12:] + udp
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1) + struct.pack("<IIII", second, 0, len(packet), len(packet)) + packet


def _checksum(head: bytes) -> int:
    total: int = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def to_csv(rows: Iterable[Row]) -> str:
    """Return calls as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
