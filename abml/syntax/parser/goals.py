"""Planning data: the `goals` section and the `goap` annotation of flows (language 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Span
from abml.syntax.ast import Document, Expr, Goal, Goap, GoapEntry, Literal
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence
from abml.syntax.goap import parse_condition, parse_condition_item, parse_effect, parse_effect_item
from abml.values import parse_number

from . import values
from .base import Fields, Parser, describe, is_blank, is_null, shown

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_GOAL_FIELDS = {"priority": "priority", "conditions": "conditions", "description": "description"}
_GOAP_FIELDS = {"preconditions": "preconditions", "effects": "effects", "cost": "cost"}

DEFAULT_PRIORITY = 50
DEFAULT_COST = 1.0


def goals(p: Parser, doc: Document, node: CstNode) -> None:
    """The `goals` section."""
    for name, key, value in p.section(node, "goals"):
        if not p.name(key, "goal"):
            continue
        if not isinstance(value, CstMapping):
            if is_null(value):
                doc.goals[name] = Goal(key.span, name, key.span, Literal(key.span, DEFAULT_PRIORITY), [])
            else:
                p.shape(value, name, "a mapping with 'priority' and 'conditions'")
            continue
        found = p.fields(p.entries(value), _GOAL_FIELDS, f"goal {name}")
        description = found.get("description")
        conditions = found.get("conditions")
        doc.goals[name] = Goal(
            key.span.to(value.span),
            name,
            key.span,
            _priority(p, found, key.span),
            [] if conditions is None else _conditions(p, conditions[1], "conditions", in_goal=True),
            description=None if description is None else p.text(description[1], "description"),
        )


def _priority(p: Parser, found: Fields, span: Span) -> Expr:
    """An integer or an expression; anything else is ABML607."""
    entry = found.get("priority")
    if entry is None or is_null(entry[1]):
        return Literal(span, DEFAULT_PRIORITY)
    node = entry[1]
    if isinstance(node, CstScalar):
        if isinstance(node.value, str) and "${" in node.text:
            return values.condition(p, node, "priority")
        number = parse_number(node.text.strip()) if isinstance(node.value, str) else node.value
        if isinstance(number, int) and not isinstance(number, bool):
            return Literal(node.span, number)
    p.report(607, node.span, value=shown(node))
    return Literal(node.span, DEFAULT_PRIORITY)


# ----------------------------------------------------------------- annotation


def goap(p: Parser, node: CstNode) -> Goap | None:
    """The `goap` mapping of a flow."""
    if isinstance(node, CstMapping):
        return goap_fields(p, node.span, p.fields(p.entries(node), _GOAP_FIELDS, "goap"))
    if is_null(node):
        return Goap(node.span, [], [], Literal(node.span, DEFAULT_COST))
    p.shape(node, "goap", "a mapping with 'preconditions', 'effects' and 'cost'")
    return None


def goap_fields(p: Parser, span: Span, found: Fields) -> Goap:
    """Planning data from its fields; other fields are not looked at."""
    preconditions = found.get("preconditions")
    effects = found.get("effects")
    return Goap(
        span,
        [] if preconditions is None else _conditions(p, preconditions[1], "preconditions", in_goal=False),
        [] if effects is None else _effects(p, effects[1]),
        _cost(p, found, span),
    )


def _cost(p: Parser, found: Fields, span: Span) -> Expr:
    entry = found.get("cost")
    if entry is None or is_null(entry[1]):
        return Literal(span, DEFAULT_COST)
    node = entry[1]
    if isinstance(node, CstScalar):
        if isinstance(node.value, str) and "${" in node.text:
            return values.condition(p, node, "cost")
        number = parse_number(node.text.strip()) if isinstance(node.value, str) else node.value
        if isinstance(number, (int, float)) and not isinstance(number, bool) and number >= 0:
            return Literal(node.span, number)
    p.report(603, node.span, value=shown(node))
    return Literal(node.span, DEFAULT_COST)


def _conditions(p: Parser, node: CstNode, field: str, *, in_goal: bool) -> list[GoapEntry]:
    """A mapping key -> condition, or a list of texts and one-key mappings (R7, R9)."""
    found: list[GoapEntry] = []
    depth = p.limits.max_expression_depth
    for key, value in _pairs(p, node, field):
        if isinstance(value, CstScalar):
            if key is None:
                entry = parse_condition_item(value.text, value, p.reporter, allow_expression=in_goal, max_depth=depth)
            else:
                entry = parse_condition(
                    value.text, value, p.reporter, key.text.strip(), allow_expression=in_goal, max_depth=depth
                )
            if entry is not None:
                found.append(entry)
        else:
            reason = f"expected a value, found {describe(value)}"
            p.report(601, value.span, key=field if key is None else key.text, reason=reason)
    return found


def _effects(p: Parser, node: CstNode) -> list[GoapEntry]:
    """A mapping key -> effect, or a list of texts and one-key mappings (R8, R9)."""
    found: list[GoapEntry] = []
    depth = p.limits.max_expression_depth
    for key, value in _pairs(p, node, "effects"):
        if isinstance(value, CstScalar):
            if key is None:
                entry = parse_effect_item(value.text, value, p.reporter, depth)
            else:
                entry = parse_effect(value.text, value, p.reporter, key.text.strip(), depth)
            if entry is not None:
                found.append(entry)
        else:
            reason = f"expected a value, found {describe(value)}"
            p.report(602, value.span, key="effects" if key is None else key.text, reason=reason)
    return found


def _pairs(p: Parser, node: CstNode, field: str) -> list[tuple[CstScalar | None, CstNode]]:
    """Keys with values; a text item of a list has no key."""
    if isinstance(node, CstMapping):
        return [(key, value) for _, key, value in p.entries(node)]
    if isinstance(node, CstScalar):
        if is_null(node):
            return []
        return [(None, node)]
    found: list[tuple[CstScalar | None, CstNode]] = []
    assert isinstance(node, CstSequence)
    for item in node.items:
        if isinstance(item, CstMapping):
            found.extend((key, value) for _, key, value in p.entries(item))
        elif isinstance(item, CstScalar):
            if not is_blank(item):
                found.append((None, item))
        else:
            p.shape(item, field, "a text or a mapping with one key")
    return found
