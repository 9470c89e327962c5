"""The calls with one customer, whoever carried them: told line by line, with what was recorded of them."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import httpx
from telephony import (
    CallFilter,
    CallLine,
    CallsWithCallsNodes,
    GraphQLClientError,
    NumberFilter,
    Telephony,
    TimeRange,
)
from telephony.connections import pages, problem_text

SUFFIXES = {"audio/mpeg": ".mp3", "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/ogg": ".ogg"}
# The gateway answers within its own deadline, with what there is by then.
SECONDS = 30


async def download(client: httpx.AsyncClient, origin: str, call: CallsWithCallsNodes, folder: Path) -> list[Path]:
    """Download the recordings of a call. A link is signed and needs no other credentials."""
    files: list[Path] = []
    for recording in call.recordings or ():
        if recording.media is None:
            continue
        async with client.stream("GET", urljoin(origin, recording.media.url)) as answer:
            answer.raise_for_status()
            suffix = SUFFIXES.get(answer.headers["content-type"].partition(";")[0], ".bin")
            file = folder / f"{call.started_at:%Y%m%dT%H%M%S}-{recording.id}{suffix}"
            with file.open("wb") as out:
                async for part in answer.aiter_bytes():
                    out.write(part)
        files.append(file)
    return files


def line(call: CallLine) -> str:
    """One call as text."""
    caller, called = (party.number if party else None for party in (call.from_, call.to))
    ends = f"{caller or '?'} -> {called or '?'}"
    return f"{call.started_at:%Y-%m-%d %H:%M:%S}  {call.provider.name:<12} {call.direction.value:<8} {call.status.value:<10} {ends}"


async def report(options: argparse.Namespace) -> bool:
    """Tell the calls there were; whether anything is missing."""
    wanted = CallFilter(number=NumberFilter(equals=[options.number]), started_at=TimeRange(since=options.since))
    gaps = False
    async with Telephony(options.url, headers(options.key)) as client, httpx.AsyncClient(timeout=SECONDS) as media:
        async for found in pages(lambda after: client.calls_with(wanted, options.page, after, timeout=SECONDS)):
            for call in found.nodes:
                print(line(call))
                for file in await download(media, options.url, call, options.into) if options.into else ():
                    print(f"    {file.name}")
            for problem in found.problems:
                gaps = True
                print(f"missing: {problem_text(problem)}", file=sys.stderr)
    return gaps


async def follow(options: argparse.Namespace) -> bool:
    """Tell what ended since, and calls as they end, for as long as the program runs."""
    address = options.url.replace("http", "ws", 1)
    wanted = CallFilter(number=NumberFilter(equals=[options.number]))
    async with Telephony(ws_url=address, ws_headers=headers(options.key)) as client:
        async for event in client.calls_ending(filter_=wanted, since=options.since):
            if event.call:
                print(line(event.call), flush=True)
    return False


def headers(key: str | None) -> dict[str, str]:
    """Return the headers that authenticate the caller; none where the gateway is open."""
    return {"X-API-Key": key} if key else {}


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", help="the customer's number, such as +41616925879")
    parser.add_argument("--url", default="http://127.0.0.1:8000/graphql", help="the gateway")
    parser.add_argument("--key", default=os.environ.get("GATEWAY_KEY"), help="an API key; GATEWAY_KEY unless given")
    week = datetime.now(UTC) - timedelta(days=7)
    parser.add_argument("--since", type=datetime.fromisoformat, default=week, help="such as 2026-11-22T08:00Z; a week ago unless given")
    parser.add_argument("--into", type=Path, help="a folder for the recordings; none are fetched unless given")
    parser.add_argument("--page", type=int, default=100, help="calls per request; 100 unless given, at most 500")
    parser.add_argument("--follow", action="store_true", help="go on telling calls as they end, instead")
    return parser.parse_args(arguments)


def main() -> int:
    """Run the program. Return 1 where something is missing, 2 where the gateway refuses."""
    chosen = options()
    if chosen.into:
        chosen.into.mkdir(parents=True, exist_ok=True)
    try:
        return int(asyncio.run(follow(chosen) if chosen.follow else report(chosen)))
    except (GraphQLClientError, httpx.HTTPError) as error:
        print(f"customer-calls: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
