"""What commands print: colors, and diagnostics as text, JSON, SARIF or GitHub annotations."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import abml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abml.diagnostics import Diagnostic


def has_color(stream: Any = None) -> bool:
    """Colors only for a terminal, and never with NO_COLOR (https://no-color.org) or a dumb terminal."""
    stream = sys.stdout if stream is None else stream
    return (
        not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and bool(getattr(stream, "isatty", lambda: False)())
    )


def style(text: str, color: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
    """The text in a color when standard output takes colors, else the text."""
    if not has_color():
        return text
    import click

    return click.style(text, fg=color, bold=bold or None, dim=dim or None)


def write(text: str) -> None:
    """Print one or more lines; characters the terminal lacks come out as `?` instead of an error."""
    try:
        sys.stdout.write(text + "\n")
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def show(diagnostics: Sequence[Diagnostic], form: str = "text") -> None:
    """Print diagnostics in one of `abml.cli.checking.FORMATS`."""
    if form == "json":
        _json([as_dict(d) for d in diagnostics])
    elif form == "sarif":
        _json(sarif(diagnostics))
    elif form == "github":
        for diag in diagnostics:
            write(github(diag))
    elif diagnostics:
        from abml.diagnostics.render_text import render_diagnostic

        color = has_color()
        for diag in diagnostics:
            write(render_diagnostic(diag, color=color))


def summary(diagnostics: Sequence[Diagnostic], files: int) -> None:
    """One closing line on standard error, so that standard output holds nothing but findings."""
    counts = [
        _counted(sum(d.severity == "error" for d in diagnostics), "error"),
        _counted(sum(d.severity == "warning" for d in diagnostics), "warning"),
    ]
    sys.stderr.write(f"{', '.join(counts)} in {_counted(files, 'file')}\n")


def as_dict(diag: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain values; the keys are its attributes."""
    return {
        "code": diag.code,
        "severity": diag.severity,
        "message": diag.message,
        "span": _span(diag.span),
        "notes": [{"message": note.message, "span": _span(note.span)} for note in diag.notes],
        "help": diag.help,
        "fix": None if diag.fix is None else {"span": _span(diag.fix.span), "replacement": diag.fix.replacement},
    }


def github(diag: Diagnostic) -> str:
    """A workflow command that puts the diagnostic beside its line in a pull request."""
    kind = {"error": "error", "warning": "warning"}.get(diag.severity, "notice")
    span = diag.span
    fields = [f"line={span.line}", f"endLine={span.end_line}", f"col={span.column}", f"endColumn={span.end_column}"]
    if span.path is not None:
        fields.insert(0, f"file={_escape(span.path, ',:')}")
    text = diag.message if diag.help is None else f"{diag.message}\n{diag.help}"
    return f"::{kind} {','.join(fields)},title={diag.code}::{_escape(text)}"


def sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """A log in the Static Analysis Results Interchange Format, version 2.1.0."""
    codes = sorted({d.code for d in diagnostics})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "abmlc",
                        "version": abml.__version__,
                        "rules": [{"id": code} for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(d, codes.index(d.code)) for d in diagnostics],
            }
        ],
    }


def _result(diag: Diagnostic, rule: int) -> dict[str, Any]:
    level = {"error": "error", "warning": "warning"}.get(diag.severity, "note")
    text = diag.message if diag.help is None else f"{diag.message} ({diag.help})"
    result: dict[str, Any] = {
        "ruleId": diag.code,
        "ruleIndex": rule,
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(diag.span)}],
    }
    related = [
        {"id": i, "physicalLocation": _location(note.span), "message": {"text": note.message}}
        for i, note in enumerate(diag.notes)
        if note.span is not None
    ]
    if related:
        result["relatedLocations"] = related
    if diag.fix is not None:
        result["fixes"] = [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": _uri(diag.fix.span.path)},
                        "replacements": [
                            {
                                "deletedRegion": _region(diag.fix.span),
                                "insertedContent": {"text": diag.fix.replacement},
                            }
                        ],
                    }
                ]
            }
        ]
    return result


def _location(span: Any) -> dict[str, Any]:
    return {"artifactLocation": {"uri": _uri(span.path)}, "region": _region(span)}


def _region(span: Any) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(path: str | None) -> str:
    from urllib.parse import quote

    return quote((path or "stdin").replace(os.sep, "/"))


def _span(span: Any) -> dict[str, Any] | None:
    return None if span is None else dict(span._asdict())


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _escape(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def _json(value: Any) -> None:
    import json

    write(json.dumps(value, ensure_ascii=False, indent=2))
