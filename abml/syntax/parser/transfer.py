"""Transfers: `call`, `goto`, `return`, `branch`, and `log`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.syntax.ast import (
    Action,
    Argument,
    BranchTo,
    CallFlow,
    FlowRef,
    Goto,
    Log,
    Return,
    Target,
)
from abml.syntax.cst_nodes import CstMapping, CstScalar

from . import values
from .base import Fields, Parser, is_blank, is_null
from .items import BUILDERS, Site

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_ARGS = {"flow": "flow", "args": "args", "with": "args", "params": "args"}
_INTO = {"into": "into", "result": "into", "result_var": "into", "result_variable": "into"}
_CALL_FIELDS = {**_ARGS, **_INTO}
# A route call is a domain action: it may wait and fail like one (language 8.1).
_ROUTE_FIELDS = {**_CALL_FIELDS, "timeout": "timeout", "on_timeout": "on_timeout", "await": "await"}
_BRANCH_FIELDS = {"channel": "channel"}
_RETURN_FIELDS = {"value": "value"}
_LOG_FIELDS = {"message": "message", "text": "message", "msg": "message", "level": "level", "data": "data"}

LOG_LEVELS = ("trace", "debug", "info", "warn", "error")


def call(p: Parser, site: Site) -> Action | None:
    """`call: flow`, `call: {flow, args, into}`; with a target `/…` a route call (T2, T3, T6)."""
    if is_route(site.value):
        from .domain import route_call

        found = site.scalar_or_fields(p, _ROUTE_FIELDS, "flow")
        return None if found is None else route_call(p, site, found)
    found = site.scalar_or_fields(p, _CALL_FIELDS, "flow")
    if found is None:
        return None
    flow = _flow(p, site, found)
    args = arguments(p, found)
    into = result_target(p, found)
    if flow is None:
        return None
    return CallFlow(span=site.span, name="call", name_span=site.key.span, flow=flow, args=args, into=into)


def is_route(node: CstNode) -> bool:
    """True for a call target that begins with `/`."""
    if isinstance(node, CstMapping):
        inner = node.get("flow")
        return inner is not None and not isinstance(inner, CstMapping) and is_route(inner)
    return isinstance(node, CstScalar) and isinstance(node.value, str) and node.text.lstrip().startswith("/")


def goto(p: Parser, site: Site) -> Action | None:
    """`goto: flow`, `goto: {flow, args}` (T1, T3)."""
    found = site.scalar_or_fields(p, _ARGS, "flow")
    _outside_arms(p, site)
    if found is None:
        return None
    flow = _flow(p, site, found)
    args = arguments(p, found)
    if flow is None:
        return None
    return Goto(span=site.span, name="goto", name_span=site.key.span, flow=flow, args=args)


def _flow(p: Parser, site: Site, found: Fields) -> FlowRef | None:
    node = site.required(p, found, "flow")
    return None if node is None else values.reference(p, node, "flow")


def arguments(p: Parser, found: Fields) -> list[Argument]:
    """The entries of `args`."""
    entry = found.get("args")
    if entry is None or is_null(entry[1]):
        return []
    key, node = entry
    if not isinstance(node, CstMapping):
        p.not_allowed(node, key.text, "a mapping of arguments")
        return []
    return [Argument(name.span.to(item.span), text, values.value(p, item)) for text, name, item in p.entries(node)]


def result_target(p: Parser, found: Fields) -> Target | None:
    """The target of `into` and its older spellings."""
    entry = found.get("into")
    return None if entry is None else values.target(p, entry[1], entry[0].text)


def _outside_arms(p: Parser, site: Site) -> None:
    """A transfer out of a `parallel` arm is ABML164."""
    if p.arms:
        p.report(
            164,
            site.key.span,
            value=site.name,
            field="parallel",
            allowed="an action that stays in its arm",
            text=f"'{site.name}' cannot stand inside an arm of 'parallel'",
            hint="let the arm end, and put it after the 'parallel'",
        )


def return_action(p: Parser, site: Site) -> Action | None:
    """`return`: nothing, a value, `{value: …}`, or a mapping that is itself the value (T4, T5)."""
    _outside_arms(p, site)
    node = site.value
    value = None
    if isinstance(node, CstMapping):
        entries = site.entries(p)
        if any(text == "value" for text, _, _ in entries):
            found = p.fields(entries, _RETURN_FIELDS, "return")
            value = values.value(p, found["value"][1])
        elif entries:
            value = values.value(p, node.with_entries([(k, v) for _, k, v in entries]))
    elif not is_null(node):
        value = values.value(p, node)
    return Return(span=site.span, name="return", name_span=site.key.span, value=value)


def branch(p: Parser, site: Site) -> Action | None:
    """`branch: channel` (T7)."""
    _outside_arms(p, site)
    found = site.scalar_or_fields(p, _BRANCH_FIELDS, "channel")
    if found is None:
        return None
    node = site.required(p, found, "channel")
    channel = None if node is None else values.reference(p, node, "channel")
    if channel is None:
        return None
    return BranchTo(span=site.span, name="branch", name_span=site.key.span, channel=channel)


def log(p: Parser, site: Site) -> Action | None:
    """`log: text`, `log: {message, level, data}` (V9)."""
    found = site.scalar_or_fields(p, _LOG_FIELDS, "message")
    if found is None:
        return None
    node = site.required(p, found, "message")
    level = "info"
    given = found.get("level")
    if given is not None and not is_blank(given[1]):
        word = given[1].text.strip().lower() if isinstance(given[1], CstScalar) else ""
        if word == "warning":
            if isinstance(given[1], CstScalar):
                p.older_spelling(given[1], "warn")
            word = "warn"
        if word in LOG_LEVELS:
            level = word
        else:
            p.not_allowed(given[1], "level", ", ".join(LOG_LEVELS), LOG_LEVELS)
    data = found.get("data")
    extra = None if data is None else values.value(p, data[1])
    if node is None:
        return None
    return Log(
        span=site.span,
        name="log",
        name_span=site.key.span,
        message=values.text(p, node, "message"),
        level=level,
        data=extra,
    )


BUILDERS.update({"call": call, "goto": goto, "return": return_action, "branch": branch, "log": log})
