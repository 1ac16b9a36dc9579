"""How the tests of limits run and check documents."""

from __future__ import annotations

from typing import Any

import abml

HEAD = "version: '3.0'\nmetadata: {id: lamp}\n"


def outcome(text: str, **given: Any) -> str:
    """`completed`, or the kind of the error of a run."""
    result = abml.run(HEAD + text, **given)
    return result.status if result.error is None else str(result.error.kind)


def action(text: str, **given: Any) -> str:
    """The outcome of one action."""
    return outcome(f"flows: {{main: [ {text} ]}}", **given)


def value(expression: str, **given: Any) -> str:
    """The outcome of an expression."""
    quoted = expression.replace("'", "''")
    return action(f"{{set: {{x: '${{{quoted}}}'}}}}", **given)


def codes(text: str, limits: dict[str, Any], **given: Any) -> set[str]:
    """The codes of the errors with which a document does not compile."""
    try:
        abml.compile(HEAD + text, limits=limits, **given)
    except abml.CompileError as error:
        return {diag.code for diag in error.diagnostics if diag.severity == "error"}
    return set()
