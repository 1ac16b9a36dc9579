"""Planning data: `goals`, `world_state` and the `goap` annotation of flows (language 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Span
from abml.syntax.ast import CostModifier, Document, Expr, Goal, Goap, GoapEntry, Literal, WorldFact
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence
from abml.syntax.goap import parse_condition, parse_condition_item, parse_effect, parse_effect_item
from abml.values import parse_number

from . import values
from .base import Fields, Parser, describe, is_blank, is_null, shown

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_GOAL_FIELDS = {name: name for name in ("priority", "conditions", "preconditions", "description")}
# What an entry of the `actions` section has beside the parts of a flow, whose `tags` are the flow's.
ACTION_FIELDS = {
    name: name for name in ("preconditions", "effects", "cost", "action_type", "violations", "cost_modifiers")
}
_GOAP_FIELDS = {**ACTION_FIELDS, "tags": "tags"}
_MODIFIER_FIELDS = {"when": "when", "add": "add"}

DEFAULT_PRIORITY = 50
DEFAULT_COST = 1.0
LEAST_PRIORITY, GREATEST_PRIORITY = 1, 100


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
        preconditions = found.get("preconditions")
        doc.goals[name] = Goal(
            key.span.to(value.span),
            name,
            key.span,
            _priority(p, found, key.span),
            [] if conditions is None else _conditions(p, conditions[1], "conditions", in_goal=True),
            [] if preconditions is None else _conditions(p, preconditions[1], "preconditions", in_goal=True),
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
        number = _number(node)
        if isinstance(number, int):
            if not LEAST_PRIORITY <= number <= GREATEST_PRIORITY:
                text = f"the priority {shown(node)} is not between {LEAST_PRIORITY} and {GREATEST_PRIORITY}"
                p.report(607, node.span, severity="warning", text=text, value=number)
            return Literal(node.span, number)
    p.report(607, node.span, value=shown(node))
    return Literal(node.span, DEFAULT_PRIORITY)


def _number(node: CstScalar) -> int | float | None:
    """The number a scalar is, also one written as text; None for anything else."""
    number = parse_number(node.text.strip()) if isinstance(node.value, str) else node.value
    return number if isinstance(number, int | float) and not isinstance(number, bool) else None


def world_state(p: Parser, doc: Document, node: CstNode) -> None:
    """The `world_state` section: facts that the planner asks an expression for."""
    for name, key, value in p.section(node, "world_state"):
        if not name.strip():
            p.report(112, key.span, kind="fact", name=name, suggestion="fact")
        elif (fact := name.strip()) in doc.world_state:
            p.defined_twice("fact", fact, key.span, doc.world_state[fact].name_span)
        elif isinstance(value, CstScalar):
            doc.world_state[fact] = WorldFact(key.span.to(value.span), fact, key.span, values.value(p, value))
        else:
            p.shape(value, f"world_state.{name}", "a value or an expression")


# ----------------------------------------------------------------- annotation


def goap(p: Parser, node: CstNode) -> Goap | None:
    """The `goap` mapping of a flow."""
    if isinstance(node, CstMapping):
        return goap_fields(p, node.span, p.fields(p.entries(node), _GOAP_FIELDS, "goap"))
    if is_null(node):
        return goap_fields(p, node.span, {})
    p.shape(node, "goap", "a mapping with 'preconditions', 'effects' and 'cost'")
    return None


def goap_fields(p: Parser, span: Span, found: Fields) -> Goap:
    """Planning data from its fields; other fields are not looked at."""
    preconditions = found.get("preconditions")
    effects = found.get("effects")
    tags = found.get("tags")
    action_type = found.get("action_type")
    violations = found.get("violations")
    return Goap(
        span,
        [] if preconditions is None else _conditions(p, preconditions[1], "preconditions", in_goal=False),
        [] if effects is None else _effects(p, effects[1]),
        _cost(p, found, span),
        [] if tags is None else p.texts(tags[1], "tags"),
        None if action_type is None or is_null(action_type[1]) else values.literal(p, action_type[1], "action_type"),
        None if violations is None or is_null(violations[1]) else p.texts(violations[1], "violations"),
        _cost_modifiers(p, found),
    )


def _cost(p: Parser, found: Fields, span: Span) -> Expr:
    entry = found.get("cost")
    if entry is None or is_null(entry[1]):
        return Literal(span, DEFAULT_COST)
    node = entry[1]
    if isinstance(node, CstScalar):
        if isinstance(node.value, str) and "${" in node.text:
            return values.condition(p, node, "cost")
        number = _number(node)
        if number is not None and 0 <= number < float("inf"):
            return Literal(node.span, number)
    p.report(603, node.span, value=shown(node))
    return Literal(node.span, DEFAULT_COST)


def _cost_modifiers(p: Parser, found: Fields) -> list[CostModifier]:
    """A list of `{when?, add}`; one mapping counts as a list of one."""
    given = found.get("cost_modifiers")
    if given is None:
        return []
    items = [given[1]] if isinstance(given[1], CstMapping) else p.items(given[1], "cost_modifiers", scalar=False)
    modifiers: list[CostModifier] = []
    for item in items:
        if is_null(item):
            continue
        if not isinstance(item, CstMapping):
            p.shape(item, "cost_modifiers", "a mapping with 'add', and perhaps 'when'")
            continue
        fields = p.fields(p.entries(item), _MODIFIER_FIELDS, "cost_modifiers")
        add = fields.get("add")
        if add is None:
            p.missing(item.span, "cost_modifiers", "add")
            continue
        when = fields.get("when")
        test = None if when is None or is_null(when[1]) else values.condition(p, when[1], "condition 'when'")
        modifiers.append(CostModifier(item.span, _added(p, add[1]), test))
    return modifiers


def _added(p: Parser, node: CstNode) -> Expr:
    """What a modifier adds to a cost: a number, which may be negative, or an expression."""
    if isinstance(node, CstScalar):
        if isinstance(node.value, str) and "${" in node.text:
            return values.condition(p, node, "add")
        number = _number(node)
        if number is not None and abs(number) < float("inf"):
            return Literal(node.span, number)
    hint = "give a number, or an expression in ${ }"
    p.report(603, node.span, text=f"the added cost {shown(node)} is not a number", hint=hint)
    return Literal(node.span, 0)


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
    taken: set[str] = set()
    depth = p.limits.max_expression_depth
    for key, value in _pairs(p, node, "effects"):
        if isinstance(value, CstScalar):
            if key is None:
                entry = parse_effect_item(value.text, value, p.reporter, depth)
            else:
                entry = parse_effect(value.text, value, p.reporter, key.text.strip(), depth)
            if entry is None:
                continue
            if entry.key in taken:
                p.report(602, value.span, key=entry.key, reason="another effect of this action changes it")
                continue
            taken.add(entry.key)
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
