"""Applying the fixes of diagnostics to a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from abml.cli.inputs import Input
    from abml.diagnostics import Diagnostic


# Each round mends at least one finding; more rounds than this mend nothing that the author would recognize.
_MOST_ROUNDS = 50


def mend(
    source: Input, found: Sequence[Diagnostic], check: Callable[[bytes], list[Diagnostic]]
) -> tuple[Input, list[Diagnostic]]:
    """Apply fixes until none is left, and give the document with its last diagnostics.

    Fixes that overlap are applied in turn, and a fix may uncover what it hid, so
    the document is checked after every round. A text that comes back ends it.
    """
    seen = {source.data}
    left = list(found)
    for _ in range(_MOST_ROUNDS):
        data = fixed(source, left)
        if data in seen:
            break
        seen.add(data)
        source = source._replace(data=data)
        left = check(data)
    return source, left


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
