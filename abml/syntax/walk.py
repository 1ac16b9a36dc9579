"""Walking expression trees without recursion."""

from __future__ import annotations

from collections.abc import Iterator

from . import ast


def children(node: ast.Expr) -> list[ast.Expr]:
    """The direct sub-expressions in the order they are evaluated; a template's are not looked into."""
    kind = type(node)
    if kind is ast.Literal or kind is ast.Name:
        return []
    if isinstance(node, ast.Binary | ast.Logical):
        return [node.left, node.right]
    if isinstance(node, ast.Member):
        return [node.target]
    if isinstance(node, ast.Index):
        return [node.target, node.index]
    if isinstance(node, ast.Chain | ast.Lambda):
        return [node.body]
    if isinstance(node, ast.Call):
        return node.args
    if isinstance(node, ast.MethodCall):
        return [node.target, *node.args]
    if isinstance(node, ast.Unary):
        return [node.operand]
    if isinstance(node, ast.Conditional):
        return [node.condition, node.then, node.otherwise]
    if isinstance(node, ast.ListExpr):
        return node.items
    if isinstance(node, ast.MapExpr):
        return [part for entry in node.entries for part in entry]
    if isinstance(node, ast.Interpolation):
        return [part for part in node.parts if isinstance(part, ast.Expr)]
    return []


def walk(node: ast.Expr) -> Iterator[ast.Expr]:
    """The node and everything below it, parents first, left to right."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


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
        leads = isinstance(current, ast.Binary | ast.Logical | ast.Member | ast.Index | ast.MethodCall | ast.Chain) or (
            isinstance(current, ast.Call) and current.piped
        )
        first = True
        for child in below:
            pending.append((child, nested if first and leads else nested + 1, level + 1))
            first = False
    return nesting, height
