"""The console: a page that shows calls, numbers, queues and providers. It uses the public GraphQL API only."""

import json
from collections.abc import Mapping

from telegraphql.gateway.web_page import WebPage

PAGE = WebPage("console", "The console", "/", __file__)


def operations() -> Mapping[str, str]:
    """Return the documents that the page sends, by their ids without the prefix "sha256:". Empty if the page is not built."""
    manifest = PAGE.dist / "operations.json"
    if not manifest.is_file():
        return {}
    return {name.removeprefix("sha256:"): text for name, text in json.loads(manifest.read_bytes()).items()}
