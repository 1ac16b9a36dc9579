"""Calls of built-in functions: one table, arity, lambdas as arguments."""

from __future__ import annotations

from typing import Any

from abml.builtins import find_builtin
from abml.syntax import ast
from abml.values import ValueFault

from . import collections_, numbers, texts
from .expressions import LambdaValue, Names, evaluate
from .faults import ReferenceFault

TABLE = {**numbers.FUNCTIONS, **texts.FUNCTIONS, **collections_.FUNCTIONS}


def argument(node: ast.Expr, names: Names) -> Any:
    """The value of an argument; a lambda keeps the names around it."""
    return LambdaValue(node, names) if isinstance(node, ast.Lambda) else evaluate(node, names)


def call_builtin(name: str, args: list[Any], names: Names) -> Any:
    """Call a built-in by any of its spellings.

    Raises:
        ReferenceFault: `unknown_function`, `argument_error` and what the function raises.
    """
    spec = find_builtin(name)
    if spec is None:
        raise ReferenceFault("unknown_function", f"no function '{name}'")
    if not spec.min_args <= len(args) <= spec.max_args or (spec.even and len(args) % 2):
        raise ReferenceFault("argument_error", f"wrong number of arguments for '{name}'")
    for place, value in enumerate(args):
        if isinstance(value, LambdaValue) and place not in spec.takes_function:
            raise ReferenceFault("argument_error", f"'{name}' takes no function there")
    try:
        return TABLE[spec.name](args, names)
    except ValueFault as fault:
        raise ReferenceFault(fault.kind, fault.message) from None
