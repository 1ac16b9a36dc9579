"""Expressions: every node of the tree, evaluated where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml import values
from abml.syntax import ast
from abml.values import ValueFault

from .faults import ReferenceFault
from .generator import Generator
from .resources import Path, Shelf, Snapshot


class ChainStop(Exception):
    """A guarded step met null; the nearest enclosing chain is null."""


class LambdaValue:
    """A lambda with the names it was written among."""

    def __init__(self, node: ast.Lambda, names: Names) -> None:
        self.node = node
        self.names = names

    @property
    def arity(self) -> int:
        return len(self.node.params)


class Names:
    """What an expression can see: names, functions, draws and the clock.

    Attributes:
        machine: shared facts of the run.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def lookup(self, name: str) -> Any:
        """The value of a name; null when nothing defines it."""
        raise NotImplementedError

    def holds(self, name: str) -> bool:
        """A variable of that name is visible (so it shadows an import alias)."""
        raise NotImplementedError

    def import_named(self, alias: str) -> Any:
        """The imported document of an alias, or None."""
        return None

    def read_import(self, imported: Any, name: str) -> Any:
        """A context variable of an imported document."""
        return imported.read(name)

    def document_function(self, name: str) -> Callable[[list[Any]], Any] | None:
        """A function of the document, compared without case."""
        return None


class LocalNames(Names):
    """Names of a lambda or template in front of others."""

    def __init__(self, outer: Names, local: dict[str, Any]) -> None:
        super().__init__(outer.machine)
        self.outer = outer
        self.local = local

    def lookup(self, name: str) -> Any:
        return self.local[name] if name in self.local else self.outer.lookup(name)

    def holds(self, name: str) -> bool:
        return name in self.local or self.outer.holds(name)

    def import_named(self, alias: str) -> Any:
        return self.outer.import_named(alias)

    def read_import(self, imported: Any, name: str) -> Any:
        return self.outer.read_import(imported, name)

    def document_function(self, name: str) -> Callable[[list[Any]], Any] | None:
        return self.outer.document_function(name)


class PlainNames(Names):
    """A fixed set of values, as for a single expression."""

    def __init__(self, machine: Machine, scope: dict[str, Any]) -> None:
        super().__init__(machine)
        self.scope = scope

    def lookup(self, name: str) -> Any:
        if name in self.scope:
            return self.scope[name]
        return self.machine.now_ms if name == "now" else None

    def holds(self, name: str) -> bool:
        return name in self.scope


class Machine:
    """What a whole run shares: host functions, generator, clock, warnings."""

    def __init__(self, functions: dict[str, Callable[..., Any]] | None, seed: int, now_ms: int) -> None:
        self.functions = {name.lower(): function for name, function in (functions or {}).items()}
        self.random = Generator(seed)
        self.now_ms = now_ms
        self.warnings: list[tuple[str, str]] = []
        self.on_warning: Callable[[str, str], None] | None = None
        self.max_loop_iterations = 10_000
        self.max_call_depth = 128
        self.depth = 1
        self.shelf: Shelf | None = None

    def warn(self, kind: str, message: str) -> None:
        self.warnings.append((kind, message))
        if self.on_warning is not None:
            self.on_warning(kind, message)


def evaluate(node: ast.Expr, names: Names) -> Any:
    """The value of an expression.

    Raises:
        ReferenceFault: with the kind of the language.
    """
    try:
        return _EVALUATORS[type(node)](node, names)
    except ValueFault as fault:
        raise ReferenceFault(fault.kind, fault.message) from None


def _literal(node: ast.Literal, names: Names) -> Any:
    return node.value


def _name(node: ast.Name, names: Names) -> Any:
    return _finished(_reach(node, names))


def _finished(value: Any) -> Any:
    """What the steps of a snapshot lead to; any other value as it is."""
    return value.snapshot.read(value.steps) if isinstance(value, Path) else value


def _reach(node: ast.Expr, names: Names) -> Any:
    """A value, or a path of a snapshot that further steps may follow."""
    if isinstance(node, ast.Name):
        value = names.lookup(node.name)
        return Path(value) if isinstance(value, Snapshot) else value
    if isinstance(node, ast.Member):
        return _step(node, names)
    if isinstance(node, ast.Index):
        target = _guarded(_reach(node.target, names), node.guarded)
        index = evaluate(node.index, names)
        return target.below(to_text(index)) if isinstance(target, Path) else values.index(target, index)
    return evaluate(node, names)


def _alias_target(target: ast.Expr, names: Names) -> Any:
    """The imported document that `a` or `a.b` stands for, or None."""
    if isinstance(target, ast.Name):
        return None if names.holds(target.name) else names.import_named(target.name)
    if isinstance(target, ast.Member):
        outer = _alias_target(target.target, names)
        return None if outer is None else outer.imports.get(target.name)
    return None


def _guarded(target: Any, guarded: bool) -> Any:
    if target is None and guarded:
        raise ChainStop
    return target


def _member(node: ast.Member, names: Names) -> Any:
    return _finished(_reach(node, names))


def _step(node: ast.Member, names: Names) -> Any:
    document = _alias_target(node.target, names)
    if document is not None:
        return names.read_import(document, node.name)
    target = _guarded(_reach(node.target, names), node.guarded)
    shelf = names.machine.shelf
    if shelf is not None and isinstance(node.target, ast.Name) and not isinstance(target, Path):
        found, failed = shelf.in_place_of(target, node.name)
        if failed:
            names.machine.warn("resource_error", "it was not loaded")
        target = target if found is None else Path(found)
    return target.below(node.name) if isinstance(target, Path) else values.member(target, node.name)


def _index(node: ast.Index, names: Names) -> Any:
    return _finished(_reach(node, names))


def _chain(node: ast.Chain, names: Names) -> Any:
    try:
        return evaluate(node.body, names)
    except ChainStop:
        return None


def _unary(node: ast.Unary, names: Names) -> Any:
    value = evaluate(node.operand, names)
    return values.negate(value) if node.op == "-" else not values.truthy(value)


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": values.add,
    "-": values.subtract,
    "*": values.multiply,
    "/": values.divide,
    "%": values.remainder,
    "==": values.equal,
    "!=": lambda a, b: not values.equal(a, b),
    "<": values.less,
    "<=": values.less_equal,
    ">": lambda a, b: values.less(b, a),
    ">=": lambda a, b: values.less_equal(b, a),
    "in": values.contains,
    "contains": lambda a, b: values.contains(b, a),
}


def _binary(node: ast.Binary, names: Names) -> Any:
    left = evaluate(node.left, names)
    right = evaluate(node.right, names)
    return _BINARY[node.op](left, right)


def _logical(node: ast.Logical, names: Names) -> Any:
    left = evaluate(node.left, names)
    if node.op == "??":
        return evaluate(node.right, names) if left is None else left
    if values.truthy(left) == (node.op == "||"):
        return node.op == "||"
    return values.truthy(evaluate(node.right, names))


def _conditional(node: ast.Conditional, names: Names) -> Any:
    chosen = node.then if values.truthy(evaluate(node.condition, names)) else node.otherwise
    return evaluate(chosen, names)


def _list(node: ast.ListExpr, names: Names) -> Any:
    return [evaluate(item, names) for item in node.items]


def _map(node: ast.MapExpr, names: Names) -> Any:
    result: dict[str, Any] = {}
    for key_node, value_node in node.entries:
        key = evaluate(key_node, names)
        if not isinstance(key, str):
            key = to_text(key)
        result[key] = evaluate(value_node, names)
    return result


def _interpolation(node: ast.Interpolation, names: Names) -> Any:
    if node.template is not None:
        from .templates import render

        return render(node.template, names)
    return interpolate(node, names, keep_failing=False)


def interpolate(node: ast.Interpolation, names: Names, *, keep_failing: bool) -> str:
    """Text with its parts spliced in; `keep_failing` leaves a part that raises as written."""
    pieces: list[str] = []
    for position, part in enumerate(node.parts):
        if isinstance(part, str):
            pieces.append(part)
            continue
        try:
            pieces.append(to_text(evaluate(part, names)))
        except ReferenceFault as fault:
            if not keep_failing or not fault.catchable:
                raise
            pieces.append(node.sources[position] or "")
    text = "".join(pieces)
    if len(text) > values.MAX_TEXT:
        raise ReferenceFault("limit_exceeded", "text too long")
    return text


def to_text(value: Any, null: str = "null") -> str:
    """Text of a value with the fault type of this evaluator."""
    try:
        return values.to_text(value, null)
    except ValueFault as fault:
        raise ReferenceFault(fault.kind, fault.message) from None


def _call(node: ast.Call, names: Names) -> Any:
    from .functions import argument

    return call_named(node.name, [argument(arg, names) for arg in node.args], names)


def _method(node: ast.MethodCall, names: Names) -> Any:
    from .functions import argument

    document = _alias_target(node.target, names)
    if document is not None:
        function = document.function(node.name)
        if function is None:
            raise ReferenceFault("unknown_function", node.name)
        return function([argument(arg, names) for arg in node.args])
    target = _guarded(evaluate(node.target, names), node.guarded)
    return call_named(node.name, [target, *(argument(arg, names) for arg in node.args)], names)


def call_named(name: str, args: list[Any], names: Names) -> Any:
    """Call by name: the document's function, else the host's, else the built-in."""
    from .functions import call_builtin

    own = names.document_function(name)
    if own is not None:
        return own(args)
    host = names.machine.functions.get(name.lower())
    if host is not None:
        try:
            return values.copy_value(host(*(values.copy_value(arg) for arg in args)))
        except Exception as error:
            raise ReferenceFault("action_failed", f"{name}: {error}") from None
    return call_builtin(name, args, names)


def apply(function: LambdaValue, args: list[Any]) -> Any:
    """Call a lambda with as many of the arguments as it has parameters."""
    local = dict(zip(function.node.params, args, strict=False))
    return evaluate(function.node.body, LocalNames(function.names, local))


_EVALUATORS: dict[type[ast.Expr], Callable[[Any, Names], Any]] = {
    ast.Literal: _literal,
    ast.Name: _name,
    ast.Member: _member,
    ast.Index: _index,
    ast.Chain: _chain,
    ast.Call: _call,
    ast.MethodCall: _method,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Logical: _logical,
    ast.Conditional: _conditional,
    ast.ListExpr: _list,
    ast.MapExpr: _map,
    ast.Interpolation: _interpolation,
}
