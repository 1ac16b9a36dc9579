"""`Computed`: a tree node for a value that code has already computed."""

from __future__ import annotations

from abml.source import Span
from abml.syntax import ast


class Computed(ast.Expr):
    """Stands among arguments; lowering takes `operand` instead of making code."""

    __slots__ = ("operand",)

    def __init__(self, span: Span, operand: int) -> None:
        super().__init__(span)
        self.operand = operand
