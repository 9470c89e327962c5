"""Refuse to build a distribution without GraphiQL's page, which is built from npm and ignored by git."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/telegraphql/gateway/graphiql/dist/index.html")
NOT_BUILT = "GraphiQL's page is not built, and a distribution without it would answer 503: run `make assets` in {root}, then build again"


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
