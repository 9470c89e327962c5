"""Column code: the source of functions that read columns of rows; each column's function is bound by reference, and can be stepped into."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING
from typing import TYPE_CHECKING, Any

from telegraphql.gateway.plugin.columns import (
    PROVIDER,
    ROW,
    AttributePath,
    Column,
    Constant,
    LeafColumn,
    Mapped,
    Object,
    Parameter,
    ProviderValue,
    Source,
)

if TYPE_CHECKING:
    from telegraphql.gateway.plugin.mapping import Mapping as ColumnMapping


class ColumnWriter:
    """Writes statements that read columns of `row`. `before` stands in front of the loop over rows, `lines` in it."""

    def __init__(self, mapping: "ColumnMapping[Any]", known: Mapping[str, str] | None = None) -> None:
        self.mapping = mapping
        self.names: dict[str, Any] = {}
        self.before: list[str] = []
        self.lines: list[str] = []
        # By its path, the expression that holds a column's value.
        self._values: dict[str, str] = dict(known or {})
        self._bound: dict[tuple[str, int], str] = {}
        self._constants: dict[str, str] = {}
        self._read = 0

    def bind(self, hint: str, value: Any) -> str:
        """Return the name by which the source knows a value."""
        name = self._bound.get((hint, id(value)))
        if name is None:
            name = self._bound[hint, id(value)] = f"{hint}_{len(self._bound)}"
            self.names[name] = value
        return name

    def leaf(self, path: str) -> str:
        """Write what reads a column, once; return the expression of its value."""
        found = self._values.get(path)
        if found is None:
            text = self.call(self.mapping.leaves[path])
            found = self._values[path] = f"c{len(self._values)}"
            self.lines.append(f"{found} = {text}")
        return found

    def call(self, each: LeafColumn) -> str:
        """Return the expression that reads a column."""
        return self._call(each.column, each)

    def _call(self, column: Column, of: LeafColumn) -> str:
        arguments = [self._source(source, of) for source in column.sources]
        if column.is_plain:
            return arguments[0]
        hint = "column_" + "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in of.path)
        read = self.bind(hint, column.read)
        if column.usual is None:
            return f"{read}({', '.join(arguments)})"
        (argument,) = arguments
        self._read += 1
        value, kind = f"x{self._read}", f"k{self._read}"
        written = {name: text.replace("value", value).replace("read(", f"{read}(") for name, text in column.usual.items()}
        (first, text), *others = [(name, f"({expression})") for name, expression in written.items()]
        cases = [f"{text} if ({kind} := type({value} := {argument})) is {first}", *(f"{each} if {kind} is {name}" for name, each in others)]
        return f"({' else '.join(cases)} else None if {value} is None else {read}({value}))"

    def attribute(self, name: str) -> str:
        """Write what makes a whole attribute of the record; return its expression."""
        found = self._values.get(name)
        if found is not None:
            return found
        column = self.mapping.columns.get(name)
        if column is None:
            return self._default(name)
        if isinstance(column, Object):
            return self._object(name, column)
        return self._dict(name, column) if isinstance(column, Mapping) else self.leaf(name)

    def _object(self, name: str, column: Object) -> str:
        parts = {part: self.leaf(f"{name}.{part}") for part in column.parts}
        made = f"{self.bind('make', column.kind)}({', '.join(f'{part}={value}' for part, value in parts.items())})"
        if column.unless_null is not None:
            made = f"None if {parts[column.unless_null]} is None else {made}"
        found = self._values[name] = f"o{len(self._values)}"
        self.lines.append(f"{found} = {made}")
        return found

    def _dict(self, name: str, column: Iterable[str]) -> str:
        parts = {key: self.leaf(f"{name}.{key}") for key in column}
        found = self._values[name] = f"d{len(self._values)}"
        self.lines.append(f"{found} = {{{', '.join(f'{key!r}: {value}' for key, value in parts.items())}}}")
        if name != "refs":
            self.lines.append(f"if None in {found}.values(): {found} = {{k: v for k, v in {found}.items() if v is not None}}")
        return found

    def _default(self, name: str) -> str:
        field = self.mapping.fields[name]
        if field.default_factory is not MISSING:
            return f"{self.bind('default', field.default_factory)}()"
        return "None" if field.default is None else self.bind("default", field.default)

    def _source(self, source: Source, of: LeafColumn) -> str:
        if isinstance(source, str):
            return _path(of.attributes[source])
        if isinstance(source, Column):
            return self._call(source, of)
        if isinstance(source, Mapped):
            return self.leaf(source.name)
        if isinstance(source, Constant):
            return self.bind("constant", source.value)
        if isinstance(source, ProviderValue | Parameter):
            return self.once(f"of.{source.path}" if isinstance(source, ProviderValue) else f"parameters[{source.name!r}]")
        assert source is ROW or source is PROVIDER
        return "row" if source is ROW else "of"

    def once(self, text: str) -> str:
        """Write an expression in front of the loop; return its name."""
        if text not in self._constants:
            self._constants[text] = f"p{len(self._constants)}"
            self.before.append(f"{self._constants[text]} = {text}")
        return self._constants[text]


def _path(path: AttributePath) -> str:
    text = "row." + ".".join(path.names)
    for at in range(len(path.names) - 1, 0, -1):
        if path.nullable[at - 1]:
            text = f"(None if row.{'.'.join(path.names[:at])} is None else {text})"
    return text


def indented(lines: Iterable[str], steps: int = 1) -> list[str]:
    """Return lines some steps further in."""
    return [f"{'    ' * steps}{line}" for line in lines]


def defined(head: str, lines: Iterable[str], names: Mapping[str, Any], title: str) -> Any:
    """Return the function of a source."""
    name = head.partition("(")[0]
    known: dict[str, Any] = dict(names)
    exec(compile("\n".join([f"def {head}:", *indented(lines)]), f"<{title}>", "exec"), known)
    return known[name]


def loop_over_rows(writer: ColumnWriter, ends: Iterable[str]) -> list[str]:
    """Return the body of a function over `views`; a row that raises is handed to `irregular`."""
    return [
        *writer.before,
        "for view in views:",
        "    row = view.row",
        "    try:",
        *indented([*writer.lines, *ends], 2),
        "    except Exception:",
        "        irregular(view)",
    ]


def record_maker(mapping: "ColumnMapping[Any]") -> Any:
    """Return a function that makes the records of views: `make(views, of, parameters, irregular)`."""
    writer = ColumnWriter(mapping, first_look(mapping))
    pairs = {"provider_name": "of.id", "raw": "view.raw"} | {
        name: writer.attribute(name) for name in mapping.fields if name not in ("provider_name", "raw")
    }
    kind, new = writer.bind("kind", mapping.kind), writer.bind("new", object.__new__)
    ends = [
        f"made = {new}({kind})",
        f"made.__dict__ = {{{', '.join(f'{name!r}: {value}' for name, value in pairs.items())}}}",
        "view.made = made",
    ]
    return defined("make(views, of, parameters, irregular)", loop_over_rows(writer, ends), writer.names, f"records of {mapping!r}")


def value_reader(mapping: "ColumnMapping[Any]", name: str) -> Any:
    """Return a function that reads one attribute of a view: `read(view, of, parameters)`; AttributeError where the kind has none."""
    if name not in mapping.fields:
        raise AttributeError(f"{mapping.kind.__name__!r} has no attribute {name!r}")
    writer = ColumnWriter(mapping, first_look(mapping))
    found = writer.attribute(name)
    lines = [*writer.before, "row = view.row", *writer.lines, f"return {found}"]
    return defined("read(view, of, parameters)", lines, writer.names, f"{name} of {mapping!r}")


def value_filler(mapping: "ColumnMapping[Any]", names: Iterable[str]) -> Any:
    """Return a function that reads some attributes of views at once: `fill(views, of, parameters, irregular)`."""
    writer = ColumnWriter(mapping, first_look(mapping))
    pairs = [f"{name!r}: {writer.attribute(name)}" for name in names]
    ends = ["values = view.values", f"view.values = {{{', '.join(pairs)}}}", "if values: view.values.update(values)"]
    return defined("fill(views, of, parameters, irregular)", loop_over_rows(writer, ends), writer.names, f"attributes of {mapping!r}")


def first_look(mapping: "ColumnMapping[Any]") -> dict[str, str]:
    """Return the columns that a view knows from the first look at its row."""
    known = {"native_id": "view.native_id"}
    if mapping.position_name in mapping.columns and mapping.position_name is not None:
        known[mapping.position_name] = "view.time"
    return known | ({"sort_id": "view.sort_id"} if "sort_id" in mapping.columns else {})


def first_reader(mapping: "ColumnMapping[Any]", view: type[Any]) -> Any:
    """Return a function that makes the views of rows: `look(rows, raws, reader, of, parameters, made, irregular)`."""
    writer = ColumnWriter(mapping)
    skip = [f"if {writer.call(mapping.skip_if)}: continue"] if mapping.skip_if else []
    begun, writer.lines = [*writer.lines, *skip], []
    vital = {path: writer.leaf(path) for path in mapping.vital}
    shown = writer.attribute("raw") if "raw" in mapping.columns else "raw"
    missing = " or ".join(f"{value} is None" for value in vital.values())
    time, sort_id = vital.get(mapping.position_name or "", "None"), vital.get("sort_id", "''")
    made = f"made({writer.bind('View', view)}(reader, row, {shown}, {vital['native_id']}, {time}, {sort_id}))"
    lines = [
        *writer.before,
        "for row, raw in zip(rows, raws):",
        "    try:",
        *indented([*begun, *writer.lines, f"if {missing}: raise ValueError", made], 2),
        "    except Exception:",
        "        irregular(row, raw)",
    ]
    return defined("look(rows, raws, reader, of, parameters, made, irregular)", lines, writer.names, f"first look of {mapping!r}")


def time_reader(mapping: "ColumnMapping[Any]") -> Any:
    """Return a function that reads the times at which rows stand: `times(rows, of, parameters)`, None if a row has none."""
    writer = ColumnWriter(mapping)
    skip = [f"if {writer.call(mapping.skip_if)}: continue"] if mapping.skip_if else []
    begun, writer.lines = [*writer.lines, *skip], []
    time = writer.leaf(mapping.position_name or "")
    each = [*begun, *writer.lines, f"if {time} is None: return None", f"found.append({time})"]
    lines = [*writer.before, "found = []", "for row in rows:", *indented(each), "return found"]
    return defined("times(rows, of, parameters)", lines, writer.names, f"times of {mapping!r}")
