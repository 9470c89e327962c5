"""Row projection: from an upstream's rows to what is sent of them, in one loop that calls a column's function for each selected field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLString

from telegraphql.gateway.graphql.compiler.codegen import Emitter, Fallback
from telegraphql.gateway.graphql.compiler.leaf_types import BUILT_IN
from telegraphql.gateway.graphql.compiler.plan import Attribute, Called, ConstantField, Later, Member, NotPlain, ObjectSelection, Value
from telegraphql.gateway.plugin.column_code import ColumnWriter, first_look, indented, loop_over_rows
from telegraphql.gateway.plugin.columns import Column, Object
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.row_view import RowView, by_reader
from telegraphql.schema.node import ID_NAMES, ID_TEXT

# Resolvers that are written as expressions.
ID = "Record.id"
OCCURRED_AT = "TimedRecord.occurred_at"


@dataclass(slots=True, eq=False)
class RowProjector:
    """The projection of one selection: for each mapping a loop over rows, compiled when its first row comes."""

    shape: ObjectSelection
    _loops: dict[tuple[Mapping[Any], bool], Any] = field(default_factory=dict)

    def project(self, reader: RowReader, views: Sequence[RowView]) -> None:
        """Set what is `sent` of views that can be read; all columns are read, so that problems do not depend on the selection."""
        loop = self._loops.get((reader.mapping, True)) or self._loop(reader.mapping, checked=True)
        if loop is not None:
            loop(views, reader.of, reader.parameters, _leave, self)

    def project_below(self, values: Iterable[Any]) -> None:
        """Do the same for the views among values and lists of values, of which only what is selected is read."""
        found: list[Any] = []
        for each in values:
            found += each if type(each) is list else (each,)
        rows = [each for each in found if type(each) is RowView and each.projection is not self and not each.odd]
        for reader, views in by_reader(rows):
            loop = self._loop(reader.mapping, checked=False)
            if loop is not None:
                loop(views, reader.of, reader.parameters, _leave, self)

    def one(self, view: RowView) -> dict[str, Any]:
        """Return what is sent of one view; Fallback where it has to be completed as a record."""
        if view.projection is not self:
            self.project_below((view,))
            if view.projection is not self:
                raise Fallback
        found: dict[str, Any] = view.sent
        return found

    def _loop(self, mapping: Mapping[Any], checked: bool) -> Any:
        key = (mapping, checked)
        if key not in self._loops:
            self._loops[key] = self._compiled(mapping, checked)
        return self._loops[key]

    def _compiled(self, mapping: Mapping[Any], checked: bool) -> Any:
        if mapping.kind is not self.shape.kind:
            return None
        emitter = RowEmitter(mapping)
        try:
            source = emitter.loop(self.shape, checked)
        except NotPlain:
            return None
        names: dict[str, Any] = emitter.names | emitter.writer.names
        exec(compile(source, f"<rows of {mapping!r}>", "exec"), names)
        return names["project"]


def _leave(view: RowView) -> None:
    """Leave what is irregular to whoever looks at the record."""


class RowEmitter(Emitter):
    """Writes `project(views, of, parameters, irregular, projection)`; NotPlain where a field needs more than the row."""

    def __init__(self, mapping: Mapping[Any]) -> None:
        super().__init__()
        self.writer = ColumnWriter(mapping, first_look(mapping))

    def loop(self, shape: ObjectSelection, checked: bool) -> str:
        """Return the source."""
        pairs = [f"{self.key(member)}: {self._member(member, f'v{number}', shape)}" for number, member in enumerate(shape.members)]
        writer, mapping = self.writer, self.writer.mapping
        for leaf in mapping.ordered if checked else ():
            if not leaf.is_total and leaf.path not in mapping.vital:
                writer.leaf(leaf.path)
        lines = loop_over_rows(writer, [f"view.sent = {{{', '.join(pairs)}}}", "view.projection = projection"])
        self.functions.append("\n".join(["def project(views, of, parameters, irregular, projection):", *indented(lines)]))
        return "\n\n".join(self.functions) + "\n"

    def _member(self, member: Member, v: str, shape: ObjectSelection) -> str:
        """Write the statements that make a field; return the expression of its value."""
        source = member.source
        if isinstance(source, ConstantField):
            return repr(source.text)
        # What needs more than the row is filled in where the answer is put together.
        if isinstance(source, Later) or (isinstance(source, Called) and source.site):
            return "None"
        if isinstance(source, Called):
            self.writer.lines += [f"{v} = {self._called(source, shape)}", *self.value(source.value, v, "None")]
            return v
        if source.value.deep:
            raise NotPlain
        column = self.writer.mapping.columns.get(source.name)
        if isinstance(column, Object) and _is_spread(source.value.of, column):
            self._spread(source, column, v)
            return v
        found = self.writer.attribute(source.name)
        if found == "None" and source.value.nullable:
            return found
        if isinstance(column, Column) and _is_checked(column, source.value):
            return found
        self.writer.lines += [f"{v} = {found}", *self.value(source.value, v, "None")]
        return v

    def _called(self, source: Called, shape: ObjectSelection) -> str:
        if source.resolver.__qualname__ == OCCURRED_AT:
            return "view.time"
        if source.resolver.__qualname__ != ID:
            return self.call(source).replace("(x)", "(view)")
        self.names.update(ID_NAMES)
        begun = self.writer.once(f"{shape.kind.__name__ + ':'!r} + of.id + ':'")
        return ID_TEXT.format(text=f"{begun} + view.native_id")

    def _spread(self, source: Attribute, column: Object, v: str) -> None:
        """Write an object that need not be made, since only its attributes are read: they are read where they are."""
        shape, writer = source.value.of, self.writer
        assert isinstance(shape, ObjectSelection)
        parts = {part: writer.leaf(f"{source.name}.{part}") for part in {*_read(shape), column.unless_null} if part in column.parts}
        lines, pairs = list[str](), list[str]()
        for number, member in enumerate(shape.members):
            text = repr(shape.name)
            if isinstance(member.source, Attribute):
                text = f"{v}x{number}"
                part, value = member.source.name, member.source.value
                found = parts.get(part) or self._default(source.name, part)
                if found == "None" or (part in column.parts and _is_checked(column.parts[part], value)):
                    text = found
                else:
                    lines += [f"{text} = {found}", *self.value(value, text, "None")]
            pairs.append(f"{self.key(member)}: {text}")
        lines.append(f"{v} = {{{', '.join(pairs)}}}")
        if column.unless_null is None:
            writer.lines += lines
            return
        missing = f"{v} = None" if source.value.nullable else "raise Fallback"
        writer.lines += [f"if {parts[column.unless_null]} is None:", f"    {missing}", "else:", *indented(lines)]

    def _default(self, name: str, part: str) -> str:
        found = self.writer.mapping.default(f"{name}.{part}")
        return "None" if found is None else self.writer.bind("default", found)


def _is_checked(column: Column, value: Value) -> bool:
    """Return True if what a column returns fits into a field for sure."""
    return column.is_text and value.nullable and value.of is BUILT_IN[GraphQLString]


def _read(shape: ObjectSelection) -> Iterable[str]:
    return [member.source.name for member in shape.members if isinstance(member.source, Attribute)]


def _is_spread(shape: Any, column: Object) -> bool:
    """Return True if an object's members are all read where its parts are."""
    if not isinstance(shape, ObjectSelection) or shape.kind is not column.kind or shape.deep:
        return False
    return all(isinstance(member.source, Attribute | ConstantField) for member in shape.members)
