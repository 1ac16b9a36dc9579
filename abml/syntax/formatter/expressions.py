"""Rows E1 to E14: canonical expression trees, printed by the expression printer.

A rewrite that depends on what a name means is left out where the document
defines that name otherwise.
"""

from __future__ import annotations

from abml.builtins import find_builtin
from abml.syntax import ast
from abml.syntax.expression_printer import expression_text
from abml.syntax.walk import depths

from .names import Names, cannot_fail

# Deeper trees are left as they are written: printing descends by recursion.
_MAX_HEIGHT = 120


def canonical_text(node: ast.Expr, names: Names) -> str | None:
    """The canonical spelling of an expression without braces; None for one that is nested too deep.

    The tree is changed.
    """
    if depths(node)[1] > _MAX_HEIGHT:
        return None
    text = expression_text(canonical(node, names))
    return None if "\n" in text else text


def canonical(node: ast.Expr, names: Names, bound: frozenset[str] = frozenset()) -> ast.Expr:
    """The canonical form of a tree; `bound` are the lambda parameters around it."""
    if isinstance(node, ast.Lambda):
        node.body = canonical(node.body, names, bound | frozenset(node.params))
        return node
    if isinstance(node, (ast.Call, ast.MethodCall)):
        return _call(node, names, bound)
    if isinstance(node, ast.Name):
        if node.name == "now" and "now" not in bound and "now" not in names.defined | names.functions:
            return ast.Call(node.span, "now", [], False, node.span)
        return node
    _below(node, names, bound)
    if isinstance(node, ast.Binary) and node.op == "contains":
        # The operands change places, and with them the order in which they fail.
        if cannot_fail(node.left, names) or cannot_fail(node.right, names):
            return ast.Binary(node.span, "in", node.right, node.left)
    elif isinstance(node, ast.Member):
        _member(node, names)
    return node


def _below(node: ast.Expr, names: Names, bound: frozenset[str]) -> None:
    """Canonical forms of the parts of a node."""
    if isinstance(node, (ast.Binary, ast.Logical)):
        node.left = canonical(node.left, names, bound)
        node.right = canonical(node.right, names, bound)
    elif isinstance(node, ast.Unary):
        node.operand = canonical(node.operand, names, bound)
    elif isinstance(node, ast.Conditional):
        node.condition = canonical(node.condition, names, bound)
        node.then = canonical(node.then, names, bound)
        node.otherwise = canonical(node.otherwise, names, bound)
    elif isinstance(node, ast.Chain):
        node.body = canonical(node.body, names, bound)
    elif isinstance(node, ast.Member):
        node.target = canonical(node.target, names, bound)
    elif isinstance(node, ast.Index):
        node.target = canonical(node.target, names, bound)
        node.index = canonical(node.index, names, bound)
    elif isinstance(node, ast.ListExpr):
        node.items = [canonical(item, names, bound) for item in node.items]
    elif isinstance(node, ast.MapExpr):
        node.entries = [(canonical(key, names, bound), canonical(value, names, bound)) for key, value in node.entries]
    elif isinstance(node, ast.Interpolation):
        node.parts = [canonical(part, names, bound) if isinstance(part, ast.Expr) else part for part in node.parts]


# ----------------------------------------------------------------------- calls


def _call(node: ast.Call | ast.MethodCall, names: Names, bound: frozenset[str]) -> ast.Expr:
    """A call: the function's own name (E2, E8, E14), pipes and `map` as methods (E4, E5)."""
    node.args = [canonical(arg, names, bound) for arg in node.args]
    if isinstance(node, ast.MethodCall):
        node.target = canonical(node.target, names, bound)
        imported = isinstance(node.target, ast.Name) and node.target.name in names.imports
        if not imported:
            node.name = function_name(node.name, names)
        return node
    node.name = function_name(node.name, names)
    if not node.args or isinstance(node.args[0], ast.Lambda):
        node.piped = False
        return node
    if node.name == "length" and len(node.args) == 1 and "length" not in names.functions:
        # `x.length` is an error where x is null, and `length(x)` is not: neither becomes the other (E2).
        node.piped = False
        return node
    chains = node.piped or (node.name == "map" and len(node.args) == 2 and "map" not in names.functions)
    if not chains:
        return node
    target = node.args[0]
    if isinstance(target, ast.Name) and target.name in names.imports | {"document"}:
        # `alias.f(x)` would be the function of the imported document.
        node.piped = False
        return node
    if isinstance(target, ast.Literal) and not isinstance(target.value, str):
        # `3.round()` is no number and no call.
        node.piped = False
        return node
    return ast.MethodCall(node.span, target, node.name, node.args[1:], False, node.name_span)


def function_name(name: str, names: Names) -> str:
    """The canonical name of a function: a built-in's own name, where the document has no function of either name."""
    spec = find_builtin(name)
    if spec is None or name.lower() in names.functions or spec.name in names.functions:
        return name
    return spec.name


def _member(node: ast.Member, names: Names) -> None:
    """The alias of a resource template, where the root can only be a loaded snapshot (E3)."""
    target = node.target
    if isinstance(target, ast.Name) and target.name in names.snapshots:
        node.name = names.templates.get(node.name) or node.name
