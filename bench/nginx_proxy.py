"""Nginx proxy: nginx in a gateway's place, which hands on what the upstream answers without reading it."""

import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

CONF = """worker_processes 1;
pid {folder}/passing.pid;
error_log {folder}/passing.log crit;
daemon off;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  proxy_temp_path {folder}/passing-temp;
  client_body_temp_path {folder}/passing-body;
  upstream origin {{ server {host}; keepalive 600; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    # A whole page of 1,000 records stays in memory.
    proxy_buffers 64 16k;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Content-Length "";
    proxy_method GET;
    proxy_pass_request_body off;
    location ~ ^/(\\d+)$ {{ proxy_pass http://origin{prefix}/shaped/a/wrapped?limit=$1; }}
  }}
}}
"""


def nginx_proxy(folder: Path, upstream: str, port: int) -> list[str]:
    """The command of an nginx on a port that passes on the upstream's lists, by the number of their records."""
    origin = urlsplit(upstream)
    path = folder / f"passing{re.sub(r'[^a-z]', '', origin.path)}.conf"
    path.write_text(CONF.format(folder=folder, host=origin.netloc, port=port, prefix=origin.path))
    return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(path), "-e", str(folder / "passing.log")]
