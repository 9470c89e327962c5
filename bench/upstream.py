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
# The gateway asks for some rows more than a page, for ties and to know whether there is another: limits beyond each size are there,
# of the other accounts up to the size that lists of several have.
BEYOND = {size: range(size, size + max(24, size // 6)) for size in SIZES}
SEVERAL = 100
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
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder}/www;
    location ~ ^/slow/(.*)$ {{ {late} }}
    location ~ ^/(?<account>[a-d])/v1.2/voipstudio/(?<list>cdrs|monitors)$ {{
      if ($arg_page !~ "^1?$") {{ return 200 '{{"data":[],"total":0,"links":{{}}}}'; }}
      try_files /$account/$list-$arg_limit.json /$account/$list.json =404;
    }}
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
        sizes = [size for size in SIZES if account == data.ACCOUNTS[0] or size <= SEVERAL]
        limits = [limit for size in sizes for limit in BEYOND[size]]
        rows = data.rows(account, max(limits))
        raw, shaped = [_text(row) for row in rows], [_text(data.shaped(account, row)) for row in rows]
        for limit in limits:
            _put(www / account / f"cdrs-{limit}.json", f'{{"data":[{",".join(raw[:limit])}],"total":100000,"links":{{}}}}')
            _put(www / "shaped" / account / f"calls-{limit}.json", f"[{','.join(shaped[:limit])}]")
        for size in sizes:
            _put(www / "shaped" / account / f"wrapped-{size}.json", f'{{"nodes":[{",".join(shaped[:size])}]}}')
        found = data.recordings(account, SEVERAL)
        # Recordings of a time are asked for from the oldest on.
        _put(www / account / "monitors.json", _text({"data": found[::-1], "total": len(found), "links": {}}))
        _put(www / "shaped" / account / "recordings.json", _text([data.shaped_recording(account, row) for row in found]))


def _text(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))


def _put(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o644)
