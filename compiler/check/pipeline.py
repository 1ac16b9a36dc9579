"""The ordered checks of a program, and what happens to their diagnostics afterwards."""

from __future__ import annotations

from collections.abc import Callable

from abml.compiler.model import Model
from abml.diagnostics import Diagnostic, Reporter, position_key
from abml.environment import Environment
from abml.loader import DocumentSet
from abml.source import Span

from . import actions, channels, defaults, flows, functions, goals, policy, scopes, templates, values
from .gather import gather
from .inspection import Inspection
from .symbols import build_model, complete_model

#: In the order of language 11, but for templates: names, templates, types, security, GOAP, channels, quality.
CHECKS: tuple[Callable[[Inspection], None], ...] = (
    policy.check_literals,
    policy.check_hyphens,
    policy.check_duplicates,
    flows.check_references,
    flows.check_entry,
    flows.check_unused,
    flows.check_lists,
    flows.check_points,
    flows.check_call_cycles,
    flows.check_dropped_callers,
    scopes.check_undefined,
    scopes.check_self_data,
    scopes.check_foreign,
    scopes.check_targets,
    scopes.check_cycles,
    scopes.check_lost,
    scopes.check_result_reads,
    functions.check_calls,
    # The types of what is read from templates come from here.
    templates.check_metadata,
    templates.check_uses,
    defaults.check_declarations,
    values.check_values,
    values.check_nulls,
    actions.check_actions,
    actions.check_intents,
    goals.check_goals,
    goals.check_flows,
    channels.check_names,
    channels.check_signals,
    channels.check_mutual_waits,
    channels.check_barriers,
    channels.check_branches,
    channels.check_shared_writes,
    functions.check_determinism,
    policy.check_limits,
    flows.check_goto_cycles,
)

# Errors that say that a name leads nowhere; a lenient program finds out when it runs.
_LENIENT = frozenset((201, 202, 204, 215, 217, 220, 226, 230))


def check(
    docset: DocumentSet,
    environment: Environment,
    reporter: Reporter,
    *,
    lenient: bool | None = None,
    style: bool = False,
) -> Model:
    """Check a document set and resolve its names.

    Everything that applies is reported; nothing stops at the first error. The
    diagnostics of the reporter are sorted by position, then code, and those
    that the documents silence are removed, the parser's included.

    Args:
        lenient: unresolved names are warnings; by default what the environment says.
        style: what the compiler does with a document beyond its text is told too (ABML415).

    Returns:
        The model, also when there are errors.
    """
    model = build_model(docset)
    facts = gather(model, environment)
    complete_model(model, facts)
    if environment.manifest is not None:
        model.external_signals = environment.manifest.external_signals
        model.manifest = environment.manifest
    ins = Inspection(docset, environment, reporter, model, facts)
    for run in CHECKS:
        run(ins)
    if style:
        templates.check_loops(ins)
    if lenient if lenient is not None else environment.is_lenient:
        reporter.diagnostics[:] = [_softened(diag) for diag in reporter.diagnostics]
    _report_imports(ins)
    _finish(ins)
    return model


def _number(diag: Diagnostic) -> int:
    return int(diag.code[4:]) if diag.code[4:].isdigit() else 0


def _softened(diag: Diagnostic) -> Diagnostic:
    if diag.is_error and _number(diag) in _LENIENT:
        return diag._replace(severity="warning")
    return diag


def _report_imports(ins: Inspection) -> None:
    """ABML225 at the imports of documents in which the checks found errors, and nowhere else."""
    reporter = ins.reporter
    # Imported documents stand behind their importers in load order, so an error climbs in one sweep back.
    for loaded in reversed(ins.docset.documents):
        for alias, index in loaded.aliases.items():
            entry = loaded.imports[alias]
            span = entry.file_span or entry.span
            path = ins.docset.documents[index].path
            if path == loaded.path:
                continue
            errors = sum(diag.is_error and diag.span.path == path for diag in reporter.diagnostics)
            # What the loader said of this import may be out of date: counts grow, lenient errors go.
            reporter.diagnostics[:] = [d for d in reporter.diagnostics if d.code != "ABML225" or d.span != span]
            if errors:
                count = "an error" if errors == 1 else f"{errors} errors"
                ins.report(225, span, file=entry.file, count=count)


def _finish(ins: Inspection) -> None:
    """Remove what is silenced (language 11.7), and what was said twice; sort the rest."""
    silent: dict[str | None, frozenset[int]] = {}
    parts: dict[str | None, list[tuple[Span, frozenset[int]]]] = {}
    for loaded in ins.docset.documents:
        silent[loaded.path] = loaded.document.ignored
        parts[loaded.path] = [(flow.span, flow.ignored) for flow in loaded.document.flows.values() if flow.ignored]
    kept: list[Diagnostic] = []
    seen: set[tuple[str, Span, str]] = set()
    for diag in sorted(ins.reporter.diagnostics, key=position_key):
        number, path = _number(diag), diag.span.path
        if not diag.is_error and not 500 <= number < 600:
            if number in silent.get(path, ()):
                continue
            if any(number in codes and _inside(diag.span, span) for span, codes in parts.get(path, ())):
                continue
        key = (diag.code, diag.span, diag.message)
        if key not in seen:
            seen.add(key)
            kept.append(diag)
    ins.reporter.diagnostics[:] = kept


def _inside(span: Span, outer: Span) -> bool:
    return (outer.line, outer.column) <= (span.line, span.column) <= (outer.end_line, outer.end_column)
