"""One expression, evaluated by the product and by the judge."""

from __future__ import annotations

from typing import Any

import abml
from abml.syntax import ast
from abml.values import copy_value
from tests.differential.compare import APPROXIMATE, same_value
from tests.property.expressions import SCOPE
from tests.reference.evaluate import ReferenceFault, evaluate_expression
from tests.reference.reading import expression

NOW = 1_700_000_000_123


def probe(x: Any) -> Any:
    """A host function for both sides."""
    return {"seen": x}


def by_judge(text: str, seed: int) -> tuple[str, Any]:
    tree: ast.Expr = expression(text)
    try:
        return "value", evaluate_expression(tree, SCOPE, functions={"probe": probe}, seed=seed, now_ms=NOW)
    except ReferenceFault as fault:
        return "error", fault.kind


def by_product(text: str, seed: int) -> tuple[str, Any]:
    try:
        return "value", abml.evaluate(text, copy_value(SCOPE), functions={"probe": probe}, seed=seed, now=NOW)
    except abml.AbmlRuntimeError as error:
        return "error", error.kind
    except abml.AbmlSyntaxError as error:
        return "refused", [str(diagnostic.code) for diagnostic in error.diagnostics]


def difference(text: str, seed: int) -> str | None:
    """A report when the two disagree, else None."""
    expected, actual = by_judge(text, seed), by_product(text, seed)
    approximate = any(name in text.lower() for name in APPROXIMATE)
    if expected[0] == actual[0] and same_value(expected[1], actual[1], approximate=approximate):
        return None
    return f"expression: {text}\nseed: {seed}\njudge:   {expected}\nproduct: {actual}"
