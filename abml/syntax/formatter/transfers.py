"""Rows T1 to T7, L1 to L6, S1 to S9 and V9: transfers, loops, waiting and channels, logs, player input."""

from __future__ import annotations

from collections.abc import Callable

from . import fields
from .actions import action_list, arms, is_route, list_or_channel, list_or_name
from .rewriting import (
    Rewriter,
    Shape,
    apply_primary,
    apply_shape,
    collapse,
    each,
    expand,
    listed,
    remove,
    same,
    shaped,
)
from .tree import (
    Mapping,
    Node,
    Pair,
    Scalar,
    Sequence,
    drop,
    is_blank,
    is_flow,
    is_null,
    is_opaque,
    one_item,
    one_pair,
    rename,
    replaced,
    text_of,
    word,
)

_INTO = {name: "into" for name in ("result", "result_var", "result_variable")}
_RESULT = {name: "result_variable" for name in ("result", "result_var", "into")}


def _milliseconds(r: Rewriter, node: Node) -> Node:
    return fields.duration(r, node, "ms")


CALL = Shape(
    {"flow": fields.reference, "args": fields.value, "into": fields.target},
    {"with": "args", "params": "args", **_INTO},
    "flow",
)
GOTO = Shape({"flow": fields.reference, "args": fields.value}, {"with": "args", "params": "args"}, "flow")
ROUTE = Shape({"with": fields.value, "args": fields.value, "params": fields.value, "timeout": fields.duration})
BRANCH = Shape({"channel": fields.reference}, {}, "channel")
LOG = Shape({"message": fields.text, "data": fields.value}, {"text": "message", "msg": "message"}, "message")
FOR_EACH = Shape(
    {"variable": None, "collection": fields.collection, "do": action_list, "index": None},
    {
        **{name: "variable" for name in ("as", "item", "var")},
        **{name: "collection" for name in ("in", "over", "items")},
        **{name: "do" for name in ("actions", "then")},
    },
)
REPEAT = Shape(
    {"times": fields.condition, "do": action_list, "variable": None},
    {"count": "times", "actions": "do", "then": "do"},
    "times",
)
EMIT = Shape({"signal": fields.reference, "payload": fields.value}, {"name": "signal", "data": "payload"}, "signal")
_ADDRESSES = each(fields.address)
WAIT_FOR = Shape(
    {
        "signal": _ADDRESSES,
        "signals": _ADDRESSES,
        "all_of": _ADDRESSES,
        "any_of": _ADDRESSES,
        "timeout": fields.duration,
        "on_timeout": list_or_name,
    },
    {},
    "signal",
)
SYNC = Shape({"participants": listed(same), "timeout": fields.duration, "on_timeout": list_or_name}, {}, "point")
WAIT = Shape(
    {
        "duration": fields.duration,
        "until": fields.until,
        "timeout": fields.duration,
        "on_timeout": list_or_channel,
    },
    {},
    "duration",
)
POINT = Shape({"timeout": _milliseconds})
_OPTION = Shape(
    {
        "label": fields.text,
        "description": fields.text,
        "value": fields.value,
        "condition": fields.condition,
        "then": action_list,
    }
)
CHOICE = Shape(
    {
        "prompt": fields.text,
        "options": each(shaped(_OPTION)),
        "timeout": fields.duration,
        "on_timeout": list_or_channel,
        "result_variable": fields.target,
    },
    _RESULT,
)
QTE = Shape(
    {
        "prompt": fields.text,
        **{name: fields.value for name in ("prompt_key", "type", "input", "options", "default")},
        "timeout": fields.duration,
        **{name: list_or_channel for name in ("on_success", "on_failure", "on_timeout")},
        "result_variable": fields.target,
    },
    _RESULT,
)


# ----------------------------------------------------------------------- transfers


def call(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`call` and `goto` (T1 to T3); a route call keeps its form (T6)."""
    if is_route(pair.value):
        apply_shape(r, pair.value, ROUTE)
        for other in item.pairs:
            if other.name in ("with", "args"):
                other.value = fields.value(r, other.value)
        return
    apply_primary(r, pair, CALL if pair.name == "call" else GOTO)
    node = pair.value
    if isinstance(node, Mapping) and not is_opaque(node):
        args = node.get("args")
        if args is not None and is_blank(args.value) and len(node.pairs) > 1:
            remove(node.pairs, args)
            drop(args, pair)
    collapse(pair, "flow")


def return_action(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`return` with a value: `{value: …}` (T4, T5)."""
    pair.value = fields.value(r, pair.value)
    node = pair.value
    if is_blank(node) or is_opaque(node):
        return
    if isinstance(node, Mapping):
        if node.get("value") is not None or node.get("on_error") is not None or not node.names():
            return
        if any(other.name.startswith("x-") for other in node.pairs):
            return
    pair.value = one_pair("value", node)


def branch(r: Rewriter, item: Mapping, pair: Pair) -> None:
    apply_primary(r, pair, BRANCH)
    collapse(pair, "channel")


def log(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`log`: the text alone at level info (V9)."""
    apply_primary(r, pair, LOG)
    node = pair.value
    if not isinstance(node, Mapping) or is_opaque(node):
        return
    level = node.get("level")
    if level is not None and isinstance(level.value, Scalar) and not is_opaque(level.value):
        name = level.value.text.strip().lower()
        if name == "warning":
            level.value = replaced(level.value, word("warn"))
        elif name == "info" and {other.name for other in node.pairs} == {"message", "level"}:
            remove(node.pairs, level)
            drop(level, pair)
    collapse(pair, "message")


# --------------------------------------------------------------------------- loops


def for_each(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`for_each` (L1 to L4)."""
    if apply_shape(r, pair.value, FOR_EACH):
        _settle(pair.value)


def repeat(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`repeat: 3` beside `do` becomes one mapping (L5, L6)."""
    beside = [other for other in item.pairs if other.name in ("do", "actions", "then", "variable")]
    if beside and not is_opaque(pair.value) and not isinstance(pair.value, Sequence):
        node = expand(pair, "times")
        for other in beside:
            remove(item.pairs, other)
            other.before = [line for line in other.before if line]
            node.pairs.append(other)
            if not is_flow(other.value) or other.before:
                node.flow = False
        if item.flow is False:
            node.flow = node.flow and all(is_flow(other.value) for other in beside)
    apply_primary(r, pair, REPEAT)
    _settle(pair.value)


def _settle(node: Node) -> None:
    if isinstance(node, Mapping) and node.flow and not all(is_flow(pair.value) for pair in node.pairs):
        node.flow = False


def parallel(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`parallel`: arms are lists (S8)."""
    pair.value = arms(r, pair.value)


# ------------------------------------------------------------------ time, channels


def emit(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`emit` (S1)."""
    apply_primary(r, pair, EMIT)
    collapse(pair, "signal")


def wait(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`wait`: a duration alone is a scalar (S6, S7)."""
    apply_primary(r, pair, WAIT)
    _settle(pair.value)
    collapse(pair, "duration")


def wait_for(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`wait_for`: one address as a quoted scalar, several as `all_of` or `any_of` (S2 to S4)."""
    node = pair.value
    if is_opaque(node):
        return
    if isinstance(node, Sequence):
        pair.value = one_pair("all_of", _ADDRESSES(r, node))
        return
    apply_primary(r, pair, WAIT_FOR)
    if not isinstance(node, Mapping):
        return
    _mode(node, pair)
    for name in ("all_of", "any_of"):
        given = node.get(name)
        if given is not None:
            given.value = fields.one_element_list(r, given.value)
    _settle(node)
    only = node.get("signal")
    if only is not None and isinstance(only.value, Scalar):
        collapse(pair, "signal")


def _mode(node: Mapping, owner: Pair) -> None:
    """`signals` and `mode` become `all_of` or `any_of`; one address without a mode is `signal`."""
    mode = node.get("mode")
    word_ = None if mode is None else (text_of(mode.value) or "").strip()
    if word_ is not None and word_ not in ("all_of", "any_of"):
        return
    for name in ("all_of", "any_of"):
        if node.get(name) is not None:
            if mode is not None and word_ == name:
                remove(node.pairs, mode)
                drop(mode, owner)
            return
    given = node.get("signals") or node.get("signal")
    if given is None or is_opaque(given.value) or is_null(given.value):
        return
    if isinstance(given.value, Sequence) or word_ == "any_of":
        if isinstance(given.value, Scalar):
            given.value = one_item(given.value)
        rename(given, word_ or "all_of")
    else:
        rename(given, "signal")
    if mode is not None:
        remove(node.pairs, mode)
        drop(mode, owner)


def sync(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`sync` (S5)."""
    apply_primary(r, pair, SYNC)
    _settle(pair.value)
    collapse(pair, "point")


def shape_rule(shape: Shape) -> Callable[[Rewriter, Mapping, Pair], None]:
    """The rule of an action that only has fields."""

    def rule(r: Rewriter, item: Mapping, pair: Pair) -> None:
        apply_primary(r, pair, shape)
        _settle(pair.value)

    return rule
