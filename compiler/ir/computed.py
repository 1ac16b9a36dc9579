"""`Computed`: a tree node for a value that code has already computed."""

from __future__ import annotations

from abml.syntax import ast


class Computed(ast.Expr):
    """Stands among arguments; lowering takes the register `operand` instead of making code."""

    operand: int
