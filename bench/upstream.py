"""Upstream: nginx that answers with files, at once or after a latency, so that it never is what a measurement waits for."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import data, ports

SIZES = (25, 100, 500, 1000)
# The most that VoIPstudio gives at once.
MOST = 1000
# The gateway asks for one row more than a page, to know whether there is another: limits a little beyond each size are there.
BEYOND = 8
# What a second slice begins with, where the first one has ended: the last row again, as bounds of time include both ends.
AGAIN = 1
TOTAL = 100_000
ECHO = Path("/usr/share/nginx/modules/ngx_http_echo_module.so")
CONF = """{load}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  default_type application/json;
  open_file_cache max=5000;
  sendfile on;
  tcp_nopush on;
  # The bench asks for all that was before a moment after all calls, so that a bound among them is a second slice's.
  map $arg_filter $slice {{ default ""; "~2026-" "-after"; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder}/www;
    location ~ ^/slow/(.*)$ {{ {late} }}
    location ~ ^/([a-d])/v1.2/voipstudio/(cdrs|monitors)$ {{ try_files /$1/$2$slice-$arg_limit.json /$1/$2.json =404; }}
    location ~ ^/shaped/ {{ try_files $uri-$arg_limit.json $uri.json =404; }}
    location = /count {{ stub_status; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where it listens; `slow` is the path under which everything comes after the latency."""

    origin: str = f"http://127.0.0.1:{ports.UPSTREAM}"
    slow: str = "/slow"


@asynccontextmanager
async def serving(folder: Path, latency_ms: int = 50) -> AsyncIterator[Upstream]:
    """nginx over the files, until the block ends."""
    _write(folder / "www")
    _write_conf(folder, latency_ms)
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    process = await asyncio.create_subprocess_exec(
        "taskset", "-c", "1", nginx, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")
    )
    try:
        await asyncio.sleep(0.5)
        yield Upstream()
    finally:
        process.terminate()
        await process.wait()


def _write_conf(folder: Path, latency_ms: int) -> None:
    """Without the echo module there is no latency to be had: what asks for it is told so."""
    late = f"echo_sleep {latency_ms / 1000}; echo_exec /$1 $args;" if ECHO.exists() else "return 501;"
    load = f"load_module {ECHO};" if ECHO.exists() else ""
    (folder / "nginx.conf").write_text(CONF.format(load=load, late=late, folder=folder, port=ports.UPSTREAM))


def _write(www: Path) -> None:
    for account in data.ACCOUNTS:
        (www / account).mkdir(parents=True, exist_ok=True)
        (www / "shaped" / account).mkdir(parents=True, exist_ok=True)
        rows = data.rows(account, MOST + 2 * BEYOND)
        limits = [size + more for size in SIZES for more in range(BEYOND)]
        for limit in limits:
            sent = rows[: min(limit, MOST)]
            _put(www / account / f"cdrs-{limit}.json", {"data": sent, "total": TOTAL, "links": {}})
            later = rows[MOST - AGAIN : MOST - AGAIN + limit]
            _put(www / account / f"cdrs-after-{limit}.json", {"data": later, "total": TOTAL - len(sent) + AGAIN, "links": {}})
            _put(www / "shaped" / account / f"calls-{limit}.json", [data.shaped(account, row) for row in rows[:limit]])
        found = data.recordings(account, 100)
        _put(www / account / "monitors.json", {"data": found, "total": len(found), "links": {}})
        for size in SIZES:
            nodes = [data.shaped(account, row) for row in rows[:size]]
            _put(www / "shaped" / account / f"wrapped-{size}.json", {"nodes": nodes})
        _put(www / "shaped" / account / "recordings.json", [data.shaped_recording(account, row) for row in found])


def _put(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")))
    path.chmod(0o644)
