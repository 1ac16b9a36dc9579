"""Diagnostics for other programs: JSON, SARIF 2.1.0, and annotations of GitHub workflows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from abml.source import Span

from .model import Diagnostic

_SARIF_LEVELS = {"error": "error", "warning": "warning"}
_GITHUB_KINDS = {"error": "error", "warning": "warning"}


def as_dict(diag: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain values; the keys are its attributes."""
    fix = diag.fix
    return {
        "code": diag.code,
        "severity": diag.severity,
        "message": diag.message,
        "span": _span(diag.span),
        "notes": [{"message": note.message, "span": _span(note.span)} for note in diag.notes],
        "help": diag.help,
        "fix": None if fix is None else {"span": _span(fix.span), "replacement": fix.replacement},
    }


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """A JSON list of `as_dict` objects."""
    return _json([as_dict(diag) for diag in diagnostics])


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Workflow commands, one a line, that put each diagnostic beside its line in a pull request."""
    return "".join(_github(diag) + "\n" for diag in diagnostics)


def render_sarif(diagnostics: Iterable[Diagnostic], *, version: str | None = None) -> str:
    """A log in the Static Analysis Results Interchange Format 2.1.0.

    Args:
        version: of the tool; None for that of the installed library.
    """
    if version is None:
        from abml import __version__ as version
    found = list(diagnostics)
    rules = sorted({diag.code for diag in found})
    driver = {"name": "abmlc", "version": version, "rules": [_rule(code) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diag, rules.index(diag.code)) for diag in found],
    }
    return _json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, Any]:
    from .pages import find

    # The director's codes and those of later versions have no page here.
    page = find(code)
    return {"id": code} if page is None else {"id": code, "name": page[8:-3]}


def _result(diag: Diagnostic, rule: int) -> dict[str, Any]:
    text = diag.message if diag.help is None else f"{diag.message} ({diag.help})"
    result: dict[str, Any] = {
        "ruleId": diag.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS.get(diag.severity, "note"),
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(diag.span)}],
    }
    related = [
        {"id": number, "physicalLocation": _location(note.span), "message": {"text": note.message}}
        for number, note in enumerate(diag.notes)
        if note.span is not None
    ]
    if related:
        result["relatedLocations"] = related
    if diag.fix is not None:
        replacement = {"deletedRegion": _region(diag.fix.span), "insertedContent": {"text": diag.fix.replacement}}
        change = {"artifactLocation": {"uri": _uri(diag.fix.span.path)}, "replacements": [replacement]}
        result["fixes"] = [{"artifactChanges": [change]}]
    return result


def _github(diag: Diagnostic) -> str:
    span = diag.span
    fields = [f"line={span.line}"]
    if span.end_line == span.line:
        # GitHub takes columns only for a range within one line.
        fields += [f"col={span.column}", f"endColumn={span.end_column}"]
    else:
        fields.append(f"endLine={span.end_line}")
    if span.path is not None:
        fields.insert(0, f"file={_escape(span.path, ',:')}")
    text = diag.message if diag.help is None else f"{diag.message}\n{diag.help}"
    kind = _GITHUB_KINDS.get(diag.severity, "notice")
    return f"::{kind} {','.join(fields)},title={diag.code}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def _location(span: Span) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(span.path)}, "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(path: str | None) -> str:
    from urllib.parse import quote

    return quote((path or "stdin").replace(os.sep, "/"))


def _span(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else dict(span._asdict())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
