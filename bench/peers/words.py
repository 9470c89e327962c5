"""Words: the peers' schema, the same for all that want one written down."""

from pathlib import Path

SDL = Path(__file__).with_name("peers.graphql").read_text()
