"""Intents and player input: `emit_intent`, `multi_emit`, `choice`, `qte`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.syntax.ast import (
    Action,
    Argument,
    Choice,
    ChoiceOption,
    EmitIntent,
    Expr,
    FlowRef,
    Intent,
    Literal,
    Qte,
)
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

from . import values
from .base import Entries, Fields, Parser, is_blank, is_null
from .items import BUILDERS, Site, list_or_channel, optional_list

if TYPE_CHECKING:
    from abml.source import Span
    from abml.syntax.cst_nodes import CstNode

_INTENT_FIELDS = frozenset(("channel", "action", "urgency", "target", "position", "data"))
_CHOICE_FIELDS = {
    "prompt": "prompt",
    "options": "options",
    "timeout": "timeout",
    "on_timeout": "on_timeout",
    "result_variable": "result",
    "result_var": "result",
    "result": "result",
    "into": "result",
}
_OPTION_FIELDS = {name: name for name in ("label", "description", "value", "condition", "default", "then", "label_ref")}
_QTE_PARAMS = ("prompt", "prompt_key", "type", "input", "options")
_QTE_FIELDS = {
    **{name: name for name in _QTE_PARAMS},
    **{name: name for name in ("timeout", "default", "on_success", "on_failure", "on_timeout")},
    "result_variable": "result",
    "result_var": "result",
    "result": "result",
    "into": "result",
}


# -------------------------------------------------------------------- intents


def emit_intent(p: Parser, site: Site) -> Action | None:
    """`emit_intent: {channel, action, urgency, target, position, …}` (R10)."""
    if not isinstance(site.value, CstMapping):
        if is_null(site.value):
            p.report(313, site.key.span, channel="action")
        else:
            p.not_allowed(site.value, "emit_intent", "a mapping with 'channel' and 'action'")
        return None
    intent = _intent(p, site.value.span, site.key.span, site.entries(p))
    if intent is None:
        return None
    return EmitIntent(span=site.span, name="emit_intent", name_span=site.key.span, intents=[intent])


def multi_emit(p: Parser, site: Site) -> Action | None:
    """`multi_emit: {emissions: [...]}`."""
    if not isinstance(site.value, CstMapping):
        if is_null(site.value):
            p.missing(site.key.span, "multi_emit", "emissions")
        else:
            p.not_allowed(site.value, "multi_emit", "a mapping with 'emissions'")
        return None
    found = site.fields(p, {"emissions": "emissions"})
    node = site.required(p, found, "emissions")
    intents: list[Intent] = []
    if node is not None and not isinstance(node, CstSequence):
        p.not_allowed(node, "emissions", "a list of intents")
    elif node is not None:
        for item in node.items:
            if isinstance(item, CstMapping):
                intent = _intent(p, item.span, item.span, p.entries(item))
                if intent is not None:
                    intents.append(intent)
            elif not is_null(item):
                p.not_allowed(item, "emissions", "a mapping with 'channel' and 'action'")
    return EmitIntent(span=site.span, name="multi_emit", name_span=site.key.span, intents=intents)


def _intent(p: Parser, span: Span, key_span: Span, entries: Entries) -> Intent | None:
    """One intent; ABML313 and None without an action."""
    found: Fields = {}
    rest: Entries = []
    for text, key, node in entries:
        if text in _INTENT_FIELDS:
            found[text] = (key, node)
        else:
            rest.append((text, key, node))
    channel = FlowRef(key_span, "action")
    given = found.get("channel")
    if given is not None and not is_blank(given[1]):
        channel = values.reference(p, given[1], "channel") or channel
    action = found.get("action") or _action_elsewhere(p, channel, rest)
    expr = None if action is None or is_blank(action[1]) else values.value(p, action[1])
    if expr is None:
        p.report(313, key_span, channel=channel.name or "${...}")
    urgency = found.get("urgency")
    data = found.get("data")
    intent = Intent(
        span,
        channel,
        expr or Literal(span, None),
        urgency=None if urgency is None or is_null(urgency[1]) else values.condition(p, urgency[1], "urgency"),
        target=_optional(p, found, "target"),
        position=_optional(p, found, "position"),
        data=None if data is None or is_null(data[1]) else values.value(p, data[1]),
        extra=[Argument(key.span.to(node.span), text, values.value(p, node)) for text, key, node in rest],
    )
    return None if expr is None else intent


def _action_elsewhere(p: Parser, channel: FlowRef, rest: Entries) -> tuple[CstScalar, CstNode] | None:
    """The action under `intent` or under the channel's own name; taken out of `rest`."""
    own = (channel.name or "").lower()
    for wanted in ("intent", own):
        for index, (text, key, node) in enumerate(rest):
            if wanted and text.lower() == wanted:
                del rest[index]
                p.older_spelling(key, "action")
                return key, node
    return None


def _optional(p: Parser, found: Fields, field: str) -> Expr | None:
    entry = found.get(field)
    return None if entry is None else values.value(p, entry[1])


# ---------------------------------------------------------------------- input


def _text(p: Parser, found: Fields, field: str) -> Expr | None:
    entry = found.get(field)
    return None if entry is None or is_null(entry[1]) else values.text(p, entry[1], field)


def choice(p: Parser, site: Site) -> Action | None:
    """`choice: {prompt, options, timeout, on_timeout, result_variable}` (language 8.7)."""
    if not isinstance(site.value, CstMapping):
        if is_null(site.value):
            p.missing(site.key.span, "choice", "options")
        else:
            p.not_allowed(site.value, "choice", "a mapping with 'options'")
        return None
    found = site.fields(p, _CHOICE_FIELDS)
    node = site.required(p, found, "options")
    options: list[ChoiceOption] = []
    if node is not None and not isinstance(node, CstSequence):
        p.not_allowed(node, "options", "a list of options")
    elif node is not None:
        for item in node.items:
            _option(p, item, options)
    timeout = found.get("timeout")
    result = found.get("result")
    return Choice(
        span=site.span,
        name="choice",
        name_span=site.key.span,
        prompt=_text(p, found, "prompt"),
        options=options,
        timeout=None if timeout is None or is_null(timeout[1]) else values.duration(p, timeout[1], "timeout"),
        on_timeout=list_or_channel(p, found.get("on_timeout")),
        result=None if result is None else values.target(p, result[1], result[0].text),
    )


def _option(p: Parser, item: CstNode, options: list[ChoiceOption]) -> None:
    if not isinstance(item, CstMapping):
        if not is_null(item):
            p.not_allowed(item, "options", "a mapping with 'label'")
        return
    found = p.fields(p.entries(item), _OPTION_FIELDS, "choice")
    label = _text(p, found, "label")
    if label is None:
        p.missing(item.span, "choice", "label")
        label = Literal(item.span, None)
    condition = found.get("condition")
    default = found.get("default")
    ref = found.get("label_ref")
    options.append(
        ChoiceOption(
            item.span,
            label,
            value=_optional(p, found, "value"),
            description=_text(p, found, "description"),
            condition=None if condition is None else values.condition(p, condition[1]),
            is_default=default is not None and p.flag(default[1], "default"),
            then=optional_list(p, found.get("then")),
            label_ref=None if ref is None else p.text(ref[1], "label_ref"),
        )
    )


def qte(p: Parser, site: Site) -> Action | None:
    """`qte`: a timed input with outcome lists (language 8.7, S9)."""
    if not isinstance(site.value, CstMapping) and not is_null(site.value):
        p.not_allowed(site.value, "qte", "a mapping with 'prompt' and 'input'")
        return None
    found = site.fields(p, _QTE_FIELDS)
    params: list[Argument] = []
    for name in _QTE_PARAMS:
        entry = found.get(name)
        if entry is None or is_null(entry[1]):
            continue
        expr = values.text(p, entry[1], name) if name == "prompt" else values.value(p, entry[1])
        params.append(Argument(entry[0].span.to(entry[1].span), name, expr))
    timeout = found.get("timeout")
    window = found.get("input")
    if timeout is None and window is not None and isinstance(window[1], CstMapping):
        inner = window[1].get("window")
        if inner is not None:
            timeout = (window[0], inner)
    result = found.get("result")
    return Qte(
        span=site.span,
        name="qte",
        name_span=site.key.span,
        params=params,
        timeout=None if timeout is None or is_null(timeout[1]) else values.duration(p, timeout[1], "timeout"),
        default=_optional(p, found, "default"),
        on_success=list_or_channel(p, found.get("on_success")),
        on_failure=list_or_channel(p, found.get("on_failure")),
        on_timeout=list_or_channel(p, found.get("on_timeout")),
        result=None if result is None else values.target(p, result[1], result[0].text),
    )


BUILDERS.update({"emit_intent": emit_intent, "multi_emit": multi_emit, "choice": choice, "qte": qte})
