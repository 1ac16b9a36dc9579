"""What an actor offers and hears: `options`, `events`, `perception_filter`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Span
from abml.syntax.ast import Document, EventHandler, Expr, Option, PerceptionFilter
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

from . import values
from .base import Fields, Parser, is_blank, is_null

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_OPTION_FIELDS = {
    "actionId": "actionId",
    "action_id": "actionId",
    "id": "actionId",
    "preference": "preference",
    "available": "available",
    "risk": "risk",
    "cooldownMs": "cooldownMs",
    "cooldown_ms": "cooldownMs",
    "requirements": "requirements",
    "tags": "tags",
}
_EVENT_FIELDS = {"pattern": "pattern", "handler": "handler", "condition": "condition"}
_FILTER_FIELDS = {"event": "event", "conditions": "conditions"}
_CHECK_FIELDS = {"check": "check"}


def options(p: Parser, doc: Document, node: CstNode) -> None:
    """The `options` section: type -> list of options."""
    found: dict[str, list[Option]] = {}
    for kind, _, value in p.section(node, "options"):
        if not isinstance(value, CstSequence):
            if is_null(value):
                found[kind] = []
            else:
                p.shape(value, f"options.{kind}", "a list of options")
            continue
        taken: dict[str, Span] = {}
        group = found[kind] = []
        for item in value.items:
            if not isinstance(item, CstMapping):
                if not is_null(item):
                    p.shape(item, f"options.{kind}", "a mapping with 'actionId', 'preference' and 'available'")
                continue
            option = _option(p, item, taken)
            if option is not None:
                group.append(option)
    doc.options = found


def _option(p: Parser, item: CstMapping, taken: dict[str, Span]) -> Option | None:
    found = p.fields(p.entries(item), _OPTION_FIELDS, "options")
    lacks = [name for name in ("actionId", "preference", "available") if name not in found or is_null(found[name][1])]
    for name in lacks:
        p.report(310, item.span, field=name)
    action_id = None if "actionId" in lacks else values.literal(p, found["actionId"][1], "actionId")
    if action_id is not None:
        where = found["actionId"][1].span
        if action_id in taken:
            p.defined_twice("option", action_id, where, taken[action_id])
        else:
            taken[action_id] = where
    preference = None if "preference" in lacks else values.condition(p, found["preference"][1], "preference")
    available = None if "available" in lacks else values.condition(p, found["available"][1], "available")
    risk = _optional(p, found, "risk")
    cooldown = _optional(p, found, "cooldownMs")
    requirements = p.texts(found["requirements"][1], "requirements") if "requirements" in found else []
    tags = p.texts(found["tags"][1], "tags") if "tags" in found else []
    if action_id is None or preference is None or available is None:
        return None
    return Option(item.span, action_id, preference, available, risk, cooldown, requirements, tags)


def _optional(p: Parser, found: Fields, field: str) -> Expr | None:
    entry = found.get(field)
    return None if entry is None or is_null(entry[1]) else values.condition(p, entry[1], field)


def events(p: Parser, doc: Document, node: CstNode) -> None:
    """The `events` section; a list of patterns stands for one handler each."""
    for item in p.items(node, "events", scalar=False):
        if not isinstance(item, CstMapping):
            if not is_null(item):
                p.shape(item, "events", "a mapping with 'pattern' and 'handler'")
            continue
        found = p.fields(p.entries(item), _EVENT_FIELDS, "events")
        for name in ("pattern", "handler"):
            if name not in found or is_blank(found[name][1]):
                p.missing(item.span, "events", name)
        given = found.get("handler")
        handler = None if given is None or is_blank(given[1]) else values.flow_target(p, given[1], "handler")
        test = found.get("condition")
        condition = None if test is None else values.condition(p, test[1])
        given = found.get("pattern")
        patterns = [] if given is None or is_blank(given[1]) else p.items(given[1], "pattern")
        texts = [values.text(p, pattern, "pattern") for pattern in patterns]
        if handler is not None:
            doc.events.extend(EventHandler(item.span, text, handler, condition) for text in texts)


def perception_filter(p: Parser, doc: Document, node: CstNode) -> None:
    """The `perception_filter` section."""
    found: list[PerceptionFilter] = []
    for item in p.items(node, "perception_filter", scalar=False):
        if not isinstance(item, CstMapping):
            if not is_null(item):
                p.shape(item, "perception_filter", "a mapping with 'event' and 'conditions'")
            continue
        fields = p.fields(p.entries(item), _FILTER_FIELDS, "perception_filter")
        checks: list[Expr] = []
        given = fields.get("conditions")
        if given is not None:
            for check in p.items(given[1], "conditions"):
                expr = _check(p, check)
                if expr is not None:
                    checks.append(expr)
        given = fields.get("event")
        if given is None or is_blank(given[1]):
            p.missing(item.span, "perception_filter", "event")
            continue
        found.extend(PerceptionFilter(item.span, text.strip(), checks) for text in p.texts(given[1], "event"))
    doc.perception_filter = found


def _check(p: Parser, node: CstNode) -> Expr | None:
    """`{check: EX}` or EX."""
    if isinstance(node, CstMapping):
        fields = p.fields(p.entries(node), _CHECK_FIELDS, "conditions")
        given = fields.get("check")
        if given is None:
            p.missing(node.span, "conditions", "check")
            return None
        return values.condition(p, given[1])
    if isinstance(node, CstScalar):
        return values.condition(p, node)
    p.shape(node, "conditions", "an expression or a mapping with 'check'")
    return None
