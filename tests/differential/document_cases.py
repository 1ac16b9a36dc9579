"""One generated document, run by the product and by the judge."""

from __future__ import annotations

import pprint
from typing import Any

import abml
from tests.differential.compare import Anything, plain, same_value
from tests.property.documents import document, given, handlers
from tests.reference.reading import document as read
from tests.reference.run import run_document


def by_judge(text: str, seed: int) -> dict[str, Any]:
    result = run_document(read(text), scope=given(seed), handlers=handlers(), seed=seed)
    error = result.error
    return {
        "status": result.status,
        "value": result.value,
        "error": None if error is None else {key: error.get(key) for key in ("kind", "flow", "action")},
        "message": error["message"] if error is not None and error["kind"] == "action_failed" else None,
        "logs": [log_of(record) for record in result.logs],
        "effects": [[record["name"], record["params"]] for record in result.effects],
        "intents": [[record[key] for key in INTENT] for record in result.intents],
        "signals": [[record["name"], record["payload"]] for record in result.signals],
        "scope": visible(result.scope),
    }


# Faults the checker proves: such a document never runs.
CERTAIN = ("ABML205", "ABML301", "ABML302", "ABML308")
INTENT = ("channel", "action", "urgency", "target", "position", "data", "flow")


def by_product(text: str, seed: int) -> dict[str, Any]:
    script = {
        name: (lambda action, context, perform=perform: perform(action.params)) for name, perform in handlers().items()
    }
    try:
        result = abml.run(text, scope=given(seed), handlers=script, seed=seed)
    except abml.CompileError as error:
        return {"refused": [str(diagnostic) for diagnostic in error.diagnostics if diagnostic.severity == "error"]}
    raised = result.error
    return {
        "status": result.status,
        "value": plain(result.value),
        "error": None if raised is None else {key: raised.get(key) for key in ("kind", "flow", "action")},
        "message": raised["message"] if raised is not None and raised["kind"] == "action_failed" else None,
        "logs": [[record["level"], record["message"], plain(record["data"])] for record in result.logs],
        "effects": [[record["name"], plain(record["params"])] for record in result.effects],
        "intents": [[plain(record[key]) for key in INTENT] for record in result.intents],
        "signals": [[record["name"], plain(record["payload"])] for record in result.signals],
        "scope": visible(plain(result.scope)),
    }


def log_of(record: dict[str, Any]) -> list[Any]:
    """A log record; what a warning of the runtime says is free."""
    return [record["level"], Anything() if "warning" in record else record["message"], record["data"]]


def visible(scope: dict[str, Any]) -> dict[str, Any]:
    """Variables of the document; names of the runtime aside, in one order."""
    return {name: scope[name] for name in sorted(scope) if not name.startswith("_")}


def difference(seed: int) -> str | None:
    """A report when the two disagree about the document of a seed, else None."""
    text = document(seed, with_parallel=seed % 3 == 0)
    expected, actual = by_judge(text, seed), by_product(text, seed)
    if "refused" in actual:
        if all(any(code in line for code in CERTAIN) for line in actual["refused"]):
            return None
        return f"seed: {seed}\nproduct refuses the document:\n" + "\n".join(actual["refused"]) + f"\n{text}"
    parts = [key for key in expected if not same_value(expected[key], actual[key])]
    if not parts:
        return None
    told = "\n".join(f"--- {key}\njudge:   {shown(expected[key])}\nproduct: {shown(actual[key])}" for key in parts)
    return f"seed: {seed}\ngiven: {given(seed)}\n{text}\n{told}"


def shown(value: Any) -> str:
    return pprint.pformat(value, width=110)
