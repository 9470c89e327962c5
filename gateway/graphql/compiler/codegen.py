"""Emit: from a plan to source. It holds names of the schema only; all else, a client's words too, is bound by reference."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegraphql.gateway.graphql.compiler.leaf_types import Check
from telegraphql.gateway.graphql.compiler.plan import (
    Called,
    Choice,
    ConstantField,
    Later,
    ListSelection,
    Member,
    ObjectSelection,
    Site,
    Value,
)
from telegraphql.gateway.graphql.graphql_core_internals import Path
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema.record import Record

if TYPE_CHECKING:
    from telegraphql.gateway.graphql.compiler.row_projection import RowProjector


class Fallback(Exception):
    """A value is irregular; what holds it is completed by graphql-core."""


def at_once(waiting: Any) -> Any:
    """Return the value of a coroutine that never waits."""
    try:
        waiting.send(None)
    except StopIteration as done:
        return done.value
    waiting.close()
    raise Fallback


def known() -> dict[str, object]:
    """Return the names that all sources know."""
    return {"Fallback": Fallback, "Path": Path, "RowView": RowView, "at_once": at_once}


@dataclass(slots=True)
class Emitter:
    """Writes a function per object and list of a plan; a deep one also takes its path and what is left for later, by site."""

    names: dict[str, object] = field(default_factory=known)
    sites: list[Site] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    # The objects that a connection is made of: what is sent of their rows is known when the connection is completed.
    drawn: ObjectSelection | None = None
    # How the rows of a selection of records become what is sent of them.
    projection: "Callable[[ObjectSelection], RowProjector] | None" = None
    _bound: dict[tuple[str, int], str] = field(default_factory=dict)

    def module(self, value: Value) -> str:
        """Return the source. Its function `project` returns what is sent of a value."""
        lines = [*self.value(value, "v", "path"), "return v"]
        self.functions.append(function("project(v, path, later)", lines))
        return "\n\n".join(self.functions) + "\n"

    def bind(self, hint: str, constant: object) -> str:
        """Return the name under which the source knows a constant."""
        name = self._bound.get((hint, id(constant)))
        if name is None:
            name = self._bound[hint, id(constant)] = f"{hint}_{len(self._bound)}"
            self.names[name] = constant
        return name

    def value(self, value: Value, v: str, path: str) -> Iterator[str]:
        """Statements that make of the variable `v` what is sent, or raise."""
        if not value.nullable:
            yield from self._present(value, v, path)
            return
        lines = list(self._present(value, v, path))
        if lines:
            yield f"if {v} is not None:"
            yield from indented(lines)

    def _present(self, value: Value, v: str, path: str) -> Iterator[str]:
        if isinstance(value.of, Check):
            yield from self._leaf(value.of, v)
            return
        made = self._reader(value.of)
        yield f"{v} = {made}({v}, {path}, later)" if value.deep else f"{v} = {made}({v})"

    def _reader(self, of: ListSelection | ObjectSelection | Choice) -> str:
        if isinstance(of, ListSelection):
            return self._items(of)
        return self._shape(of) if isinstance(of, ObjectSelection) else self._choice(of)

    def _leaf(self, check: Check, v: str) -> Iterator[str]:
        self.names.update(check.constants)
        if check.misfit:
            yield from _unless(check.misfit.format(v=v))
        if check.write:
            yield f"{v} = {check.write.format(v=v)}"
        if check.unwritten:
            yield from _unless(check.unwritten.format(v=v))

    def _items(self, items: ListSelection) -> str:
        if (
            self.projection is not None
            and isinstance(items.item.of, ObjectSelection)
            and items.item.of is self.drawn
            and not (items.item.nullable or items.deep)
        ):
            made = self._reader(items.item.of)
            known = f"type(v) is RowView and v.projection is {self.bind('projection', self.projection(items.item.of))}"
            one = f"v.sent if {known} else {made}(v)"
            return self._defined("list", "found", False, [*_unless("type(found) is not list"), f"return [{one} for v in found]"])
        body = list(self.value(items.item, "v", "Path(path, i, None)"))
        lines = [
            *_unless("type(found) is not list"),
            "out = []",
            "for i, v in enumerate(found):" if items.deep else "for v in found:",
            *indented([*body, "out.append(v)"]),
            "return out",
        ]
        return self._defined("list", "found", items.deep, lines)

    def _shape(self, shape: ObjectSelection) -> str:
        lines = [*_unless(f"type(x) is not {self.bind(f'kind_{shape.name}', shape.kind)}")]
        pairs, left, asked = [], list[str](), list[str]()
        for number, member in enumerate(shape.members):
            key, v = self.key(member), f"v{number}"
            read = list[str]()
            pairs.append(f"{key}: {self._read(member, v, f'Path(path, {key}, {shape.name!r})', read)}")
            lines += read
            if isinstance(member.source, Later):
                left.append(f"later[{self._slot(member.source.site)}].append((out, x, path))")
            elif isinstance(member.source, Called) and member.source.site:
                asked += [*read, f"out[{key}] = {v}"]
        lines += [f"out = {{{', '.join(pairs)}}}", *left, "return out"]
        if self.projection is not None and issubclass(shape.kind, Record):
            project = self.bind(f"project_{shape.name}", self.projection(shape).one)
            view = [f"out = {project}(x)", *asked, *left, "return out"]
            lines = ["if type(x) is RowView:", *indented(view), *lines]
        return self._defined(shape.name, "x", shape.deep, lines)

    def key(self, member: Member) -> str:
        """Under which name a field is sent."""
        return repr(member.name) if member.alias is None else self.bind("alias", member.alias)

    def _choice(self, choice: Choice) -> str:
        lines = []
        for shape in choice.shapes:
            made = self._shape(shape)
            lines.append(f"if type(x) is {self.bind(f'kind_{shape.name}', shape.kind)}:")
            lines.append(f"    return {made}(x, path, later)" if shape.deep else f"    return {made}(x)")
        return self._defined(choice.name, "x", choice.deep, [*lines, "raise Fallback"])

    def _read(self, member: Member, v: str, path: str, lines: list[str]) -> str:
        """Write the statements that read a field; what its value is called then."""
        source = member.source
        if isinstance(source, ConstantField):
            return repr(source.text)
        if isinstance(source, Later):
            return "None"
        lines.append(f"{v} = {self.call(source) if isinstance(source, Called) else f'x.{source.name}'}")
        lines += self.value(source.value, v, path)
        return v

    def call(self, source: Called) -> str:
        """Return the expression that calls a resolver of `x`."""
        resolver = self.bind(f"resolve_{source.name}", source.resolver)
        call = f"{resolver}(x, {source.info}=later[{self._slot(source.site)}])" if source.site else f"{resolver}(x)"
        return f"at_once({call})" if source.waits else call

    def _slot(self, site: Site) -> int:
        self.sites.append(site)
        return len(self.sites) - 1

    def _defined(self, hint: str, argument: str, deep: bool, lines: Iterable[str]) -> str:
        name = f"read_{hint}_{len(self.functions)}"
        self.functions.append(function(f"{name}({argument}, path, later)" if deep else f"{name}({argument})", lines))
        return name


def function(head: str, lines: Iterable[str]) -> str:
    """Return the source of a function."""
    return "\n".join([f"def {head}:", *indented(lines)])


def indented(lines: Iterable[str]) -> Iterator[str]:
    """Lines one step further in."""
    return (f"    {line}" for line in lines)


def _unless(misfit: str) -> Iterator[str]:
    yield f"if {misfit}:"
    yield "    raise Fallback"
