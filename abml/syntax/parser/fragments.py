"""Fragments (language 0.5): a text that is only a part of a document.

What is found becomes a document all the same: actions and an expression stand
in a flow `main`, so that every later stage sees the shape it knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.actions import is_builtin
from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax.ast import Action, ActionList, Document, Flow, Metadata, Return
from abml.syntax.cst import read
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

from . import values
from .base import Entries, Parser
from .document import TOP_LEVEL, document, read_sections
from .flows import FLOW_FIELDS, add_flow, flow_of
from .items import MODIFIERS, action_list, arm
from .metadata import METADATA_FIELDS, metadata_fields

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_MAIN = "main"
# Sections whose value may not be a scalar, so a scalar there is something else.
_LISTS = frozenset(("imports", "events", "subscriptions", "perception_filter"))
_NAMES = frozenset(("version", "flow", "on_error"))


def parse_fragment(p: Parser, source: Source) -> Document | None:
    """Parse any part of a document; None when YAML cannot read it."""
    nodes = _read(p, source)
    if nodes is None:
        return None
    doc: Document | None = None
    actions: list[Action] = []
    span = nodes[0].span.to(nodes[-1].span)
    for node in nodes:
        if isinstance(node, CstMapping) and ("version" in _keys(node) or "metadata" in _keys(node)) and doc is None:
            doc = document(p, source, node)
            continue
        if doc is None:
            doc = Document(span, source.path, "3.0", Metadata(span, ""))
        _node(p, doc, node, actions)
    assert doc is not None
    if actions:
        main = doc.flows.get(_MAIN)
        if main is None:
            place = actions[0].name_span
            doc.flows[_MAIN] = Flow(span, _MAIN, place, ActionList(span, actions))
        else:
            main.actions.items.extend(actions)
    return doc


def _keys(node: CstMapping) -> set[str]:
    return {key.text for key, _ in node.entries}


# ------------------------------------------------------------------- reading


def _read(p: Parser, source: Source) -> list[CstNode] | None:
    """The roots of the text: one, or several where a list meets a mapping."""
    attempt = Reporter(source, strict=p.reporter.strict)
    root = read(source, attempt, p.limits)
    if root is not None:
        p.reporter.diagnostics.extend(attempt.diagnostics)
        return [root]
    parts = _split(source)
    if len(parts) > 1:
        found: list[CstNode] = []
        second = Reporter(source, strict=p.reporter.strict)
        for part in parts:
            node = read(part, second, p.limits)
            if node is None:
                break
            found.append(node)
        else:
            p.reporter.diagnostics.extend(second.diagnostics)
            return found
    p.reporter.diagnostics.extend(attempt.diagnostics)
    return None


def _split(source: Source) -> list[Source]:
    """Cut where a list and a mapping meet at the outermost indentation.

    Every part keeps the lines before it as empty ones, so that positions hold.
    """
    lines = source.text.splitlines(keepends=True)
    outer: int | None = None
    cuts: list[int] = []
    was_list: bool | None = None
    for number, line in enumerate(lines):
        body = line.strip()
        if not body or body.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        if outer is None:
            outer = indent
        if indent > outer:
            continue
        is_list = body == "-" or body.startswith("- ")
        if was_list is not None and is_list != was_list:
            cuts.append(number)
        was_list = is_list
    parts: list[Source] = []
    begin = 0
    for cut in [*cuts, len(lines)]:
        parts.append(Source("\n" * begin + "".join(lines[begin:cut]), source.path))
        begin = cut
    return parts


# ---------------------------------------------------------------- classifying


def _node(p: Parser, doc: Document, node: CstNode, actions: list[Action]) -> None:
    """Put one root of the fragment where it belongs."""
    if isinstance(node, CstSequence):
        actions.extend(action_list(p, node).items)
    elif isinstance(node, CstScalar):
        _expression(p, node, actions)
    elif _is_one_action(node):
        actions.extend(arm(p, node).items)
    else:
        _entries(p, doc, node, actions)


def _expression(p: Parser, node: CstScalar, actions: list[Action]) -> None:
    """A scalar: a word that is a built-in action, else one expression."""
    if node.value is None:
        return
    word = node.text.strip()
    if is_builtin(word):
        actions.extend(action_list(p, node).items)
        return
    value = values.condition(p, node)
    actions.append(Return(span=node.span, name="return", name_span=node.span, value=value))


def _is_one_action(node: CstMapping) -> bool:
    """One action key with at least one modifier beside it."""
    keys = [key.text for key, _ in node.entries if not key.text.startswith("x-")]
    mains = [text for text in keys if text not in MODIFIERS]
    if len(mains) != 1 or len(keys) < 2 or len(set(keys)) != len(keys):
        return False
    main = mains[0]
    return is_builtin(main) or (main not in TOP_LEVEL and main not in METADATA_FIELDS)


def _entries(p: Parser, doc: Document, node: CstMapping, actions: list[Action]) -> None:
    """The entries of a mapping one by one; keys may repeat."""
    meta: Entries = []
    for key, value in node.entries:
        text = key.text
        if text.startswith("x-"):
            continue
        if text in TOP_LEVEL and _fits_section(TOP_LEVEL[text], value):
            read_sections(p, doc, {TOP_LEVEL[text]: (key, value)})
        elif text in METADATA_FIELDS and not is_builtin(text):
            meta.append((text, key, value))
        elif text in ("actions", "steps", "do", "then", "else") and isinstance(value, CstSequence):
            actions.extend(action_list(p, value).items)
        elif _is_flow(p, text, value):
            flow = flow_of(p, text, key, value)
            if flow is not None:
                add_flow(p, doc, flow)
        else:
            actions.extend(arm(p, node.with_entries([(key, value)])).items)
    if meta:
        span = meta[0][1].span.to(meta[-1][2].span)
        doc.metadata = metadata_fields(p, span, meta[0][1].span, _last_of_each(meta))


def _last_of_each(entries: Entries) -> Entries:
    """Repeated keys are fine in a fragment; the last value counts."""
    return list({text: (text, key, value) for text, key, value in entries}.values())


def _fits_section(section: str, value: CstNode) -> bool:
    """True unless the value can only be something else of that name (an action body, a field)."""
    if section in _NAMES:
        return isinstance(value, CstScalar)
    if section in _LISTS:
        return not isinstance(value, CstMapping)
    return not isinstance(value, CstSequence)


def _is_flow(p: Parser, text: str, value: CstNode) -> bool:
    """A flow: a list, or a mapping with the parts of one, under a name that is no known action."""
    if is_builtin(text) or p.action_spec(text) is not None:
        return False
    if isinstance(value, CstSequence):
        return True
    return isinstance(value, CstMapping) and any(
        key.text in FLOW_FIELDS and not is_builtin(key.text) and key.text not in ("description", "tags", "params")
        for key, _ in value.entries
    )
