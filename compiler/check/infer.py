"""Inference: the static type of every expression, and operators that cannot work (ABML301, 306)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml import values
from abml.builtins import find_builtin
from abml.syntax import ast
from abml.syntax.visitor import expression_nodes
from abml.values import ValueFault

from .facts import Use
from .inspection import Inspection
from .reads import template_names
from .types import (
    ALL,
    ANY,
    BOOL,
    DURATION,
    FLOAT,
    INT,
    LIST,
    MAP,
    NULL,
    NUMBER,
    RESULTS,
    STRING,
    TAKES_LIST,
    TAKES_NUMBERS,
    Type,
    constant,
    declared_type,
    fits,
    kinds_text,
    of_kinds,
    template_type,
)

_FOLD: dict[str, Callable[[Any, Any], Any]] = {
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
_ORDER = frozenset(("<", "<=", ">", ">="))
_ARITHMETIC = frozenset(("+", "-", "*", "/", "%"))
_NUMERIC = NUMBER | BOOL | NULL
# Longer constants are not worth folding for a warning.
_MAX_CONSTANT = 10_000


class Inference:
    """Static types of the expressions of a program; `report=False` stays silent."""

    def __init__(self, ins: Inspection) -> None:
        self.ins = ins
        self.types: dict[int, Type] = {}
        self.private = {b.name for b in ins.facts.binds if b.how in ("local", "loop", "param", "arg", "snapshot")}

    def of(self, node: ast.Expr) -> Type:
        """The type of a node of a visited expression."""
        return self.types.get(id(node), ANY)

    def visit(self, use: Use) -> Type:
        """Infer the types of a whole expression, leaves first, and report what cannot work."""
        expr = use.expr
        if type(expr) is ast.Literal:
            found = self.types[id(expr)] = constant(expr.value)
            return found
        nodes = list(expression_nodes(expr))
        bound = set(use.locals)
        for node in nodes:
            if isinstance(node, ast.Lambda):
                bound.update(node.params)
            elif isinstance(node, ast.Interpolation) and node.template is not None:
                bound |= template_names(node.template.nodes)
        for node in reversed(nodes):
            self.types[id(node)] = self.infer(node, use, bound)
        return self.of(expr)

    # ------------------------------------------------------------- one node

    def infer(self, node: ast.Expr, use: Use, bound: set[str]) -> Type:
        registered = self.ins.path_types.get(id(node)) if self.ins.path_types else None
        if registered is not None:
            return template_type(registered)
        kind = type(node)
        if kind is ast.Literal:
            return constant(node.value)  # type: ignore[attr-defined]
        if kind is ast.Name:
            name: str = node.name  # type: ignore[attr-defined]
            return ANY if name in bound else self.name(name, use)
        rule = _RULES.get(kind)
        return self.collection(node) if rule is None else rule(self, node, use)

    def index(self, node: ast.Index) -> Type:
        self.check_null_access(node, self.of(node.target), node.guarded)
        return ANY

    def chain(self, node: ast.Chain) -> Type:
        inner = self.of(node.body)
        return Type(inner.kinds | NULL, inner.sure)

    def name(self, name: str, use: Use) -> Type:
        """A root name: the declared type of a variable or parameter, if nothing can hide it."""
        ins = self.ins
        if use.body is not None and isinstance(use.body.node, ast.Flow):
            for param in use.body.node.params:
                if param.name == name:
                    return declared_type(param.type, ins.docset.documents[use.doc].types)
        if use.place == "flow" and name in self.private:
            return ANY
        variable = ins.model.documents[use.doc].variables.get(name)
        if variable is not None:
            return declared_type(variable.type, ins.docset.documents[use.doc].types)
        if name == "now" and name not in ins.model.bound:
            return Type(INT)
        return ANY

    def collection(self, node: ast.Expr) -> Type:
        if isinstance(node, ast.ListExpr):
            parts = [self.of(item) for item in node.items]
            if all(part.is_constant for part in parts):
                return Type(LIST, value=[part.value for part in parts])
            return Type(LIST)
        if isinstance(node, ast.MapExpr):
            pairs = [(self.of(key), self.of(value)) for key, value in node.entries]
            if all(k.is_constant and v.is_constant and isinstance(k.value, str) for k, v in pairs):
                return Type(MAP, value={k.value: v.value for k, v in pairs})
            return Type(MAP)
        return ANY

    def unary(self, node: ast.Unary) -> Type:
        inner = self.of(node.operand)
        if node.op == "!":
            if inner.is_constant:
                return constant(not values.truthy(inner.value))
            return Type(BOOL)
        if inner.is_constant:
            return self.fold(node, lambda: values.negate(inner.value))
        if inner.within(LIST | MAP):
            self.ins.report(301, node.operand.span, expected="a number", found=kinds_text(inner.kinds))
            return ANY
        if inner.within(NUMBER | DURATION):
            return of_kinds(inner.kinds | (INT if "null" in inner.kinds else frozenset()), inner)
        return ANY

    def logical(self, node: ast.Logical) -> Type:
        left, right = self.of(node.left), self.of(node.right)
        if node.op == "??":
            if left.is_constant:
                return right if left.value is None else left
            if not left.is_known or not right.is_known:
                return ANY
            return of_kinds((left.kinds - NULL) | right.kinds, left, right)
        if left.is_constant:
            truth = values.truthy(left.value)
            if truth == (node.op == "||"):
                return constant(truth)
            if right.is_constant:
                return constant(values.truthy(right.value))
        return Type(BOOL)

    def conditional(self, node: ast.Conditional) -> Type:
        test, then, otherwise = self.of(node.condition), self.of(node.then), self.of(node.otherwise)
        if test.is_constant:
            return then if values.truthy(test.value) else otherwise
        if then.is_known and otherwise.is_known:
            return of_kinds(then.kinds | otherwise.kinds, then, otherwise)
        return ANY

    def member(self, node: ast.Member) -> Type:
        target = self.of(node.target)
        self.check_null_access(node, target, node.guarded)
        if node.name in ("length", "size", "count") and target.within(LIST | STRING):
            return of_kinds(INT, target)
        if node.name == "is_empty" and target.within(LIST | STRING):
            return of_kinds(BOOL, target)
        return ANY

    def check_null_access(self, node: ast.Expr, target: Type, guarded: bool) -> None:
        if target.is_constant and target.value is None and not guarded:
            self.ins.report(301, node.span, text="null has no members; this raises 'null_access'")

    # ------------------------------------------------------------ operators

    def binary(self, node: ast.Binary) -> Type:
        left, right, op = self.of(node.left), self.of(node.right), node.op
        if op in ("==", "in", "contains"):
            self.check_never(node, left, right)
        if left.is_constant and right.is_constant:
            return self.fold(node, lambda: _FOLD[op](left.value, right.value), self.text_operand(node, left, right))
        if op in _ARITHMETIC:
            return self.arithmetic(node, left, right)
        if op in _ORDER and left.is_known and right.is_known and not _may_compare(left, right):
            expected = kinds_text(left.kinds)
            self.ins.report(301, node.right.span, expected=expected, found=kinds_text(right.kinds))
        return Type(BOOL)

    def text_operand(self, node: ast.Binary, left: Type, right: Type) -> bool:
        """Warn of arithmetic between a text and a number (language 3.3); True when that was done."""
        if node.op not in ("-", "*", "/", "%"):
            return False
        for side, one, other in ((node.left, left, right), (node.right, right, left)):
            if one.within(STRING) and other.within(NUMBER):
                self.ins.report(301, side.span, expected="a number", found="a string")
                return True
        return False

    def fold(self, node: ast.Expr, compute: Callable[[], Any], reported: bool = False) -> Type:
        """The constant an operation gives; one that would raise is reported and left to run time."""
        try:
            result = compute()
        except ValueFault as fault:
            if not reported:
                self.ins.report(301, node.span, text=f"this raises '{fault.kind}': {fault.message}")
            return ANY
        if isinstance(result, (str, list)) and len(result) > _MAX_CONSTANT:
            return Type(constant(result).kinds)
        return constant(result)

    def arithmetic(self, node: ast.Binary, left: Type, right: Type) -> Type:
        op = node.op
        if op in ("/", "%") and right.is_constant and right.value in (0, 0.0) and right.kinds & NUMBER:
            if not left.within(DURATION):
                self.ins.report(301, node.span, text="this divides by zero, which raises 'division_by_zero'")
            return ANY
        if op == "+" and (left.within(STRING) or right.within(STRING)):
            return Type(STRING | (NULL if "null" in left.kinds and "null" in right.kinds else frozenset()))
        if op == "+" and left.within(LIST) and right.within(LIST):
            return of_kinds(left.kinds | right.kinds, left, right)
        if self.text_operand(node, left, right):
            return ANY
        for side, one, other in ((node.left, left, right), (node.right, right, left)):
            broken = one.within(LIST | MAP) and other.is_known and other.within(ALL - STRING)
            if op == "+":
                # A list joins a list, and null leaves the other operand as it is.
                broken = broken and not (one.kinds & LIST and other.kinds & LIST) and "null" not in other.kinds
            if broken:
                self.ins.report(301, side.span, expected="a number", found=kinds_text(one.kinds))
                return ANY
        if left.is_known and right.is_known and left.kinds <= _NUMERIC and right.kinds <= _NUMERIC:
            if op == "/":
                return of_kinds(FLOAT, left, right)
            # Whole results outside the int range are floats.
            return of_kinds(NUMBER, left, right)
        return ANY

    def check_never(self, node: ast.Binary, left: Type, right: Type) -> None:
        """ABML306: an equality or membership that no values of these types satisfy."""
        if node.op != "==":
            container = right if node.op == "in" else left
            if container.is_known and container.kinds and container.kinds <= NUMBER | BOOL | DURATION:
                found = kinds_text(container.kinds)
                text = f"this can never be true: nothing is 'in' a value of type {found}"
                self.ins.report(306, node.span, text=text)
            return
        if not left.is_known or not right.is_known:
            return
        for one, other in ((left, right), (right, left)):
            if one.members and other.is_constant and isinstance(other.value, str) and other.value not in one.members:
                members = ", ".join(one.members)
                text = f"this comparison can never be true: '{other.value}' is not one of {members}"
                self.ins.report(306, node.span, text=text)
                return
        if not any(_may_equal(a, b) for a in left.kinds for b in right.kinds):
            self.ins.report(306, node.span, left=kinds_text(left.kinds), right=kinds_text(right.kinds))

    # ---------------------------------------------------------------- calls

    def method(self, node: ast.MethodCall, use: Use) -> Type:
        target = node.target
        if isinstance(target, ast.Name):
            index = self.ins.model.resolve_function(use.doc, node.name, target.name)
            if index is not None and not self.ins.model.is_shadowed(use.doc, target.name):
                return self.document_call(index, node.args)
        return self.call(node, node.name, [target, *node.args], use)

    def call(self, node: ast.Expr, name: str, args: list[ast.Expr], use: Use) -> Type:
        index = self.ins.model.resolve_function(use.doc, name)
        if index is not None:
            return self.document_call(index, args)
        host = self.ins.environment.function(name)
        if host is not None:
            return ANY
        spec = find_builtin(name)
        if spec is None:
            return ANY
        self.check_arguments(spec.name, args)
        if spec.name in ("default", "coalesce", "if_else"):
            parts = [self.of(arg) for arg in (args[1:] if spec.name == "if_else" else args)]
            if parts and all(part.is_known for part in parts):
                return of_kinds(frozenset().union(*(part.kinds for part in parts)), *parts)
            return ANY
        if spec.name == "duration" and len(args) == 1:
            self.check_duration(args[0])
        kinds = RESULTS.get(spec.name)
        return ANY if kinds is None else Type(kinds)

    def check_duration(self, arg: ast.Expr) -> None:
        text = self.of(arg)
        if text.is_constant and isinstance(text.value, str):
            try:
                values.parse_duration(text.value)
            except ValueFault as fault:
                self.ins.report(301, arg.span, text=f"this raises '{fault.kind}': {fault.message}")

    def check_arguments(self, name: str, args: list[ast.Expr]) -> None:
        """Arguments of built-ins that can only raise, or only give null."""
        if name in TAKES_LIST and args:
            first = self.of(args[0])
            if first.within(ALL - LIST - frozenset(("provider",))):
                found = kinds_text(first.kinds)
                self.ins.report(301, args[0].span, expected=f"a list for '{name}'", found=found)
        elif name in TAKES_NUMBERS:
            for arg in args:
                kind = self.of(arg)
                if kind.within(LIST | MAP):
                    found = kinds_text(kind.kinds)
                    self.ins.report(301, arg.span, expected=f"a number for '{name}'", found=found)

    def document_call(self, index: int, args: list[ast.Expr]) -> Type:
        info = self.ins.model.functions[index]
        types = self.ins.docset.documents[info.doc].types
        for param, arg in zip(info.node.params, args, strict=False):
            if param.type is not None and not fits(param.type, self.of(arg), types):
                found = kinds_text(self.of(arg).kinds)
                expected = f"{param.type.name} for '{param.name}'"
                self.ins.report(301, arg.span, expected=expected, found=found)
        return declared_type(info.node.returns, types)


def _may_equal(a: str, b: str) -> bool:
    if a == b or "provider" in (a, b):
        return True
    numeric = {"int", "float", "duration"}
    return a in numeric and b in numeric


def _may_compare(left: Type, right: Type) -> bool:
    """Whether `<` can work for some values of these types (language 3.5)."""
    mine, other = left.kinds - NULL, right.kinds - NULL
    return not mine or not other or any(_comparable(a, b) for a in mine for b in other)


def _comparable(a: str, b: str) -> bool:
    if "null" in (a, b) or "provider" in (a, b):
        return True
    numeric = {"int", "float", "duration", "bool"}
    if a in numeric and b in numeric:
        return not ("duration" in (a, b) and "bool" in (a, b))
    if a == b == "string":
        return True
    return "string" in (a, b) and bool({a, b} & {"int", "float"})


_RULES: dict[type, Callable[[Inference, Any, Use], Type]] = {
    ast.Binary: lambda types, node, use: types.binary(node),
    ast.Logical: lambda types, node, use: types.logical(node),
    ast.Unary: lambda types, node, use: types.unary(node),
    ast.Call: lambda types, node, use: types.call(node, node.name, node.args, use),
    ast.MethodCall: lambda types, node, use: types.method(node, use),
    ast.Member: lambda types, node, use: types.member(node),
    ast.Index: lambda types, node, use: types.index(node),
    ast.Conditional: lambda types, node, use: types.conditional(node),
    ast.Chain: lambda types, node, use: types.chain(node),
    ast.Interpolation: lambda types, node, use: Type(STRING),
}
