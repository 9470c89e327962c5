"""Extend hatchling's build: no distribution without its web pages, and a README whose links work on a package page."""

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

PAGES = tuple(Path("src/telegraphql/gateway", name, "dist/index.html") for name in ("console", "graphiql"))
NOT_BUILT = "the page {page} is not built, and a distribution without it would answer 503: run `make assets` in {root}, then build again"
# Code is matched first, so that nothing in it is taken for a link.
LINK = re.compile(
    r"^ *```.*?^ *```$|`[^`\n]+`(?!\])|(?P<text>!?\[(?:[^\[\]]|!\[[^\]]*\])*\])\((?P<path>[^)\s]+)\)", re.DOTALL | re.MULTILINE
)


class PageHook(BuildHookInterface[Any]):
    """Stop the build of a wheel or of a source distribution where a page is missing."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Check for the pages, except in editable installations: they serve them from the sources once they are built.

        Raises:
            SystemExit: if a page is missing.
        """
        missing = [page for page in PAGES if not Path(self.root, page).is_file()]
        if version != "editable" and missing:
            raise SystemExit(NOT_BUILT.format(page=missing[0].parts[3], root=self.root))


class ReadmeHook(MetadataHookInterface):
    """Give the package the README with absolute links."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the long description."""
        text = Path(self.root, "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": with_absolute_links(text, metadata["urls"]["Source"])}


def with_absolute_links(text: str, repository: str) -> str:
    """Return Markdown whose links and pictures lead to the main branch of a repository at GitHub."""

    def absolute(found: re.Match[str]) -> str:
        path = found["path"]
        if path is None or path.startswith("#") or re.match(r"[a-z]+:", path):
            return found[0]
        view = "raw" if found["text"].startswith("!") else "blob"
        return f"{found['text']}({repository}/{view}/main/{path})"

    return LINK.sub(absolute, text)
