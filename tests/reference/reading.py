"""Texts and documents to trees, for tests."""

from __future__ import annotations

from abml.diagnostics import Reporter
from abml.source import NOWHERE, Source, Span
from abml.syntax import ast


class Nowhere:
    """Positions nobody looks at."""

    def place(self, start: int, end: int) -> Span:
        return NOWHERE


def expression(text: str) -> ast.Expr:
    """The tree of an expression.

    Raises:
        ValueError: when the parser reports an error.
    """
    from abml.syntax.expressions import parse_expression

    reporter = Reporter(Source(text))
    expr = parse_expression(text, Nowhere(), reporter)
    if expr is None or reporter.has_errors:
        raise ValueError(f"{text}: {[d.message for d in reporter.diagnostics]}")
    return expr


def problems(text: str) -> list[int]:
    """The numbers of the diagnostics of an expression."""
    from abml.syntax.expressions import parse_expression

    reporter = Reporter(Source(text))
    parse_expression(text, Nowhere(), reporter)
    return [int(diagnostic.code[4:]) for diagnostic in reporter.diagnostics]


def document(text: str) -> ast.Document:
    """The tree of a document.

    Raises:
        ValueError: when the parser reports an error.
    """
    from abml.syntax.parser import parse_document

    reporter = Reporter(Source(text))
    tree = parse_document(Source(text), reporter)
    if tree is None or reporter.has_errors:
        raise ValueError("\n".join(str(d) for d in reporter.diagnostics))
    return tree
