"""Lowering of expressions: operators, access chains, conditions, literals."""

from __future__ import annotations

from collections.abc import Callable

from abml.compiler.model import Model
from abml.source import Span
from abml.syntax import ast
from abml.values import truthy

from . import calls, loading, names, templates
from .blocks import Block
from .builder import Builder

_BINARY = {"+": "ADD", "-": "SUB", "*": "MUL", "/": "DIV", "%": "MOD", "==": "EQ", "!=": "NE", "in": "IN"}
_ORDER = {"<": ("LT", False), "<=": ("LE", False), ">": ("LT", True), ">=": ("LE", True)}
# Jumps of comparisons: (when it holds, when it does not hold).
_JUMPS = {"==": ("JEQ", "JNE"), "!=": ("JNE", "JEQ"), "<": ("JLT", "JNLT"), "<=": ("JLE", "JNLE")}


class Expressions:
    """Lowers expressions of one document into a builder.

    Attributes:
        b: the builder of the unit.
        model: the resolved program.
    """

    def __init__(self, builder: Builder, model: Model) -> None:
        self.b = builder
        self.model = model

    # ------------------------------------------------------------------- value

    def value(self, node: ast.Expr, to: int | None = None) -> int:
        """Code that computes `node`; the operand that holds the result.

        With `to` the result may be written there when one last instruction can do
        it; the caller moves it otherwise.
        """
        before = self.b.span
        self.b.span = node.span
        result = _VALUE[type(node)](self, node, to)
        self.b.span = before
        return result

    def value_to(self, node: ast.Expr, to: int) -> int:
        """As `value`, but the result always ends up in `to`."""
        return self.b.move(to, self.value(node, to))

    def values(self, nodes: list[ast.Expr]) -> list[int]:
        """Several values, left to right."""
        return [self.value(node) for node in nodes]

    def literal(self, node: ast.Literal, to: int | None) -> int:
        return self.b.const(node.value)

    def unary(self, node: ast.Unary, to: int | None) -> int:
        operand = self.value(node.operand)
        return self.b.into("NEG" if node.op == "-" else "NOT", operand, to=to)

    def binary(self, node: ast.Binary, to: int | None) -> int:
        left, right = self.value(node.left), self.value(node.right)
        if node.op in _ORDER:
            op, swap = _ORDER[node.op]
            return self.b.into(op, right, left, to=to) if swap else self.b.into(op, left, right, to=to)
        if node.op == "contains":
            return self.b.into("IN", right, left, to=to)
        return self.b.into(_BINARY[node.op], left, right, to=to)

    def logical(self, node: ast.Logical, to: int | None) -> int:
        b = self.b
        result = b.new()
        if node.op == "??":
            after = Block()
            self.value_to(node.left, result)
            b.jump("JNOTNULL", after, result)
            self.value_to(node.right, result)
            b.start(after)
            return result
        no, after = Block(), Block()
        self.branch(node, no, False)
        b.move(result, b.const(True))
        b.jump("JMP", after)
        b.start(no)
        b.move(result, b.const(False))
        b.start(after)
        return result

    def conditional(self, node: ast.Conditional, to: int | None) -> int:
        b = self.b
        result = b.new()
        otherwise, after = Block(), Block()
        self.branch(node.condition, otherwise, False)
        self.value_to(node.then, result)
        b.jump("JMP", after)
        b.start(otherwise)
        self.value_to(node.otherwise, result)
        b.start(after)
        return result

    def list_(self, node: ast.ListExpr, to: int | None) -> int:
        b = self.b
        result = b.into("LIST")
        for item in node.items:
            b.emit("APPEND", result, self.value(item))
        return result

    def map_(self, node: ast.MapExpr, to: int | None) -> int:
        b = self.b
        result = b.into("MAP")
        for key, item in node.entries:
            name = self.value(key)
            b.emit("PUT", result, name, self.value(item))
        return result

    def interpolation(self, node: ast.Interpolation, to: int | None) -> int:
        if node.template is not None:
            return templates.lower(self, node.template)
        b = self.b
        parts = [b.const(part) if isinstance(part, str) else self.value(part) for part in node.parts]
        b.push(parts)
        return b.into("TEXT", len(parts), to=to)

    def lambda_(self, node: ast.Lambda, to: int | None) -> int:
        # The checker reports ABML136; reached only where it was told to go on.
        self.b.end("RAISE", self.b.pool.constant("argument_error"), self.b.const("a function cannot be a value"))
        return self.b.const(None)

    # ------------------------------------------------------------------ access

    def name(self, node: ast.Name, to: int | None) -> int:
        operand, is_open = names.read(self, node.name)
        return self.b.into("PFIN", operand) if is_open else operand

    def access(self, node: ast.Expr, to: int | None) -> int:
        operand, is_open = self.step(node)
        return self.b.into("PFIN", operand, to=to) if is_open else operand

    def step(self, node: ast.Expr) -> tuple[int, bool]:
        """One step of a postfix chain: (operand, it may still be a provider reference)."""
        b = self.b
        if isinstance(node, ast.Name):
            return names.read(self, node.name)
        if isinstance(node, ast.Member):
            imported = names.library_member(self, node)
            if imported is not None:
                return imported, False
            target, is_open = self.step(node.target)
            b.span = node.span
            self.guard(target, node.guarded)
            loaded = loading.automatic(self, node, target)
            if loaded is not None:
                target, is_open = loaded, True
            return b.into("GETM", target, b.pool.constant(node.name)), is_open
        if isinstance(node, ast.Index):
            target, is_open = self.step(node.target)
            self.guard(target, node.guarded)
            index = self.value(node.index)
            b.span = node.span
            return b.into("GETI", target, index), is_open
        if isinstance(node, ast.MethodCall) and node.guarded:
            return calls.method(self, node, None), False
        return self.value(node), False

    def guard(self, target: int, guarded: bool) -> None:
        """A guarded step leaves its whole chain when the target is null."""
        if guarded:
            self.b.jump("JNULL", self.b.chain_exits[-1], target)

    def chain(self, node: ast.Chain, to: int | None) -> int:
        b = self.b
        null, after = Block(), Block()
        result = b.new()
        b.chain_exits.append(null)
        self.value_to(node.body, result)
        b.chain_exits.pop()
        b.jump("JMP", after)
        b.start(null)
        b.move(result, b.const(None))
        b.start(after)
        return result

    # -------------------------------------------------------------- conditions

    def branch(self, node: ast.Expr, target: Block, when: bool) -> None:
        """Jump to `target` when the truth of `node` is `when`, else fall through."""
        b = self.b
        if isinstance(node, ast.Literal):
            if truthy(node.value) == when:
                b.jump("JMP", target)
            return
        if isinstance(node, ast.Unary) and node.op == "!":
            self.branch(node.operand, target, not when)
            return
        if isinstance(node, ast.Logical) and node.op != "??":
            if (node.op == "&&") == when:
                # The first operand alone cannot decide for the target.
                skip = Block()
                self.branch(node.left, skip, not when)
                self.branch(node.right, target, when)
                b.start(skip)
            else:
                self.branch(node.left, target, when)
                self.branch(node.right, target, when)
            return
        if isinstance(node, ast.Binary) and node.op in ("==", "!=", "<", "<=", ">", ">="):
            left, right = self.value(node.left), self.value(node.right)
            op = node.op
            if op in (">", ">="):
                left, right, op = right, left, "<" if op == ">" else "<="
            with b.at(node.span):
                b.jump(_JUMPS[op][0 if when else 1], target, left, right)
            return
        operand = self.value(node)
        with b.at(node.span):
            b.jump("JT" if when else "JF", target, operand)

    # ----------------------------------------------------------------- helpers

    def typed(self, node: ast.Expr, type_name: str | None) -> ast.Expr:
        """The node a target of a declared type gets: a `string` target takes digits as text (0.4)."""
        if type_name == "string" and isinstance(node, ast.Literal) and node.raw is not None:
            return ast.Literal(node.span, node.raw)
        return node

    def apply(self, name: str, args: list[ast.Expr], span: Span) -> int:
        """Code of a call of a built-in or host function."""
        return calls.apply(self, name, args, span, None, None)


_VALUE: dict[type, Callable[[Expressions, ast.Expr, int | None], int]] = {
    ast.Literal: Expressions.literal,  # type: ignore[dict-item]
    ast.Name: Expressions.name,  # type: ignore[dict-item]
    ast.Member: Expressions.access,
    ast.Index: Expressions.access,
    ast.Chain: Expressions.chain,  # type: ignore[dict-item]
    ast.Unary: Expressions.unary,  # type: ignore[dict-item]
    ast.Binary: Expressions.binary,  # type: ignore[dict-item]
    ast.Logical: Expressions.logical,  # type: ignore[dict-item]
    ast.Conditional: Expressions.conditional,  # type: ignore[dict-item]
    ast.ListExpr: Expressions.list_,  # type: ignore[dict-item]
    ast.MapExpr: Expressions.map_,  # type: ignore[dict-item]
    ast.Interpolation: Expressions.interpolation,  # type: ignore[dict-item]
    ast.Lambda: Expressions.lambda_,  # type: ignore[dict-item]
    ast.Call: calls.call,  # type: ignore[dict-item]
    ast.MethodCall: calls.method,  # type: ignore[dict-item]
}
