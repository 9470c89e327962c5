"""The limit of open files: raised at the start as far as the system lets, since each connection is one."""

import logging
import resource
from contextlib import suppress

# Enough for a thousand clients, the connections to upstreams for them, and files.
ENOUGH = 4096
log = logging.getLogger("telegraphql")


def raise_limit() -> int:
    """Raise the limit of open files of this process to what it may be, and return it. Too few are logged."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # some systems name a limit that they do not grant
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft != resource.RLIM_INFINITY and soft < ENOUGH:
        log.warning("this process may open %s files, connections included; allow it %s (ulimit -n, LimitNOFILE=)", soft, ENOUGH)
    return soft
