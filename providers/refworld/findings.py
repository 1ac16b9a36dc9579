"""What can be wrong with the file of a world: codes, sentences, and the error that carries them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from abml.diagnostics import Diagnostic
from abml.errors import AbmlError
from abml.source import Source, Span


class Finding(NamedTuple):
    """One kind of mistake.

    Attributes:
        title: what it is, in a few words.
        message: template of the sentence.
        help: what to do about it.
    """

    title: str
    message: str
    help: str


FINDINGS: dict[str, Finding] = {
    "ABMLW101": Finding("wrong shape", "{where}: expected {expected}, found {found}", "write {expected} here"),
    "ABMLW102": Finding("unknown key", "{where} has no key '{key}'", "its keys are {known}"),
    "ABMLW103": Finding("missing key", "{where} needs '{key}'", "add '{key}: {example}'"),
    "ABMLW104": Finding("repeated key", "'{key}' stands in {where} twice", "keep one of the two"),
    "ABMLW105": Finding("malformed key", "'{key}' cannot name anything in {where}", "{rule}"),
    "ABMLW106": Finding("value not allowed", "{where}: {found} is not allowed", "{rule}"),
    "ABMLW107": Finding("malformed moment", "{where}: {reason}", "write a day of the calendar: '{example}'"),
    "ABMLW201": Finding("unknown reference", "{where}: there is no {kind} '{key}'", "{hint}"),
    "ABMLW202": Finding("contradiction", "{where}: {reason}", "{hint}"),
    "ABMLW203": Finding("identifier used twice", "{where}: {other} has the id {id} too", "leave one of the ids out"),
    "ABMLW301": Finding("too large", "{where}: {count} entries, and {limit} are allowed", "split the world"),
}


class WorldError(AbmlError):
    """A world that cannot be loaded; nothing of it was.

    Attributes:
        diagnostics: everything that is wrong, in the order of the text.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics: list[Diagnostic] = list(diagnostics)

    def __str__(self) -> str:
        return "\n".join(str(diag) for diag in self.diagnostics)


def finding(code: str, source: Source, span: Span, **fields: str) -> Diagnostic:
    """A diagnostic of `FINDINGS` at a place of a source."""
    _, message, hint = FINDINGS[code]
    return Diagnostic(
        code,
        "error",
        message.format_map(fields),
        span,
        help=hint.format_map(fields),
        source_line=source.line(span.line),
    )
