"""Add pages from elsewhere in the repository to the MkDocs site, and rewrite links that leave docs/.

MkDocs loads this file by its path, so it imports nothing from this repository.
"""

import os
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
# Documents outside docs/, and the paths of their pages on the site.
PAGES = {
    "README.md": "index.md",
    "plugins/README.md": "plugins.md",
    "plugins/TUTORIAL.md": "plugin-tutorial.md",
    "bench/README.md": "bench.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "schema/schema.graphql": "reference/index.md",
}
COPIED = {page: source for source, page in PAGES.items() if page not in ("index.md", "reference/index.md")}
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<to>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")
FENCE = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/."""
    for page, source in COPIED.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Link to the pages of the site where they exist; links to other files of the repository become plain text."""
    source = PurePosixPath(COPIED.get(page.file.src_uri, f"docs/{page.file.src_uri}"))
    parts = FENCE.split(markdown)
    parts[::2] = [LINK.sub(lambda found: _link(found, source, page.file.src_uri), part) for part in parts[::2]]
    return "".join(parts)


def _link(found: re.Match[str], source: PurePosixPath, page: str) -> str:
    target = PurePosixPath(os.path.normpath(source.parent / found["to"]))
    to = PAGES.get(str(target)) or (str(target.relative_to("docs")) if target.is_relative_to("docs") else None)
    if to is None:
        return found["text"] if (ROOT / target).exists() else found[0]
    anchor = "" if to == "index.md" else found["anchor"] or ""
    return f"[{found['text']}]({os.path.relpath(to, PurePosixPath(page).parent)}{anchor})"
