"""Ports: where the upstream and the contestants listen."""

import socket

UPSTREAM, CONTESTANT = 9720, 9721


def check() -> None:
    """RuntimeError where something listens there already, such as another run of the bench: it would be measured instead."""
    for port in (UPSTREAM, CONTESTANT):
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                raise RuntimeError(f"something listens on port {port} of 127.0.0.1 already, perhaps another bench; end it first")
