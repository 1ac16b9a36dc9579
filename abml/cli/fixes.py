"""Applying the fixes of diagnostics to a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abml.cli.inputs import Input
    from abml.diagnostics import Diagnostic


def fixed(source: Input, diagnostics: Sequence[Diagnostic]) -> bytes:
    """The text with every fix that belongs to it; of two fixes that overlap, the first is applied."""
    try:
        decoded = source.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return source.data
    mark = source.data[: len(source.data) - len(decoded.encode())]
    text = Source(decoded, source.name)
    edits: list[tuple[int, int, str]] = []
    for diag in diagnostics:
        if diag.fix is None or diag.fix.span.path != source.name:
            continue
        span = diag.fix.span
        edit = (text.offset(span.line, span.column), text.offset(span.end_line, span.end_column), diag.fix.replacement)
        if all(edit[1] <= start or end <= edit[0] for start, end, _ in edits) and edit not in edits:
            edits.append(edit)
    for start, end, replacement in sorted(edits, reverse=True):
        decoded = decoded[:start] + replacement + decoded[end:]
    return mark + decoded.encode()
