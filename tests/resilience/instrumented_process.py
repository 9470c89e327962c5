"""Counted: the `telegraphql` command, which on SIGUSR1 says in its log how many tasks and connections it has."""

import asyncio
import logging
import signal
from socket import socket

from telegraphql.gateway.cli import main
from telegraphql.gateway.http.server_process import ServerProcess

log = logging.getLogger("telegraphql")
MARK = "counted:"


class Counted(ServerProcess):
    """Counts when it is told to."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen to that signal as well."""
        await super().startup(sockets)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._count)

    def _count(self) -> None:
        log.warning("%s tasks=%d connections=%d", MARK, len(asyncio.all_tasks()), len(self.server_state.connections))


if __name__ == "__main__":
    setattr(main, "ServerProcess", Counted)  # noqa: B010 - the command makes its own
    main.main()
