"""Node: programs in JavaScript, and what they say."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.programs import require_npm_packages, require_program

FOLDER = Path(__file__).parent
SECONDS = 30


class Program:
    """One that runs, and says one JSON object a line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> Any:
        """What it says next; None where it has ended."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), SECONDS)
        return json.loads(line) if line else None

    async def rest(self) -> list[Any]:
        """What it says until it ends."""
        said = []
        while (told := await self.next()) is not None:
            said.append(told)
        return said


@asynccontextmanager
async def running(name: str, *arguments: str) -> AsyncIterator[Program]:
    """A program of this folder; it ends with the block."""
    require_npm_packages(FOLDER)
    process = await asyncio.create_subprocess_exec(require_program("node"), str(FOLDER / name), *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def said(name: str, *arguments: str) -> list[Any]:
    """All that a program says until it ends by itself."""
    async with running(name, *arguments) as program:
        return await program.rest()
