"""One template, rendered by the product and by the judge."""

from __future__ import annotations

from typing import Any

import abml
from abml.values import copy_value
from tests.differential.compare import APPROXIMATE
from tests.differential.expression_cases import NOW
from tests.property.expressions import SCOPE
from tests.reference.evaluate import ReferenceFault, render_template


def by_judge(text: str, seed: int) -> tuple[str, Any]:
    try:
        return "text", render_template(text, SCOPE, seed=seed, now_ms=NOW)[0]
    except ReferenceFault as fault:
        return "error", fault.kind


def by_product(text: str, seed: int) -> tuple[str, Any]:
    try:
        return "text", abml.render(text, copy_value(SCOPE), seed=seed, now=NOW)
    except abml.AbmlRuntimeError as error:
        return "error", error.kind
    except abml.AbmlSyntaxError as error:
        return "refused", [str(diagnostic) for diagnostic in error.diagnostics]


def difference(text: str, seed: int) -> str | None:
    """A report when the two disagree, else None."""
    expected, actual = by_judge(text, seed), by_product(text, seed)
    if expected == actual or any(name in text.lower() for name in APPROXIMATE):
        return None
    return f"template: {text!r}\nseed: {seed}\njudge:   {expected}\nproduct: {actual}"
