"""The whole document: top-level sections, in which order they are read, and what may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.environment import Limits, Manifest
from abml.source import Source
from abml.syntax.ast import Document
from abml.syntax.cst_nodes import CstMapping

from . import context, events, flows, functions, goals, metadata, values
from .base import Fields, Parser, describe, is_null

if TYPE_CHECKING:
    from abml.diagnostics import Reporter
    from abml.syntax.cst_nodes import CstNode

TOP_LEVEL = {
    "version": "version",
    "abml": "version",
    "metadata": "metadata",
    "meta": "metadata",
    "imports": "imports",
    "context": "context",
    "variables": "variables",
    "config": "config",
    "bindings": "bindings",
    "options": "options",
    "events": "events",
    "subscriptions": "subscriptions",
    "perception_filter": "perception_filter",
    "goals": "goals",
    "world_state": "world_state",
    "actions": "actions",
    "functions": "functions",
    "flow": "flow",
    "entry": "flow",
    "flows": "flows",
    "channels": "channels",
    "on_error": "on_error",
}

# Sections that hold something to run.
_RUNNABLE = ("flows", "channels", "goals", "actions", "options", "functions")

# Readers in the order the sections are read: `flows` before `actions`, so that
# a name in both is reported at the sugar.
_READERS = {
    "context": context.context,
    "variables": context.variables,
    "config": context.config,
    "bindings": context.bindings,
    "options": events.options,
    "events": events.events,
    "subscriptions": context.subscriptions,
    "perception_filter": events.perception_filter,
    "goals": goals.goals,
    "world_state": goals.world_state,
    "functions": functions.functions,
    "flows": flows.flows,
    "actions": flows.goap_actions,
    "channels": flows.channels,
}


def parse_document(
    source: Source,
    reporter: Reporter,
    *,
    limits: Limits | None = None,
    fragment: bool = False,
    manifest: Manifest | None = None,
    style: bool = False,
) -> Document | None:
    """Parse a document: YAML with spans, then the AST, all older spellings normalised.

    Never raises, whatever the text; everything wrong goes to the reporter, and
    the parse goes on as far as it can.

    Args:
        source: the text.
        reporter: gets the diagnostics of language 11.1 and 11.2, and those of
            later sections that the shape of the document alone decides.
        limits: sizes and depths; the defaults when None.
        fragment: the text may be a part of a document (language 0.5).
        manifest: its actions have the parameters it declares.
        style: report older spellings (ABML114).

    Returns:
        The document, also when errors were reported; None when there is nothing
        to make one of.
    """
    if limits is None:
        limits = Limits()
    p = Parser(reporter, limits, manifest, fragment=fragment, style=style)
    if fragment:
        from .fragments import parse_fragment

        return parse_fragment(p, source)
    from abml.syntax.cst import read

    root = read(source, reporter, limits)
    if root is None:
        return None
    if not isinstance(root, CstMapping):
        p.report(101, root.span, found="empty" if is_null(root) else describe(root))
        return None
    if not root.entries:
        p.report(101, root.span, found="empty")
        return None
    return document(p, source, root)


def document(p: Parser, source: Source, root: CstMapping) -> Document:
    """A document from its top-level mapping."""
    found: Fields = {}
    entries = p.entries(root)
    taken = {TOP_LEVEL.get(text) for text, _, _ in entries}
    for text, key, node in entries:
        canonical = TOP_LEVEL.get(text)
        if canonical is None:
            p.report(
                108,
                key.span,
                key=text,
                **p.near(key.span, text, TOP_LEVEL, taken),
            )
        elif canonical in found:
            p.given_twice(key, found[canonical][0])
        else:
            p.older_spelling(key, canonical)
            found[canonical] = (key, node)
    span = root.span
    doc = Document(
        span,
        source.path,
        metadata.version(p, found.get("version"), span),
        metadata.metadata(p, found.get("metadata"), span),
        ignored=p.ignored(root),
    )
    read_sections(p, doc, found)
    if not (doc.flows or doc.channels or doc.goals or doc.options or doc.functions) and not p.is_fragment:
        if not any(name in found and _has_content(found[name][1]) for name in _RUNNABLE):
            p.report(115, span)
    return doc


def read_sections(p: Parser, doc: Document, found: Fields) -> None:
    """Fill a document from its sections."""
    p.channels = _names(found, "channels")
    given = found.get("imports")
    if given is not None:
        doc.imports = metadata.imports(p, given[1])
    given = found.get("flow")
    if given is not None and not is_null(given[1]):
        doc.entry = values.flow_target(p, given[1], given[0].text)
    for name, reader in _READERS.items():
        given = found.get(name)
        if given is not None:
            reader(p, doc, given[1])
    given = found.get("on_error")
    if given is not None and not is_null(given[1]):
        if isinstance(given[1], CstMapping) or not hasattr(given[1], "text"):
            p.shape(given[1], "on_error", "the name of a flow")
        else:
            doc.on_error = values.flow_target(p, given[1], "on_error")


def _names(found: Fields, section: str) -> frozenset[str]:
    entry = found.get(section)
    if entry is None or not isinstance(entry[1], CstMapping):
        return frozenset()
    return frozenset(key.text for key, _ in entry[1].entries)


def _has_content(node: CstNode) -> bool:
    return isinstance(node, CstMapping) and bool(node.entries)
