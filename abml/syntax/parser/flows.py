"""Flows, triggers, declared parameters, channels, and the GOAP `actions` section."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from abml.patterns import lazy
from abml.source import Span
from abml.syntax.ast import ActionList, Channel, Document, Flow, Param, Trigger
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

from . import values
from .base import IDENTIFIER, Fields, Parser, describe, is_blank, is_null
from .context import type_ref
from .goals import ACTION_FIELDS, goap, goap_fields
from .items import action_list, optional_list

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_COMMON = {
    name: name for name in ("actions", "steps", "do", "triggers", "when", "on_error", "params", "description", "tags")
}
FLOW_FIELDS = {**_COMMON, "goap": "goap"}
GOAP_FIELDS = {**_COMMON, **ACTION_FIELDS}
_BODIES = ("actions", "steps", "do")
_PARAM_FIELDS = {"name": "name", "type": "type", "default": "default"}
_TRIGGER_FIELDS = {
    "event": "event",
    "condition": "condition",
    "time_range": "time_range",
    "schedule": "schedule",
}
_CHANNEL_FIELDS = {
    "actions": "actions",
    "steps": "actions",
    "do": "actions",
    "on_error": "on_error",
    "start": "start",
    "description": "description",
}

_TIME_RANGE = lazy(r"([01]?[0-9]|2[0-4]):[0-5][0-9]\s*-\s*([01]?[0-9]|2[0-4]):[0-5][0-9]")
_CRON_PART = lazy(r"(?:\*|[0-9]+(?:-[0-9]+)?)(?:/[0-9]+)?")
# Least and greatest value of minute, hour, day, month, weekday.
_CRON_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


# ---------------------------------------------------------------------- flows


def flows(p: Parser, doc: Document, node: CstNode) -> None:
    """The `flows` section."""
    for name, key, value in p.section(node, "flows"):
        if not p.name(key, "flow"):
            continue
        flow = flow_of(p, name, key, value)
        if flow is not None:
            add_flow(p, doc, flow)


def add_flow(p: Parser, doc: Document, flow: Flow) -> None:
    first = doc.flows.get(flow.name)
    if first is not None:
        p.defined_twice("flow", flow.name, flow.name_span, first.name_span)
        return
    doc.flows[flow.name] = flow


def flow_of(p: Parser, name: str, key: CstScalar, node: CstNode) -> Flow | None:
    """A flow: a list of actions, or a mapping of its parts (A8 to A10)."""
    name_span = key.span
    if isinstance(node, CstSequence):
        return Flow(name_span.to(node.span), name, name_span, action_list(p, node, "flow"))
    if not isinstance(node, CstMapping):
        p.report(113, name_span if is_null(node) else node.span, flow=name, found=describe(node))
        return None
    flow = Flow(name_span.to(node.span), name, name_span, ActionList(node.span, []))
    found = p.fields(p.entries(node), FLOW_FIELDS, f"flow {name}")
    _body(p, flow, found)
    _parts(p, flow, found)
    given = found.get("goap")
    if given is not None:
        flow.goap = goap(p, given[1])
    flow.ignored = p.ignored(node)
    return flow


def _body(p: Parser, flow: Flow, found: Fields) -> None:
    first: tuple[CstScalar, CstNode] | None = None
    for name in _BODIES:
        entry = found.get(name)
        if entry is None:
            continue
        if first is not None:
            if first[0].text == "actions" and name == "steps":
                p.report(610, entry[0].span, name=flow.name)
            else:
                p.given_twice(entry[0], first[0])
            continue
        first = entry
        p.older_spelling(entry[0], "actions")
        flow.actions = action_list(p, entry[1], name)


def _parts(p: Parser, flow: Flow, found: Fields) -> None:
    """Everything of a flow but its body and planning data."""
    given = found.get("triggers")
    if given is not None:
        for item in p.items(given[1], "triggers", scalar=False):
            if isinstance(item, CstMapping):
                flow.triggers.extend(_trigger(p, item))
            elif not is_null(item):
                p.shape(item, "triggers", "a mapping with 'event', 'condition', 'time_range' or 'schedule'")
    given = found.get("when")
    if given is not None:
        p.older_spelling(given[0], "triggers", is_local=False)
        if isinstance(given[1], CstMapping):
            flow.triggers.extend(_trigger(p, given[1]))
        else:
            test = values.condition(p, given[1], "condition 'when'")
            flow.triggers.append(Trigger(given[1].span, condition=test))
    flow.on_error = optional_list(p, found.get("on_error"))
    given = found.get("params")
    if given is not None:
        flow.params = params(p, given[1])
    given = found.get("description")
    if given is not None:
        flow.description = p.text(given[1], "description")
    given = found.get("tags")
    if given is not None:
        flow.tags = p.texts(given[1], "tags")


def goap_actions(p: Parser, doc: Document, node: CstNode) -> None:
    """The `actions` section: flows with `goap` (A12)."""
    for name, key, value in p.section(node, "actions"):
        if not p.name(key, "flow"):
            continue
        if not isinstance(value, CstMapping):
            p.shape(value, name, "a mapping with 'preconditions', 'effects', 'cost' and 'steps'")
            continue
        name_span = key.span
        flow = Flow(name_span.to(value.span), name, name_span, ActionList(value.span, []))
        found = p.fields(p.entries(value), GOAP_FIELDS, f"action {name}")
        _body(p, flow, found)
        _parts(p, flow, found)
        # The tags of the entry are the flow's; `violations` says what a conscience shall see in it.
        planned = {field: entry for field, entry in found.items() if field in ACTION_FIELDS}
        flow.goap = goap_fields(p, value.span, planned)
        flow.ignored = p.ignored(value)
        add_flow(p, doc, flow)


# ----------------------------------------------------------------- parameters


def params(p: Parser, node: CstNode) -> list[Param]:
    """Declared parameters of a flow or function: names, or `{name, type, default}`."""
    found: list[Param] = []
    taken: dict[str, Span] = {}
    for item in p.items(node, "params"):
        param = _param(p, item)
        if param is None:
            continue
        if param.name in taken:
            p.defined_twice("parameter", param.name, param.span, taken[param.name])
            continue
        taken[param.name] = param.span
        found.append(param)
    return found


def _param(p: Parser, item: CstNode) -> Param | None:
    if isinstance(item, CstScalar):
        if is_null(item):
            return None
        return Param(item.span, item.text) if p.name(item, "parameter", IDENTIFIER) else None
    if not isinstance(item, CstMapping):
        p.shape(item, "params", "a name or a mapping with 'name'")
        return None
    fields = p.fields(p.entries(item), _PARAM_FIELDS, "params")
    given = fields.get("name")
    if given is None or not isinstance(given[1], CstScalar) or is_null(given[1]):
        p.missing(item.span, "params", "name")
        return None
    kind = fields.get("type")
    declared = None if kind is None else type_ref(p, kind[1])
    default = fields.get("default")
    string = declared is not None and declared.name == "string"
    value = None if default is None else values.value(p, default[1], string=string)
    if not p.name(given[1], "parameter", IDENTIFIER):
        return None
    return Param(item.span, given[1].text, declared, value)


# ------------------------------------------------------------------- triggers


def _trigger(p: Parser, node: CstMapping) -> list[Trigger]:
    """One trigger; a list of events stands for one trigger each."""
    found = p.fields(p.entries(node), _TRIGGER_FIELDS, "triggers")
    trigger = Trigger(node.span)
    given = found.get("condition")
    if given is not None:
        trigger.condition = values.condition(p, given[1])
    given = found.get("time_range")
    if given is not None:
        trigger.time_range = _checked(p, given, _is_time_range, "HH:MM-HH:MM")
    given = found.get("schedule")
    if given is not None:
        trigger.schedule = _checked(p, given, _is_cron, "five cron fields such as '0 6 * * *'")
    given = found.get("event")
    if given is None:
        if not found:
            p.shape(node, "triggers", "a mapping with 'event', 'condition', 'time_range' or 'schedule'")
            return []
        return [trigger]
    events = p.texts(given[1], "event")
    if not events:
        return []
    return [
        Trigger(trigger.span, event.strip(), trigger.condition, trigger.time_range, trigger.schedule)
        for event in events
    ]


def _checked(p: Parser, entry: tuple[CstScalar, CstNode], is_fine: Callable[[str], bool], allowed: str) -> str | None:
    key, node = entry
    text = node.text.strip() if isinstance(node, CstScalar) else ""
    if is_fine(text):
        return text
    p.not_allowed(node, key.text, allowed)
    return None


def _is_time_range(text: str) -> bool:
    return _TIME_RANGE.fullmatch(text) is not None


def _is_cron(text: str) -> bool:
    """Five fields of numbers, ranges, steps and lists within their bounds; months and weekdays also by name."""
    parts = text.lower().split()
    if len(parts) != 5:
        return False
    for at, names, first in ((3, _MONTHS, 1), (4, _WEEKDAYS, 0)):
        for number, name in enumerate(names, first):
            parts[at] = parts[at].replace(name, str(number))
    for field, (least, greatest) in zip(parts, _CRON_BOUNDS, strict=True):
        for item in field.split(","):
            if not _CRON_PART.fullmatch(item):
                return False
            span, _, step = item.partition("/")
            if step and not 1 <= int(step[:6]) <= 999:
                return False
            if span != "*" and not all(least <= int(bound[:6]) <= greatest for bound in span.split("-")):
                return False
    return True


# ------------------------------------------------------------------- channels


def channels(p: Parser, doc: Document, node: CstNode) -> None:
    """The `channels` section."""
    for name, key, value in p.section(node, "channels"):
        if not p.name(key, "channel"):
            continue
        channel = _channel(p, name, key, value)
        if channel is not None:
            doc.channels[name] = channel


def _channel(p: Parser, name: str, key: CstScalar, node: CstNode) -> Channel | None:
    """A list of actions, a mapping, or the name of a flow (A13)."""
    name_span = key.span
    span = name_span.to(node.span)
    if isinstance(node, CstSequence):
        return Channel(span, name, name_span, action_list(p, node, "channel"))
    if isinstance(node, CstScalar):
        if is_blank(node):
            p.shape(node, name, "a list of actions, a mapping or a flow name")
            return None
        return Channel(span, name, name_span, None, flow=values.flow_target(p, node, name))
    found = p.fields(p.entries(node), _CHANNEL_FIELDS, f"channel {name}")
    body = found.get("actions")
    if body is None:
        p.missing(name_span, f"channel {name}", "actions")
    channel = Channel(
        span,
        name,
        name_span,
        ActionList(node.span, []) if body is None else action_list(p, body[1], body[0].text),
        on_error=optional_list(p, found.get("on_error")),
    )
    given = found.get("start")
    if given is not None and not is_null(given[1]):
        word = given[1].text.strip() if isinstance(given[1], CstScalar) else ""
        if word in ("auto", "manual"):
            channel.start = word
        else:
            p.not_allowed(given[1], "start", "auto or manual", ("auto", "manual"))
    given = found.get("description")
    if given is not None:
        channel.description = p.text(given[1], "description")
    return channel
