"""nginx takes the configuration of deploy/, and lets through what the gateway would."""

import re
import socket
import subprocess
import threading
import time
import tomllib
from pathlib import Path

from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.http.sse import HEARTBEAT_SECONDS
from tests.deploy.manifests import DEPLOY, configuration
from tests.resilience.replicas import lay_out, program

CONF = (DEPLOY / "nginx.conf").read_text()


def test_nginx_takes_it(tmp_path: Path) -> None:
    lay_out(tmp_path, "listen 8080;", "server 127.0.0.1:8000;")
    done = subprocess.run(program(tmp_path, "-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


ASKED = 1800


def test_an_address_that_asks_without_pause_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lay_out(tmp_path, f"listen 127.0.0.1:{port};", "server 127.0.0.1:9;")
    with subprocess.Popen(program(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as nginx:
        try:
            answers = b"".join(flooded(port, ASKED // 2) for _ in range(2))
        finally:
            nginx.terminate()
    refused, passed = answers.count(b"HTTP/1.1 429 "), answers.count(b"HTTP/1.1 502 ")
    assert refused + passed == ASKED
    assert passed >= 1000
    assert refused > 0


def flooded(port: int, number: int) -> bytes:
    """All answers to so many requests over one connection, which do not wait for each other."""
    deadline = time.monotonic() + 20
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), 20)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    with connection:
        request = b"GET /graphql HTTP/1.1\r\nHost: x\r\n"
        sent = (request + b"\r\n") * (number - 1) + request + b"Connection: close\r\n\r\n"
        threading.Thread(target=connection.sendall, args=(sent,)).start()
        return b"".join(iter(lambda: connection.recv(65536), b""))


def seconds(directive: str) -> float:
    """What a time is set to."""
    found = re.search(rf"^ +{directive} (\d+)s;", CONF, re.MULTILINE)
    assert found is not None, directive
    return float(found[1])


def test_it_waits_longer_than_the_gateway_and_keeps_connections_shorter() -> None:
    assert seconds("proxy_read_timeout") > max(Limits().deadline, HEARTBEAT_SECONDS, 20)
    upstream = re.search(r"upstream gateway \{(.*?)\n    \}", CONF, re.DOTALL)
    assert upstream is not None
    assert "keepalive_timeout 4s;" in upstream[1]
    # So that no connection is closed under its hands while a replica ends.
    assert tomllib.loads(configuration())["server"]["drain_delay"] == "5s"


def test_it_takes_bodies_as_long_as_the_gateway_does() -> None:
    assert f"client_max_body_size {Limits().body_bytes // 1024}k;" in CONF


def test_a_mutation_is_never_asked_twice() -> None:
    assert "proxy_next_upstream error timeout;" in CONF
    assert "non_idempotent" not in CONF


def test_its_log_holds_no_query_and_no_link() -> None:
    logged = re.search(r"log_format .*?;", CONF, re.DOTALL)
    assert logged is not None
    assert not {"$request ", "$request_uri", "$args", "$uri", "$http_referer", "$http_authorization"} & set(
        re.findall(r"\$\w+ ?", logged[0])
    )
    assert "~^/media/.   /media/-;" in CONF
