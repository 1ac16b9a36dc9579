"""One generated document with channels, run by the product and by the judge."""

from __future__ import annotations

from typing import Any

import abml
from tests.differential.compare import plain, same_value
from tests.differential.document_cases import CERTAIN, INTENT, log_of, shown, visible
from tests.property.channels import channel_document, host_channels
from tests.property.documents import given, handlers
from tests.reference.reading import document as read
from tests.reference.run import run_document


def by_judge(text: str, seed: int) -> dict[str, Any]:
    tree = read(text)
    result = run_document(
        tree, scope=given(seed), handlers=handlers(), seed=seed, channels=host_channels(seed, list(tree.flows))
    )
    made = {
        "status": result.status,
        "results": result.channel_results,
        "error": _error(result.error),
        "failed_channel": result.failed_channel,
        "logs": [log_of(record) for record in result.logs],
        "effects": [[record["name"], record["params"], record["channel"]] for record in result.effects],
        "intents": [[record[key] for key in INTENT] for record in result.intents],
        "signals": [[record["name"], record["payload"], record["source"]] for record in result.signals],
        "scope": visible(result.scope),
    }
    return {key: plain(part) for key, part in made.items()}


def by_product(text: str, seed: int) -> dict[str, Any]:
    script = {
        name: (lambda action, context, perform=perform: perform(action.params)) for name, perform in handlers().items()
    }
    chosen = host_channels(seed, list(read(text).flows))
    try:
        result = abml.run(text, scope=given(seed), handlers=script, seed=seed, channels=chosen)
    except abml.CompileError as error:
        return {"refused": [str(diagnostic) for diagnostic in error.diagnostics if diagnostic.severity == "error"]}
    return {
        "status": result.status,
        "results": plain(result.channel_results) if result.status == "completed" else {},
        "error": _error(result.error),
        "failed_channel": result.failed_channel,
        "logs": [[record["level"], record["message"], plain(record["data"])] for record in result.logs],
        "effects": [[record["name"], plain(record["params"]), record["channel"]] for record in result.effects],
        "intents": [[plain(record[key]) for key in INTENT] for record in result.intents],
        "signals": [[record["name"], plain(record["payload"]), record["source"]] for record in result.signals],
        "scope": visible(plain(result.scope)),
    }


def _error(error: Any) -> dict[str, Any] | None:
    return None if error is None else {key: error.get(key) for key in ("kind", "flow", "action", "channel")}


def difference(seed: int) -> str | None:
    """A report when the two disagree about the document of a seed, else None."""
    text = channel_document(seed)
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
