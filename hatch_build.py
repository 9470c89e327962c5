"""Extend hatchling's build: no distribution without GraphiQL's page, and a README whose links work on a package page."""

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

PAGE = Path("src/telegraphql/gateway/graphiql/dist/index.html")
NOT_BUILT = "GraphiQL's page is not built, and a distribution without it would answer 503: run `make assets` in {root}, then build again"
# Code is matched first, so that nothing in it is taken for a link.
LINK = re.compile(
    r"^ *```.*?^ *```$|`[^`\n]+`(?!\])|(?P<text>!?\[(?:[^\[\]]|!\[[^\]]*\])*\])\((?P<path>[^)\s]+)\)", re.DOTALL | re.MULTILINE
)


class PageHook(BuildHookInterface[Any]):
    """Stop the build of a wheel or of a source distribution where the page is missing."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Check for the page, except in editable installations: they serve it from the sources once it is built.

        Raises:
            SystemExit: if the page is missing.
        """
        if version != "editable" and not Path(self.root, PAGE).is_file():
            raise SystemExit(NOT_BUILT.format(root=self.root))


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
