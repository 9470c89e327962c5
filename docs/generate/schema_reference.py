"""Add the API reference to the MkDocs site: a page for each kind of record, and pages for the other types, made of the printed schema.

MkDocs loads this file by its path, so it imports nothing from this repository.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    ast_from_value,
    build_schema,
    print_ast,
    specified_scalar_types,
)
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

SDL = Path(__file__).parents[2] / "schema/schema.graphql"
FOLDER = "reference"
INDEX = f"{FOLDER}/index.md"
# They have no section of their own.
SCALARS = specified_scalar_types.keys()
PROVIDED = re.compile(r" (?:Filled|Applied) by: (?P<plugins>[^.]+)\.$")
INTRODUCTION = """# Schema

All types of the GraphQL schema. GraphiQL shows the same. `telegraphql schema` prints them as a file.

- *Filled by* names the plugins that fill a field. The gateway itself fills a field without plugins, or no plugin has it yet.
- *Applied by* names the plugins whose upstream applies a filter, exactly or in part. The gateway applies it to the records of the others.
- *Personal* data is null for callers with [redacted personal data](../security.md#providers-and-personal-data), who cannot filter by it.
- [Evolving the schema](../evolving-the-schema.md) says what may change.
"""
Rows = Iterable[list[str]]


class Reference:
    """The pages of the reference by their paths, and on which page each type is described."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.named = {name: each for name, each in sorted(schema.type_map.items()) if not name.startswith("__") and name not in SCALARS}
        record: Any = schema.type_map["Record"]
        self.kinds = [each.name for each in schema.get_possible_types(record)]
        self.groups = self._groups()
        self.page_of = {name: page for page, (_, names) in self.groups.items() for name in names}

    def _groups(self) -> dict[str, tuple[str, list[str]]]:
        """Return the titles and types of the pages: roots first, then one page per kind, then the other types."""
        roots = [root.name for root in (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type) if root]
        kinds = {
            kind: [name for name in (kind, f"{kind}Filter", f"{kind}Connection", f"{kind}Edge") if name in self.named]
            for kind in self.kinds
        }
        placed = {*roots, *(name for names in kinds.values() for name in names)}
        rest = [name for name in self.named if name not in placed]
        mutations = [name for name in rest if re.search(r"(?:Input|Payload)$", name)]
        inputs = [name for name in rest if isinstance(self.named[name], GraphQLInputObjectType) and name not in mutations]
        words = [name for name in rest if isinstance(self.named[name], GraphQLEnumType | GraphQLScalarType)]
        others = [name for name in rest if name not in {*mutations, *inputs, *words}]
        return {
            **{f"{FOLDER}/{root.lower()}.md": (root, [root]) for root in roots},
            **{f"{FOLDER}/{kind.lower()}.md": (kind, names) for kind, names in sorted(kinds.items())},
            f"{FOLDER}/mutation-types.md": ("Inputs and payloads of mutations", mutations),
            f"{FOLDER}/types.md": ("Other types", others),
            f"{FOLDER}/inputs.md": ("Other inputs", inputs),
            f"{FOLDER}/enums.md": ("Enums and scalars", words),
        }

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield the path and the text of each page."""
        yield INDEX, "\n".join([INTRODUCTION, _table(["Page", "Types"], self._listed())])
        for page, (title, names) in self.groups.items():
            # The anchor of a type is its name, so that a page of the same name has it in its title.
            heads = "" if names[0] == title else f"# {title}\n\n"
            yield page, heads + "\n".join(f"{self._section(self.named[name], title)}\n" for name in names)

    def _listed(self) -> Iterator[list[str]]:
        for page, (title, names) in self.groups.items():
            path = page.removeprefix(f"{FOLDER}/")
            yield [f"[{title}]({path})", ", ".join(f"[{name}]({path}#{name.lower()})" for name in names)]

    def _section(self, of: GraphQLNamedType, title: str) -> str:
        """Return the heading, the description and the members of a type on the page with this title."""
        page = self.page_of[of.name]
        lists = self._list_of(of.name)
        parts = [f"{'#' if of.name == title else '##'} {of.name}", _text(of.description), *([lists] if lists else [])]
        if isinstance(of, GraphQLEnumType):
            parts.append(_table(["Value", "Description"], ([f"`{name}`", _text(each.description)] for name, each in of.values.items())))
        elif isinstance(of, GraphQLUnionType):
            parts.append("One of " + ", ".join(self._typed(each, page) for each in of.types) + ".")
        elif isinstance(of, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            if not isinstance(of, GraphQLInputObjectType) and of.interfaces:
                parts.append("Implements " + ", ".join(self._typed(each, page) for each in of.interfaces) + ".")
            parts += [self._fields(of.fields, page), *self._arguments(of, page)]
        return "\n\n".join(each for each in parts if each)

    def _list_of(self, kind: str) -> str:
        """Return where a kind is listed."""
        fields = self.schema.query_type.fields if self.schema.query_type else {}
        names = [name for name, field in fields.items() if str(field.type) == f"{kind}Connection!" and kind in self.kinds]
        return f"Listed by [`{names[0]}`](query.md#arguments-of-{names[0].lower()})." if names else ""

    def _fields(self, fields: Mapping[str, Any], page: str) -> str:
        found = {name: PROVIDED.search(each.description or "") for name, each in fields.items()}
        heads = ["Field", "Type", "Description"]
        by = next((each[0].partition(":")[0].strip() for each in found.values() if each), None)
        rows = []
        for name, each in fields.items():
            told = found[name]
            cells = [f"`{name}`", self._typed(each.type, page), _text(PROVIDED.sub("", each.description or "")) + _personal(each)]
            rows.append([*cells, *([told["plugins"] if told else "–"] if by else [])])
        return _table([*heads, *([by] if by else [])], rows)

    def _arguments(self, of: Any, page: str) -> Iterator[str]:
        for name, field in of.fields.items():
            if isinstance(field, GraphQLField) and field.args:
                rows = (
                    [f"`{each}`", self._typed(given.type, page), _default(given), _text(given.description) + _personal(given)]
                    for each, given in field.args.items()
                )
                yield f"### Arguments of {name}\n\n{_table(['Argument', 'Type', 'Default', 'Description'], rows)}"

    def _typed(self, of: object, page: str) -> str:
        """Return a type in GraphQL's notation, linked to its section."""

        def linked(found: re.Match[str]) -> str:
            name = found[0]
            if name in SCALARS:
                return name
            target = self.page_of[name].removeprefix(f"{FOLDER}/")
            return f"[{name}]({'' if self.page_of[name] == page else target}#{name.lower()})"

        return re.sub(r"\w+", linked, str(of).replace("[", r"\[").replace("]", r"\]"))


def reference() -> Reference:
    """Return the reference of the printed schema."""
    return Reference(build_schema(SDL.read_text("utf-8")))


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages into the navigation, behind the reference's first page."""
    for section in config.nav or ():
        for entries in section.values():
            if INDEX in entries:
                kinds = [{title: page} for page, (title, _) in reference().groups.items()]
                entries.insert(entries.index(INDEX) + 1, {"Types": kinds})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for path, text in reference().pages():
        files.append(File.generated(config, path, content=text))
    return files


def _personal(of: Any) -> str:
    directives: Sequence[Any] = (of.ast_node and of.ast_node.directives) or ()
    return " *Personal.*" if any(each.name.value == "personal" for each in directives) else ""


def _default(argument: Any) -> str:
    value = None if argument.default_value is Undefined else ast_from_value(argument.default_value, argument.type)
    return f"`{print_ast(value)}`" if value is not None else ""


def _text(description: str | None) -> str:
    """Return a description as one line of Markdown, in which only code is formatted."""
    parts = " ".join((description or "").split()).split("`")
    parts[::2] = [re.sub(r"([*<|])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def _table(heads: list[str], rows: Rows) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [heads, ["---"] * len(heads), *rows])
