"""Fixes that write an action in another form: routes in place of service calls, `set` around bare assignments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from abml.diagnostics import Fix
from abml.source import Source, Span
from abml.syntax.cst_nodes import CstMapping, CstScalar

from .base import is_null

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_ROUTE = frozenset(("endpoint", "route", "url", "path"))
_DATA = frozenset(("data", "body", "payload", "params", "args", "with"))
_RESULT = frozenset(("result", "into", "result_variable", "result_var"))
# What the host knows of a route, so that the route form has no place for it.
_KNOWN_BY_HOST = frozenset(("service", "method"))


def route_form(source: Source | None, key: CstScalar, value: CstNode) -> Fix | None:
    """The edit that makes `call: "/route"` of a service call, or None.

    None where the action names no route, and where it says more than the route
    form can.
    """
    if source is None or source.path != key.span.path:
        return None
    route = data = result = None
    if isinstance(value, CstScalar):
        route = value
    for field, node in value.entries if isinstance(value, CstMapping) else ():
        text = field.text
        if text in _ROUTE and route is None and isinstance(node, CstScalar):
            route = node
        elif text in _DATA and data is None:
            data = node
        elif text in _RESULT and result is None and isinstance(node, CstScalar):
            result = node
        elif text not in _KNOWN_BY_HOST:
            return None
    if route is None or not route.text.startswith("/"):
        return None
    parts: list[tuple[str, CstNode]] = [("call", route)]
    if data is not None and not is_null(data):
        parts.append(("with", data))
    if result is not None and not is_null(result):
        parts.append(("into", result))
    return _entries(source, key.span.to(value.span), parts)


def set_form(source: Source | None, span: Span) -> Fix | None:
    """The edit that puts one `set` around the assignments `name: value` in a span, or None."""
    if source is None or source.path != span.path:
        return None
    lines = _text_of(source, span).split("\n")
    if source.line(span.line)[: span.column - 1].strip(" -"):
        return Fix(span, f"set: {{{lines[0]}}}") if len(lines) == 1 else None
    # Block style: a mapping of its own, below.
    first, *rest = lines
    moved = [" " * (span.column + 1) + first, *(f"  {line}" if line.strip() else line for line in rest)]
    return Fix(span, "set:\n" + "\n".join(moved))


def _entries(source: Source, span: Span, parts: Iterable[tuple[str, CstNode]]) -> Fix | None:
    """The edit that writes entries in place of one entry of a mapping; values keep their text."""
    line = source.line(span.line)
    before = line[: span.column - 1]
    is_block = not before.strip(" -")
    indent = " " * (span.column - 1)
    written: list[str] = []
    for name, node in parts:
        text = _text_of(source, node.span)
        if node.span.line == node.span.end_line and not _is_block_value(source, node):
            written.append(f"{name}: {text}")
        elif not is_block:
            return None
        else:
            lines = _moved(source, node, len(indent) + 2)
            if lines is None:
                return None
            written.append(f"{name}:\n{lines}")
    return Fix(span, f"\n{indent}".join(written) if is_block else ", ".join(written))


def _is_block_value(source: Source, node: CstNode) -> bool:
    """Whether a value is a block mapping or list, which stands below its key."""
    return not isinstance(node, CstScalar) and source.line(node.span.line)[node.span.column - 1] not in "{["


def _text_of(source: Source, span: Span) -> str:
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    return source.text[start:end]


def _moved(source: Source, node: CstNode, column: int) -> str | None:
    """The lines of a block value, begun in another column (0-based); None for other values of several lines."""
    if isinstance(node, CstScalar) or not _is_block_value(source, node):
        return None
    offset = column - (node.span.column - 1)
    lines = _text_of(source, node.span).split("\n")
    if isinstance(node, CstMapping) and not source.line(node.span.line)[: node.span.column - 1].strip():
        lines[0] = " " * (node.span.column - 1) + lines[0]
    else:
        return None
    moved = []
    for text in lines:
        blank = len(text) - len(text.lstrip(" "))
        if text.strip() and blank + offset < 0:
            return None
        moved.append(" " * (blank + offset) + text.lstrip(" ") if text.strip() else "")
    return "\n".join(moved)
