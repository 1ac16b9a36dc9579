"""Whether two trees of a document mean the same: what the formatter holds itself to."""

from __future__ import annotations

from typing import Any

from abml.source import NOWHERE, Span
from abml.syntax import ast
from abml.syntax.dump import dump
from abml.syntax.expression_printer import expression_text
from abml.syntax.walk import depths
from abml.values import Duration

from .expressions import canonical
from .names import Names

_LEFT_OUT = frozenset(("span", "name_span", "file_span", "path", "bare", "sources"))
_WRITTEN = frozenset(("Target", "TypeRef", "GoapEntry"))
_COMPOUND = {"+=": "+", "-=": "-", "*=": "*", "/=": "/"}


def meaning(doc: ast.Document, names: Names) -> Any:
    """A document as plain data without places and spellings; expressions in canonical form are texts.

    The document's expressions are changed.
    """
    return _plain(doc, names)


def _plain(node: Any, names: Names) -> Any:
    if isinstance(node, ast.Expr):
        return _expression(node, names)
    if isinstance(node, ast.Assignment) and node.op in _COMPOUND and not node.target.steps:
        # `oil += 1` and `oil = oil + 1` are two spellings (V3).
        old = ast.Name(NOWHERE, node.target.name)
        value = _expression(ast.Binary(NOWHERE, _COMPOUND[node.op], old, node.value), names)
        return ["Assignment", _plain(node.target, names), value, ["str", "="]]
    if isinstance(node, ast.Increment) and isinstance(node.by, ast.Literal) and node.by.value == 1:
        # A step of 1 is the one that nobody writes (V7).
        node.by = None if type(node.by.value) is int else node.by
    if isinstance(node, ast.Case):
        return _case(node, names)
    if isinstance(node, list | tuple) and not isinstance(node, Span):
        return [_plain(item, names) for item in node]
    if isinstance(node, dict):
        return [[key, _plain(item, names)] for key, item in node.items()]
    if hasattr(node, "node_fields"):
        kind = type(node).__name__
        found = [kind]
        for name in node.node_fields():
            if name in _LEFT_OUT or (name == "text" and kind in _WRITTEN):
                continue
            if kind == "Import" and name in ("alias", "alias_given"):
                continue
            found.append(_plain(getattr(node, name), names))
        return found
    if isinstance(node, Duration):
        return ["Duration", node.micros]
    if isinstance(node, frozenset):
        return sorted(node)
    return [type(node).__name__, node]


def _case(node: ast.Case, names: Names) -> Any:
    """A key that is a plain text matches as the same text in a list does (C15)."""
    from_key = node.from_key
    if from_key and isinstance(node.matches[0], ast.Literal) and isinstance(node.matches[0].value, str):
        return ["Case", [["Literal", node.matches[0].value, None]], _plain(node.then, names), False]
    return ["Case", [_expression(match, names) for match in node.matches], _plain(node.then, names), from_key]


def _expression(node: ast.Expr, names: Names) -> Any:
    if isinstance(node, ast.Literal):
        value = node.value
        shown = value.micros if isinstance(value, Duration) else value
        return (
            ["Literal", type(value).__name__, repr(shown), node.raw]
            if not isinstance(value, str)
            else [
                "Literal",
                value,
                node.raw,
            ]
        )
    if isinstance(node, ast.ListExpr):
        return ["ListExpr", [_expression(item, names) for item in node.items]]
    if isinstance(node, ast.MapExpr):
        return ["MapExpr", [[_expression(key, names), _expression(value, names)] for key, value in node.entries]]
    if isinstance(node, ast.Interpolation):
        if node.template is not None:
            return ["Template", dump(node)]
        return ["Interpolation", [part if isinstance(part, str) else _expression(part, names) for part in node.parts]]
    if depths(node)[1] > 120:
        return ["Expr", dump(node)] if depths(node)[1] < 400 else ["Expr", "deep"]
    return ["Expr", expression_text(canonical(node, names))]
