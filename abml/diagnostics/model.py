"""What a stage says about a source: `Diagnostic`, `Note`, `Fix`, and the `Reporter` that collects them."""

from __future__ import annotations

from typing import Any, NamedTuple

from abml.source import Source, Span

from ._catalogue import CATALOGUE

# Named tuples, not dataclasses: `abmlc check` must start within a few
# milliseconds, and `dataclasses` alone costs as much as the rest of this package.


class Note(NamedTuple):
    """A remark beside a diagnostic, with the place it speaks of when there is one."""

    message: str
    span: Span | None = None


class Fix(NamedTuple):
    """A text edit that mends the diagnostic: put `replacement` in place of `span`."""

    span: Span
    replacement: str


class Diagnostic(NamedTuple):
    """One finding about a source.

    Attributes:
        code: `ABML` and three digits, as in the language reference, section 11.
        severity: "error", "warning" or "info".
        message: one sentence that names the thing.
        span: where; lines and columns 1-based, in code points.
        notes: further remarks, in reading order.
        help: what to do about it, or None.
        fix: a text edit that mends it, or None.
        source_line: the text of the line the span starts in, for carets.
    """

    code: str
    severity: str
    message: str
    span: Span
    notes: tuple[Note, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    source_line: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether a document with this finding does not compile."""
        return self.severity == "error"

    def __str__(self) -> str:
        # Imported late: most runs never print one.
        from .render_text import render_diagnostic

        return render_diagnostic(self)


class _Fields(dict[str, Any]):
    """Template fields; one the caller left out shows as `…` instead of failing."""

    def __missing__(self, key: str) -> str:
        return "…"


class _MissingField(Exception):
    """A help template names a field that the caller did not give."""


class _Required(dict[str, Any]):
    """Template fields, all of which must be there and not None."""

    def __missing__(self, key: str) -> str:
        raise _MissingField(key)


def _help_text(template: str | None, fields: dict[str, Any]) -> str | None:
    """The formatted help; None when a field it names is missing or None."""
    if template is None:
        return None
    given = _Required((key, value) for key, value in fields.items() if value is not None)
    try:
        return template.format_map(given)
    except _MissingField:
        return None


def position_key(diag: Diagnostic) -> tuple[str, int, int, str, int, int]:
    """Sort key: path, start, code, end."""
    span = diag.span
    return (span.path or "", span.line, span.column, diag.code, span.end_line, span.end_column)


class Reporter:
    """Collects the diagnostics of one source.

    Not shared between threads. Stages report and go on; only the public API
    turns errors into exceptions.

    Attributes:
        source: gives the source lines for carets; None when there is no text.
        strict: makes errors of the warnings marked strict in the catalogue.
        diagnostics: in the order they were reported.
    """

    __slots__ = ("diagnostics", "source", "strict")

    def __init__(self, source: Source | None = None, *, strict: bool = False) -> None:
        self.source = source
        self.strict = strict
        self.diagnostics: list[Diagnostic] = []

    def report(
        self,
        code: int,
        span: Span,
        *,
        severity: str | None = None,
        notes: tuple[Note, ...] = (),
        fix: Fix | None = None,
        **fields: Any,
    ) -> Diagnostic:
        """Add a diagnostic of the catalogue.

        Args:
            code: the number, for example 201.
            span: where.
            severity: in place of the catalogue's (and of strict mode).
            notes, fix: as in `Diagnostic`.
            fields: what the message and help templates name. `text` replaces the
                message by a full sentence, `hint` the help, for a call site that
                knows better. The help is dropped when a field it names is missing
                or None.

        Returns:
            The diagnostic that was added.

        Raises:
            KeyError: the catalogue has no such code.
        """
        default, becomes_error, message, help_template = CATALOGUE[code]
        if severity is None:
            severity = "error" if becomes_error and self.strict else default
        text = fields.get("text")
        if text is None:
            text = message.format_map(_Fields(fields))
        hint = fields.get("hint")
        if hint is None:
            hint = _help_text(help_template, fields)
        source = self.source
        line = source.line(span.line) if source is not None and source.path == span.path else None
        diag = Diagnostic(f"ABML{code}", severity, text, span, notes, hint, fix, line)
        self.diagnostics.append(diag)
        return diag

    @property
    def has_errors(self) -> bool:
        """Whether any diagnostic is an error."""
        return any(diag.severity == "error" for diag in self.diagnostics)

    def sorted(self) -> list[Diagnostic]:
        """The diagnostics by position, then code."""
        return sorted(self.diagnostics, key=position_key)
