"""Add pages from elsewhere in the repository to the MkDocs site, and rewrite links that leave docs/.

MkDocs loads this file by its path, so it imports nothing from this repository.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    specified_scalar_types,
)
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
# Documents outside docs/, and the paths of their pages on the site.
PAGES = {
    "README.md": "index.md",
    "plugins/README.md": "plugins.md",
    "bench/README.md": "bench.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "schema/schema.graphql": "schema.md",
}
COPIED = {page: source for source, page in PAGES.items() if page not in ("index.md", "schema.md")}
GLOSSARY = re.compile(r"^## Glossary\n(.*?)(?=^## |^Apache)", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<to>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")
FENCE = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)
# They have no section of their own.
SCALARS = specified_scalar_types.keys()
INTRODUCTION = """# Schema

This page lists all types of the GraphQL schema. GraphiQL shows the same. `telegraphql schema` prints the schema as a file.
"""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/, the glossary of README.md and the reference of the schema."""
    for page, source in COPIED.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    words = GLOSSARY.search((ROOT / "README.md").read_text("utf-8"))
    assert words is not None, "README.md has no glossary"
    files.append(File.generated(config, "glossary.md", content=f"# Glossary\n{words[1]}"))
    schema = build_schema((ROOT / "schema/schema.graphql").read_text("utf-8"))
    files.append(File.generated(config, "schema.md", content="\n".join([INTRODUCTION, *_reference(schema)])))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Link to the pages of the site where they exist; links to other files of the repository become plain text."""
    source = PurePosixPath(COPIED.get(page.file.src_uri, f"docs/{page.file.src_uri}"))
    parts = FENCE.split(markdown)
    parts[::2] = [LINK.sub(lambda found: _link(found, source, page.file.src_uri), part) for part in parts[::2]]
    return "".join(parts)


def _link(found: re.Match[str], source: PurePosixPath, page: str) -> str:
    target = PurePosixPath(os.path.normpath(source.parent / found["to"]))
    if (str(target), found["anchor"]) == ("README.md", "#glossary"):
        return f"[{found['text']}]({os.path.relpath('glossary.md', PurePosixPath(page).parent)})"
    to = PAGES.get(str(target)) or (str(target.relative_to("docs")) if target.is_relative_to("docs") else None)
    if to is None:
        return found["text"] if (ROOT / target).exists() else found[0]
    anchor = "" if to == "index.md" else found["anchor"] or ""
    return f"[{found['text']}]({os.path.relpath(to, PurePosixPath(page).parent)}{anchor})"


def _reference(schema: GraphQLSchema) -> Iterator[str]:
    """Yield the sections of the schema's reference: the root types first, then types, inputs and enums by name."""
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root is not None]
    named = [each for name, each in sorted(schema.type_map.items()) if not name.startswith("__") and each not in roots]
    own = [each for each in named if each.name not in SCALARS]
    inputs = [each for each in own if isinstance(each, GraphQLInputObjectType)]
    enums = [each for each in own if isinstance(each, GraphQLEnumType)]
    types = [each for each in own if each not in inputs and each not in enums]
    for title, listed in (("Root types", roots), ("Types", types), ("Inputs", inputs), ("Enums", enums)):
        yield f"## {title}\n"
        for each in listed:
            yield f"### {each.name}\n\n{_text(each.description)}\n\n{_members(each)}\n"


def _members(of: GraphQLNamedType) -> str:
    """Return a table of a type's fields or values."""
    if isinstance(of, GraphQLEnumType):
        return _table(["Value", "Description"], ([f"`{name}`", _text(value.description)] for name, value in of.values.items()))
    if isinstance(of, GraphQLUnionType):
        return "One of " + ", ".join(_typed(each) for each in of.types) + "."
    fields: Mapping[str, GraphQLField | GraphQLInputField] = getattr(of, "fields", {})
    rows = ([_named(name, field), _typed(field.type), _text(field.description)] for name, field in fields.items())
    return _table(["Field", "Type", "Description"], rows) if fields else ""


def _named(name: str, field: GraphQLField | GraphQLInputField) -> str:
    """Return a field's name with its arguments, one per line."""
    arguments = field.args.items() if isinstance(field, GraphQLField) else ()
    return "<br>".join([f"`{name}`", *(f"`{argument}:` {_typed(each.type)}" for argument, each in arguments)])


def _typed(of: object) -> str:
    """Return a type in GraphQL's notation, linked to its section."""
    return re.sub(r"\w+", _section, str(of).replace("[", r"\[").replace("]", r"\]"))


def _section(name: re.Match[str]) -> str:
    return name[0] if name[0] in SCALARS else f"[{name[0]}](#{name[0].lower()})"


def _text(description: str | None) -> str:
    """Return a description as one line of Markdown, in which only code is formatted."""
    parts = " ".join((description or "").split()).split("`")
    parts[::2] = [re.sub(r"([*<|])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [heads, ["---"] * len(heads), *rows])
