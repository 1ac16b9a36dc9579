"""Inspection: what every check works with, and the one way to report."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from typing import Any

from abml.compiler.model import Model
from abml.diagnostics import Diagnostic, Fix, Note, Reporter, position_key
from abml.environment import Environment
from abml.loader import DocumentSet
from abml.source import Source, Span
from abml.suggest import nearest

from .facts import Facts

_MAX_COMPARED = 100_000


class Inspection:
    """One check of one document set.

    Attributes:
        path_types: identity of an expression that reads a resource template -> registered type text.
        fragment: checks that need the surroundings of the text are off (language 0.5).
        strict: a strict manifest or environment; marked warnings are errors.
    """

    __slots__ = (
        "compared",
        "docset",
        "environment",
        "errors",
        "facts",
        "fragment",
        "model",
        "once",
        "parsed",
        "path_types",
        "reporter",
        "sources",
        "strict",
    )

    def __init__(
        self, docset: DocumentSet, environment: Environment, reporter: Reporter, model: Model, facts: Facts
    ) -> None:
        self.docset = docset
        self.environment = environment
        self.reporter = reporter
        self.model = model
        self.facts = facts
        self.fragment = docset.fragment
        manifest = environment.manifest
        self.strict = environment.is_strict or (manifest is not None and manifest.is_strict)
        # A strict manifest is as good as strict mode.
        reporter.strict = self.strict
        self.sources: dict[str | None, Source] = {doc.path: doc.source for doc in docset.documents}
        # What the parser said is complete before the first check.
        self.parsed = len(reporter.diagnostics)
        self.errors: dict[str | None, list[tuple[int, int]]] | None = None
        self.compared = 0
        self.once: set[tuple[Any, ...]] = set()
        self.path_types: dict[int, str] = {}

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
        """Report in the document that the span lies in; fields as in `Reporter.report`."""
        reporter = self.reporter
        reporter.source = self.sources.get(span.path)
        return reporter.report(code, span, severity=severity, notes=notes, fix=fix, **fields)

    def nearest(self, name: str, candidates: Collection[str]) -> str | None:
        """The known name an author most likely meant.

        None once many names have been compared: when a whole list of names is
        missing, comparing each with each would take longer than all else.
        """
        return nearest(name, candidates) if self.may_compare(len(candidates)) else None

    def may_compare(self, count: int) -> bool:
        """Whether a name may be compared with so many others; counts them."""
        self.compared += count
        return self.compared <= _MAX_COMPARED

    def near(self, span: Span, name: str, candidates: Collection[str]) -> dict[str, Any]:
        """The fields `nearest` and `fix` of a report on a name that is none of the known ones."""
        found = self.nearest(name, candidates)
        if found is None:
            return {"nearest": None}
        from abml.renaming import renaming

        return {"nearest": found, "fix": renaming(self.sources.get(span.path), span, name, found, candidates)}

    def first(self, *key: Any) -> bool:
        """True the first time a key is seen; for findings that are reported once."""
        if key in self.once:
            return False
        self.once.add(key)
        return True

    def has_error(self, span: Span) -> bool:
        """Whether the parser reported an error inside a span, which may be all there is to say of it."""
        if self.errors is None:
            self.errors = {}
            for diag in sorted(self.reporter.diagnostics[: self.parsed], key=position_key):
                if diag.is_error:
                    self.errors.setdefault(diag.span.path, []).append((diag.span.line, diag.span.column))
        found = self.errors.get(span.path, [])
        at = bisect_left(found, (span.line, span.column))
        return at < len(found) and found[at] <= (span.end_line, span.end_column)

    def source_text(self, span: Span) -> str:
        """The text of a span that lies in one line; empty when its source is unknown."""
        source = self.sources.get(span.path)
        if source is None or span.line != span.end_line:
            return ""
        return source.line(span.line)[span.column - 1 : span.end_column - 1]
