"""Document functions (language 4.9): parameters, and bodies of `let` lines with one result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from abml.patterns import lazy
from abml.syntax.ast import Document, Expr, Function, Literal
from abml.syntax.cst_nodes import CstMapping, CstScalar
from abml.syntax.expressions import parse_expression
from abml.syntax.places import ShiftedPlace

from .base import IDENTIFIER, Parser, is_blank
from .context import type_ref
from .flows import params

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_FUNCTION_FIELDS = {name: name for name in ("params", "body", "returns", "description")}

_LET = lazy(r"(?:let\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(?![=>])\s*")
_RETURN = lazy(r"return(?![A-Za-z0-9_])(?!\s*[=.])\s*")
# A line that ends like this goes on in the next one, and one that begins like
# this goes on from the line before when the whole body is one expression.
_OPEN_END = lazy(r"(?:[-+*/%<>!&|?:,.]|[=!<>]=|(?<![A-Za-z0-9_.])(?:and|or|not|in|contains))\s*$", re.IGNORECASE)
_OPEN_START = lazy(r"\s*(?:[-+*/%<>=&|?:,.)\]}]|(?:and|or|in|contains)(?![A-Za-z0-9_]))", re.IGNORECASE)


class _Line(NamedTuple):
    """A statement of a body: offsets in the text and its first line, 1-based."""

    start: int
    end: int
    number: int


def functions(p: Parser, doc: Document, node: CstNode) -> None:
    """The `functions` section. Letter case does not tell function names apart."""
    taken: dict[str, CstScalar] = {}
    for name, key, value in p.section(node, "functions"):
        if not p.name(key, "function", IDENTIFIER):
            continue
        if not isinstance(value, CstMapping):
            p.shape(value, name, "a mapping with 'params' and 'body'")
            doc.unread.add(name.lower())
            continue
        first = taken.setdefault(name.lower(), key)
        if first is not key:
            p.defined_twice("function", name, key.span, first.span)
            continue
        function = _function(p, name, key, value)
        if function is not None:
            doc.functions[name] = function
        else:
            doc.unread.add(name.lower())


def _function(p: Parser, name: str, key: CstScalar, node: CstMapping) -> Function | None:
    name_span = key.span
    found = p.fields(p.entries(node), _FUNCTION_FIELDS, f"function {name}")
    given = found.get("params")
    parameters = [] if given is None else params(p, given[1])
    given = found.get("returns")
    returns = None if given is None else type_ref(p, given[1])
    given = found.get("body")
    if given is None or is_blank(given[1]):
        span = name_span if given is None else given[0].span
        p.report(240, span, name=name, body_line=1, reason="it has no body")
        return None
    body = given[1]
    if not isinstance(body, CstScalar):
        p.shape(body, "body", "an expression or lines of 'name = expression' with a final 'return'")
        return None
    lets: list[tuple[str, Expr]] = []
    if isinstance(body.value, str):
        result = _body(p, name, body, lets)
    else:
        result = Literal(body.span, body.value)
    if result is None:
        return None
    return Function(name_span.to(node.span), name, name_span, parameters, lets, result, returns)


def _body(p: Parser, name: str, body: CstScalar, lets: list[tuple[str, Expr]]) -> Expr | None:
    """Read a body; None after a report."""
    text = body.text
    lines, has_comments = _statements(text)
    if not lines:
        p.report(240, body.span, name=name, body_line=1, reason="it has no body")
        return None
    if not has_comments and all(_OPEN_START.match(text, line.start) for line in lines[1:]):
        first = lines[0]
        if not _LET.match(text, first.start) and not _RETURN.match(text, first.start):
            return _expression(p, body, first.start, lines[-1].end)

    def malformed(line: _Line, reason: str) -> None:
        p.report(240, body.place(line.start, line.end), name=name, body_line=line.number, reason=reason)

    result: Expr | None = None
    fine = True
    done = False
    for index, line in enumerate(lines):
        is_last = index == len(lines) - 1
        let = _LET.match(text, line.start, line.end)
        if done:
            malformed(line, "nothing may follow 'return'")
            return None
        if let is not None and let[1] not in ("return", "let"):
            if let.end() >= line.end:
                malformed(line, f"'{let[1]} =' has no expression")
                fine = False
                continue
            expr = _expression(p, body, let.end(), line.end)
            fine = fine and expr is not None
            lets.append((let[1], expr or Literal(body.place(let.end(), line.end), None)))
            continue
        back = _RETURN.match(text, line.start, line.end)
        if back is not None:
            if back.end() >= line.end:
                malformed(line, "'return' needs an expression")
                return None
            result = _expression(p, body, back.end(), line.end)
            fine = fine and result is not None
            done = True
        elif is_last:
            result = _expression(p, body, line.start, line.end)
            fine = fine and result is not None
            done = True
        else:
            malformed(line, "expected 'name = expression', 'return expression' or a comment")
            fine = False
    if not done:
        malformed(lines[-1], "it ends without 'return expression'")
        return None
    return result if fine else None


def _expression(p: Parser, body: CstScalar, start: int, end: int) -> Expr | None:
    return parse_expression(body.text[start:end], ShiftedPlace(body, start), p.reporter, p.limits.max_expression_depth)


def _statements(text: str) -> tuple[list[_Line], bool]:
    """The statements of a body, continued lines joined; and whether there are comment lines."""
    found: list[_Line] = []
    has_comments = False
    begin = -1
    first = 0
    depth = 0
    at = 0
    number = 0
    for line in text.splitlines(keepends=True):
        number += 1
        start, at = at, at + len(line)
        stripped = line.strip()
        if begin < 0:
            if not stripped:
                continue
            if stripped.startswith("#"):
                has_comments = True
                continue
            begin, first, depth = start + len(line) - len(line.lstrip()), number, 0
        end = start + len(line.rstrip())
        depth += _depth_change(line)
        if depth > 0 or _OPEN_END.search(line):
            continue
        found.append(_Line(begin, max(end, begin), first))
        begin = -1
    if begin >= 0:
        found.append(_Line(begin, begin + len(text[begin:].rstrip()), first))
    return found, has_comments


def _depth_change(line: str) -> int:
    """How many brackets a line opens less those it closes, outside quotes."""
    depth = 0
    quote = ""
    escaped = False
    for char in line:
        if quote:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
    return depth
