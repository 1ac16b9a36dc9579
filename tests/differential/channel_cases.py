"""One program with channels, run by the product and by the judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import abml
from abml.resolver import MappingResolver
from tests.differential.compare import plain, same_value
from tests.differential.document_cases import CERTAIN, INTENT, log_of, shown, visible
from tests.property.channels import channel_document, host_channels
from tests.property.documents import given, handlers
from tests.reference.reading import document as read
from tests.reference.run import run_document


def by_judge(text: str, files: Mapping[str, str], options: dict[str, Any]) -> dict[str, Any]:
    documents = {path: read(file) for path, file in files.items()}
    result = run_document(read(text), handlers=handlers(), documents=documents, **options)
    made = _outcome(result)
    made["logs"] = [log_of(record) for record in result.logs]
    return {key: plain(part) for key, part in made.items()}


def by_product(text: str, files: Mapping[str, str], options: dict[str, Any]) -> dict[str, Any]:
    script = {
        name: (lambda action, context, perform=perform: perform(action.params)) for name, perform in handlers().items()
    }
    try:
        result = abml.run(text, handlers=script, path="main.abml.yml", resolver=MappingResolver(dict(files)), **options)
    except abml.CompileError as error:
        return {"refused": [str(diagnostic) for diagnostic in error.diagnostics if diagnostic.severity == "error"]}
    made = _outcome(result)
    made["logs"] = [[record["level"], record["message"], record["data"]] for record in result.logs]
    return {key: plain(part) for key, part in made.items()}


def _outcome(result: Any) -> dict[str, Any]:
    error = result.error
    return {
        "status": result.status,
        "value": result.value,
        # What finished before the end of a failed run is not compared.
        "results": result.channel_results if result.status == "completed" else {},
        "error": None if error is None else {key: error.get(key) for key in ("kind", "flow", "action", "channel")},
        "failed_channel": result.failed_channel,
        "logs": None,
        "effects": [[record["name"], record["params"], record["channel"]] for record in result.effects],
        "intents": [[record[key] for key in INTENT] for record in result.intents],
        "signals": [[record["name"], record["payload"], record["source"]] for record in result.signals],
        "scope": visible(result.scope),
    }


def compared(text: str, files: Mapping[str, str] | None = None, **options: Any) -> str | None:
    """A report when the two disagree about a program, else None."""
    files = files or {}
    expected, actual = by_judge(text, files, options), by_product(text, files, options)
    told = "\n".join(f"# {path}\n{file}" for path, file in files.items()) + f"# main\n{text}"
    if "refused" in actual:
        # An imported document with such a fault is an error of the one that imports it, too.
        if all(any(code in line for code in (*CERTAIN, "ABML225")) for line in actual["refused"]):
            return None
        return "product refuses the document:\n" + "\n".join(actual["refused"]) + f"\n{told}"
    parts = [key for key in expected if not same_value(expected[key], actual[key])]
    if not parts:
        return None
    rows = "\n".join(f"--- {key}\njudge:   {shown(expected[key])}\nproduct: {shown(actual[key])}" for key in parts)
    return f"{options}\n{told}\n{rows}"


def difference(seed: int) -> str | None:
    """A report when the two disagree about the document of a seed, else None."""
    text = channel_document(seed)
    chosen = host_channels(seed, list(read(text).flows))
    found = compared(text, seed=seed, scope=given(seed), channels=chosen)
    return None if found is None else f"seed: {seed}\n{found}"
