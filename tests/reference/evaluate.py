"""One expression or template over fixed names: the entry for comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml import values
from abml.syntax import ast

from .expressions import Machine, PlainNames
from .expressions import evaluate as _evaluate
from .faults import ReferenceFault

__all__ = ["ReferenceFault", "evaluate_expression", "render_template"]


def evaluate_expression(
    expr: ast.Expr,
    scope: dict[str, Any] | None = None,
    *,
    functions: dict[str, Callable[..., Any]] | None = None,
    seed: int = 0,
    now_ms: int = 0,
) -> Any:
    """The value of an expression over a copy of `scope`.

    Raises:
        ReferenceFault: with kind and message.
    """
    machine = Machine(functions, seed, now_ms)
    return _evaluate(expr, PlainNames(machine, values.copy_value(scope or {})))


def render_template(
    template: str, scope: dict[str, Any] | None = None, *, seed: int = 0, now_ms: int = 0
) -> tuple[str, list[tuple[str, str]]]:
    """The text of a template and the warnings on the way.

    Raises:
        ReferenceFault: what a `${}` in it raises.
    """
    from .templates import render_text

    machine = Machine(None, seed, now_ms)
    return render_text(template, PlainNames(machine, values.copy_value(scope or {}))), machine.warnings
