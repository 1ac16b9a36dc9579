"""Programs of single expressions and templates: what `abml.evaluate` and `render` run.

Programs are cached by text; an expression that is evaluated again costs a
dictionary look-up instead of a compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from abml.errors import AbmlSyntaxError

from .pipeline import compile_expression

if TYPE_CHECKING:
    from abml.compiler.bytecode.program import Program
    from abml.diagnostics import Reporter
    from abml.syntax.ast import Expr
    from abml.syntax.places import TextPlace

# Entries of each cache (appendix A, "expression cache").
CACHE_SIZE = 10_000


@lru_cache(maxsize=CACHE_SIZE)
def expression_program(text: str) -> Program:
    """A program whose unit 0 computes the expression.

    Raises:
        AbmlSyntaxError: the text is no expression, or a call in it cannot be right.
    """
    from abml.syntax.expressions import parse_expression

    return _program(text, lambda place, reporter: parse_expression(text, place, reporter))


@lru_cache(maxsize=CACHE_SIZE)
def template_program(text: str) -> Program:
    """A program whose unit 0 renders the template.

    Raises:
        AbmlSyntaxError: the template is malformed.
    """
    from abml.syntax.templates import parse_text

    return _program(text, lambda place, reporter: parse_text(text, place, reporter))


def _program(text: str, parse: Callable[[TextPlace, Reporter], Expr | None]) -> Program:
    from abml.diagnostics import Reporter
    from abml.source import Source
    from abml.syntax.places import TextPlace

    source = Source(text)
    reporter = Reporter(source)
    node = parse(TextPlace(source), reporter)
    if node is None or reporter.has_errors:
        raise AbmlSyntaxError(reporter.sorted())
    return compile_expression(node)
