"""Fusing: from an upstream's row to what is sent of it in one step, where the mapping is flat and nothing is irregular.

A record in between would be made to be read once. Whatever does not go this way - a row that cannot be mapped, a value that does not
fit - is mapped again as a record, so that problems and errors are told where they always are."""

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Set
from copy import deepcopy
from dataclasses import MISSING, dataclass, fields, replace

from telegraphql.gateway.graphql.compiler.codegen import Emitter, function, indented
from telegraphql.gateway.graphql.compiler.flat import Flat, Unfit, made_by, names_in, taken_apart
from telegraphql.gateway.graphql.compiler.plan import Attribute, Called, Constant, Later, Member, ObjectSelection
from telegraphql.gateway.plugin.mapping import Make
from telegraphql.schema.record import global_id

ID = "Record.id"


@dataclass(frozen=True, slots=True)
class NameScope:
    """What the names of a function are called where it is written out."""

    flat: Flat
    names: Mapping[str, str]

    def text(self, node: ast.AST) -> str:
        """The source of a part of it."""
        return ast.unparse(_Renamed(self.names).visit(deepcopy(node)))


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)


@dataclass(slots=True)
class Fusing(Emitter):
    """Writes `fused(row, of)`, which makes what is sent of a row, and with it the record itself where a field needs more than that."""

    scopes: int = 0

    def fused(self, shape: ObjectSelection, make: Make, wanted: Set[str]) -> str:
        """The source; Unfit where the mapping has to make its record. What is `wanted` without being sent may be broken as well."""
        flat = taken_apart(make)
        if flat.parameters != ("row", "of") or flat.own & {"row", "of"} or flat.kind is not shape.kind:
            raise Unfit
        scope = self._scope(flat, {"row": "row", "of": "of"})
        lines, pairs = list[str](), list[str]()
        for number, member in enumerate(shape.members):
            pairs.append(f"{self.key(member)}: {self._member(member, shape, scope, f'v{number}', lines)}")
        read = _read(shape)
        looked_at = [part for name, part in flat.parts.items() if name in wanted or name in read]
        begun = [line for each in flat.needed(looked_at) for line in scope.text(each).splitlines()]
        begun += self._tried(scope, (part for name, part in flat.parts.items() if name in wanted and name not in read))
        parent = "x" if any(_needs_parent(member) for member in shape.members) else "None"
        if parent == "x":
            # Whoever looks further at it finds what is wanted, and only then the whole.
            begun += ["x = bare(row, of)", "x.rest = lean, row, of"]
        tried = [*begun, *lines, f"return {{{', '.join(pairs)}}}, {parent}, lean, of"]
        self.functions.append(function("fused(row, of)", ["try:", *indented(tried), "except Exception:", "    return lean(row, of)"]))
        return "\n\n".join(self.functions) + "\n"

    def _member(self, member: Member, shape: ObjectSelection, scope: NameScope, v: str, lines: list[str]) -> str:
        """Write the statements that make a field; what its value is called then."""
        source = member.source
        if isinstance(source, Constant):
            return repr(source.text)
        # What needs more than the row is filled in where the answer is put together.
        if isinstance(source, Later) or (isinstance(source, Called) and source.site):
            return "None"
        if isinstance(source, Attribute):
            lines += self._attribute(source, scope, scope.flat.parts, v)
        else:
            lines += [f"{v} = {self._called(source, shape, scope)}", *self.value(source.value, v, "None")]
        return v

    def _called(self, source: Called, shape: ObjectSelection, scope: NameScope) -> str:
        if source.resolver.__qualname__ != ID:
            return self.call(source)
        provider, native = (scope.text(scope.flat.parts[name]) for name in ("provider_name", "native_id"))
        return f"{self.bind('global_id', global_id)}({shape.kind.__name__!r}, {provider}, {native})"

    def _attribute(self, source: Attribute, scope: NameScope, parts: Mapping[str, ast.expr], v: str) -> Iterator[str]:
        value, part = source.value, parts.get(source.name)
        if value.deep:
            raise Unfit
        if part is None:
            yield f"{v} = {self._default(scope, source.name)}"
        elif isinstance(value.of, ObjectSelection) and isinstance(part, ast.Call) and _is_spread(part, value.of, scope):
            yield from self._spread(part, value.of, scope, v)
            return
        else:
            yield f"{v} = {scope.text(part)}"
        yield from self.value(value, v, "None")

    def _spread(self, call: ast.Call, shape: ObjectSelection, scope: NameScope, v: str) -> Iterator[str]:
        """An object that is made where it is read needs not be made: its parts are read where they are."""
        assert isinstance(call.func, ast.Name)
        made = scope.flat.names[call.func.id]
        if isinstance(made, type):
            inner, parts = NameScope(replace(scope.flat, kind=made), scope.names), made_by(call, scope.flat.names, scope.flat.own)[1]
        else:
            flat = taken_apart(made)
            inner, parts = self._scope(flat, {}), flat.parts
            # What of a party is not asked for is not looked at, as what of a record is not.
            wanted = [parts[name] for name in _read(shape) if name in parts]
            begun = flat.needed(wanted)
            used = names_in([*begun, *wanted])
            given = zip(flat.parameters, call.args, strict=True)
            yield from (f"{inner.names[name]} = {scope.text(arg)}" for name, arg in given if name in used)
            yield from (line for each in begun for line in inner.text(each).splitlines())
        pairs = []
        for number, member in enumerate(shape.members):
            below = f"{v}x{number}"
            if isinstance(member.source, Attribute):
                yield from self._attribute(member.source, inner, parts, below)
            pairs.append(f"{self.key(member)}: {below if isinstance(member.source, Attribute) else repr(shape.name)}")
        yield f"{v} = {{{', '.join(pairs)}}}"

    def _tried(self, scope: NameScope, parts: Iterable[ast.expr]) -> list[str]:
        """Statements that make what is not sent, since it may be broken; what cannot be is left out."""
        return [scope.text(part) for part in parts if not isinstance(part, ast.Name | ast.Constant)]

    def _default(self, scope: NameScope, name: str) -> str:
        (found,) = (each for each in fields(scope.flat.kind) if each.name == name)
        if found.default_factory is not MISSING:
            return f"{self.bind('default', found.default_factory)}()"
        if found.default is MISSING:
            raise Unfit
        return self.bind("default", found.default)

    def _scope(self, flat: Flat, own: dict[str, str]) -> NameScope:
        """Names for all that a function knows: its own get a mark, all else is bound by reference."""
        self.scopes += 1
        nodes = [node for each in (*flat.before, *flat.parts.values()) for node in ast.walk(each)]
        if any(_names_itself(node) for node in nodes):
            raise Unfit
        found = [node for node in nodes if isinstance(node, ast.Name)]
        local = {*flat.parameters, *(node.id for node in found if not isinstance(node.ctx, ast.Load))}
        # No name of a schema, of ours or of Python's begins like these.
        names = {name: own.get(name, f"_{self.scopes}_{name}") for name in local}
        for name in {node.id for node in found} - local:
            if name in flat.names:
                names[name] = self.bind(f"__{name}", flat.names[name])
            elif not hasattr(builtins, name):
                raise Unfit
        return NameScope(flat, names)


def _names_itself(node: ast.AST) -> bool:
    """Whether a name is set that is no `Name`: of an argument, a function, a class, an import, an error, a part of a pattern."""
    return isinstance(getattr(node, "name", None), str) or isinstance(node, ast.Lambda | ast.MatchMapping)


def _needs_parent(member: Member) -> bool:
    source = member.source
    return isinstance(source, Later) or (isinstance(source, Called) and source.resolver.__qualname__ != ID)


def _read(shape: ObjectSelection) -> list[str]:
    return [member.source.name for member in shape.members if isinstance(member.source, Attribute)]


def _is_spread(call: ast.Call, shape: ObjectSelection, scope: NameScope) -> bool:
    """Whether a call makes nothing but an object of a shape, of which only attributes are read."""
    if not all(isinstance(member.source, Attribute | Constant) for member in shape.members) or not isinstance(call.func, ast.Name):
        return False
    if call.func.id in scope.flat.own.union(scope.flat.parameters):
        return False
    made = scope.flat.names.get(call.func.id)
    try:
        if isinstance(made, type):
            return made_by(call, scope.flat.names, scope.flat.own)[0] is shape.kind
        flat = taken_apart(made) if made is not None else None
    except Unfit:
        return False
    plain = not call.keywords and not any(isinstance(each, ast.Starred) for each in call.args)
    return flat is not None and flat.kind is shape.kind and plain and len(call.args) == len(flat.parameters)
