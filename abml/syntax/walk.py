"""Walking expression trees without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import ast

# One look-up by class: every check walks every expression.
_PARTS: dict[type, Callable[[Any], list[ast.Expr]]] = {
    ast.Binary: lambda node: [node.left, node.right],
    ast.Logical: lambda node: [node.left, node.right],
    ast.Member: lambda node: [node.target],
    ast.Index: lambda node: [node.target, node.index],
    ast.Chain: lambda node: [node.body],
    ast.Lambda: lambda node: [node.body],
    ast.Call: lambda node: node.args,
    ast.MethodCall: lambda node: [node.target, *node.args],
    ast.Unary: lambda node: [node.operand],
    ast.Conditional: lambda node: [node.condition, node.then, node.otherwise],
    ast.ListExpr: lambda node: node.items,
    ast.MapExpr: lambda node: [part for entry in node.entries for part in entry],
    ast.Interpolation: lambda node: [part for part in node.parts if isinstance(part, ast.Expr)],
}


_CHAINED = frozenset((ast.Binary, ast.Logical, ast.Member, ast.Index, ast.MethodCall, ast.Chain))


def children(node: ast.Expr) -> list[ast.Expr]:
    """The direct sub-expressions in the order they are evaluated; a template's are not looked into."""
    parts = _PARTS.get(type(node))
    return [] if parts is None else parts(node)


def walk(node: ast.Expr) -> Iterator[ast.Expr]:
    """The node and everything below it, parents first, left to right."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        parts = _PARTS.get(type(current))
        if parts is not None:
            pending += parts(current)[::-1]


def depths(node: ast.Expr) -> tuple[int, int]:
    """(nesting, height) of a tree.

    Height counts every level. Nesting leaves out the steps along a chain that is
    written side by side, such as `a + b + c` or `a.b.c`; these grow a tree to the
    left without nesting for the reader.
    """
    nesting = height = 0
    pending = [(node, 0, 0)]
    while pending:
        current, nested, level = pending.pop()
        if nested > nesting:
            nesting = nested
        if level > height:
            height = level
        below = children(current)
        if not below:
            continue
        leads = type(current) in _CHAINED or (isinstance(current, ast.Call) and current.piped)
        first = True
        for child in below:
            pending.append((child, nested if first and leads else nested + 1, level + 1))
            first = False
    return nesting, height
