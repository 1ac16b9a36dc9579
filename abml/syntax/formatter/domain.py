"""Rows B2, B6, B7 for domain actions, and R1 to R6, R10 to R13: resources, actors, intents, events."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping

from abml.actions import ActionSpec, ParamSpec
from abml.syntax.parser.items import MODIFIERS
from abml.values import Duration, ValueFault, parse_duration, parse_number

from . import fields
from .actions import list_or_channel, move_into
from .rewriting import Rewriter, apply_shape, each, expand, remove
from .rewriting import Shape as _Shape
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
    lift,
    one_pair,
    quoted,
    rename,
    replaced,
    text_of,
)

_INTO = frozenset(("into", "result", "result_var", "result_variable"))
# Keys inside the mapping of an action that are no parameters.
_RESERVED = frozenset((*_INTO, "on_error", "await", "until", "timeout", "on_timeout"))
_INTENT = _Shape(
    {
        "channel": fields.reference,
        "urgency": fields.condition,
        **{name: fields.value for name in ("action", "target", "position", "data")},
    }
)
_INTENT_FIELDS = frozenset(_INTENT.fields)


def domain(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """Any action that the host performs, and the resource actions."""
    spec = r.action_spec(pair.name)
    node = pair.value
    if is_opaque(node):
        return
    if isinstance(node, Mapping):
        _parameters(r, node, spec)
    elif not is_null(node):
        _scalar(r, pair, spec)
    for other in item.pairs:
        if other is not pair:
            _beside(r, other, spec)
    if pair.name == "publish":
        _publish(pair)
    if isinstance(pair.value, Mapping) and pair.value.flow:
        pair.value.flow = all(is_flow(other.value) and not any(other.before) for other in pair.value.pairs)


# ---------------------------------------------------------------------- parameters


def _parameters(r: Rewriter, node: Mapping, spec: ActionSpec | None) -> None:
    """The keys inside the mapping of an action: parameters by their table, and modifiers."""
    names = {} if spec is None else spec.names
    params = {} if spec is None else spec.params
    taken: set[str] = set()
    for pair in node.pairs:
        name = pair.name
        canonical = names.get(name)
        if canonical is not None:
            if canonical in taken:
                return
            taken.add(canonical)
            if not is_opaque(pair.key):
                rename(pair, canonical)
            pair.value = _param(r, params[canonical], pair.value)
        elif name in _INTO:
            _result(r, pair, spec, node)
        elif name == "until":
            pair.value = fields.until(r, pair.value)
        elif name == "on_timeout":
            pair.value = list_or_channel(r, pair.value)
        elif name == "timeout":
            if node.get("await") or node.get("until") or node.get("on_timeout") or _waits(spec):
                pair.value = fields.duration(r, pair.value)
            else:
                pair.value = fields.value(r, pair.value)
        elif name not in ("await", "on_error"):
            pair.value = fields.value(r, pair.value)
    if spec is not None and spec.name == "schedule_event":
        for pair in node.pairs:
            _delay(r, pair, taken)


def _waits(spec: ActionSpec | None) -> bool:
    return spec is not None and spec.await_mode == "implicit"


def _result(r: Rewriter, pair: Pair, spec: ActionSpec | None, owner: Mapping) -> None:
    """The name of the result: `result_variable`, or what the action calls it (B7)."""
    name = "result_variable" if spec is None else spec.result_key
    if owner.get(name) is None and not is_opaque(pair.key):
        rename(pair, name)
    pair.value = fields.target(r, pair.value)


def _param(r: Rewriter, param: ParamSpec, node: Node) -> Node:
    """One parameter in the context its table gives."""
    if is_opaque(node):
        return node
    if param.is_list and isinstance(node, Scalar):
        found = text_of(node)
        return node if found is not None and "${" in found else fields.one_element_list(r, node)
    if param.context == "VA":
        text = text_of(node)
        if param.words is not None and text is not None:
            number = param.words.get(text.strip().lower())
            if number is not None:
                return replaced(node, Scalar(number, repr(number), "plain"))
        return fields.value(r, node)
    if param.context == "TX":
        return fields.text(r, node)
    if param.context == "DU":
        return fields.duration(r, node, param.unit)
    if param.context == "EX":
        return fields.collection(r, node)
    return fields.reference(r, node) if param.is_dynamic else node


def _scalar(r: Rewriter, pair: Pair, spec: ActionSpec | None) -> None:
    """A scalar or list argument (B2).

    A scalar stays where the action has a primary parameter, and where nobody
    knows: a manifest that is not here may name one.
    """
    node = pair.value
    if isinstance(node, Sequence):
        pair.value = one_pair("value", fields.value(r, node))
        return
    if spec is None:
        pair.value = fields.value(r, node)
        if r.manifest is not None:
            pair.value = one_pair("value", pair.value)
    elif spec.primary is None:
        pair.value = one_pair("value", fields.value(r, node))
    else:
        param = spec.params.get(spec.primary)
        pair.value = fields.value(r, node) if param is None else _param(r, param, node)


# ----------------------------------------------------------------------- modifiers


def _beside(r: Rewriter, pair: Pair, spec: ActionSpec | None) -> None:
    """Rewrite a modifier that stays beside the action key."""
    modifier = MODIFIERS.get(pair.name)
    if modifier == "args":
        pair.value = fields.value(r, pair.value)
    elif modifier == "into":
        pair.value = fields.target(r, pair.value)
    elif modifier == "timeout":
        pair.value = fields.duration(r, pair.value)
    elif modifier == "on_timeout":
        pair.value = list_or_channel(r, pair.value)


def gather(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """Modifiers beside a domain action go inside: parameters, the result, waiting (B6)."""
    spec = r.action_spec(pair.name)
    node = pair.value
    if isinstance(node, Sequence):
        return
    if isinstance(node, Scalar) and not is_null(node) and (spec is None or spec.primary is None):
        # Which parameter the scalar is, only a manifest can tell.
        return
    inside = {other.name for other in node.pairs} if isinstance(node, Mapping) else set()
    names = {} if spec is None else spec.names
    inside = {names.get(name, name) for name in inside}
    waiting = ("await", "timeout", "on_timeout")
    stays = item.get("timeout") is not None and not _times_inside(item, inside, spec)
    found: list[Pair] = []
    for other in item.pairs:
        modifier = None if other is pair else MODIFIERS.get(other.name)
        if modifier == "args":
            if not _can_merge(other, inside, names):
                return
            found.append(other)
        elif modifier in ("into", *waiting) and not is_opaque(other.value) and not (stays and modifier in waiting):
            if other.name in inside or (modifier == "into" and inside & _INTO):
                return
            found.append(other)
    if not found:
        return
    primary = "value" if spec is None or spec.primary is None else spec.primary
    inner = expand(pair, primary)
    for other in found:
        if MODIFIERS[other.name] != "args":
            move_into(item, inner, other)
            continue
        remove(item.pairs, other)
        notes = [line for line in [*other.before, other.comment, *other.value.before] if line]
        if isinstance(other.value, Mapping):
            notes += [line for line in [other.value.comment, *other.value.tail] if line]
            if other.value.pairs:
                other.value.pairs[0].before = [*notes, *other.value.pairs[0].before]
                notes = []
                if not other.value.flow:
                    inner.flow = False
            inner.pairs += other.value.pairs
        pair.before += notes
    if not all(is_flow(other.value) and not any(other.before) for other in inner.pairs):
        inner.flow = False
    if not inner.flow:
        item.flow = False


def _times_inside(item: Mapping, inside: set[str], spec: ActionSpec | None) -> bool:
    """Whether `timeout` inside the mapping would be the limit of waiting, and not a parameter of that name."""
    if spec is None or "timeout" in spec.params or "timeout" in inside:
        return False
    beside = {pair.name for pair in item.pairs}
    return _waits(spec) or bool((inside | beside) & {"await", "until", "on_timeout"})


def _can_merge(args: Pair, inside: set[str], names: AnyMapping[str, str]) -> bool:
    """Whether `args` beside an action can stand among its parameters without meaning something else there."""
    node = args.value
    if is_opaque(node) or not (isinstance(node, Mapping) or is_blank(node)):
        return False
    if not isinstance(node, Mapping):
        return True
    given = [names.get(pair.name, pair.name) for pair in node.pairs]
    if len(set(given)) < len(given) or set(given) & inside or any(is_opaque(pair.key) for pair in node.pairs):
        return False
    return not any(pair.name in _RESERVED for pair in node.pairs)


# --------------------------------------------------------------------- older forms


def _delay(r: Rewriter, pair: Pair, taken: set[str]) -> None:
    """`delay` and `delay_seconds` become `delay_ms` (R12)."""
    if len(taken & {"delay", "delay_seconds", "delay_ms"}) != 1 or not isinstance(pair.value, Scalar):
        return
    node = pair.value
    if is_opaque(node) or node.value is None or isinstance(node.value, bool):
        return
    text = node.text.strip()
    if pair.name == "delay_seconds":
        if text.startswith("${") and isinstance(node.value, str):
            tree = fields.parsed(r, text[2:-1])
            made = None if tree is None else fields.expression_of(r, f"({text[2:-1]}) * 1000")
            if made is not None and text_of(node) and text.endswith("}"):
                rename(pair, "delay_ms")
                pair.value = _converted(node, quoted("${" + made + "}"))
            return
        number = parse_number(text)
        if number is None:
            return
        millis = number * 1000
        if isinstance(millis, float):
            if not millis.is_integer():
                return
            millis = int(millis)
        rename(pair, "delay_ms")
        pair.value = _converted(node, Scalar(millis, str(millis), "plain"))
    elif pair.name == "delay" and "${" not in text:
        length = _duration(text)
        if length is not None:
            rename(pair, "delay_ms")
            millis = length.micros // 1000
            pair.value = _converted(node, Scalar(millis, str(millis), "plain"))


def _converted(old: Scalar, new: Scalar) -> Node:
    """`new` in the place of `old`, which had another unit: right only together with the new key."""
    old.origin = None
    return replaced(old, new)


def _duration(text: str) -> Duration | None:
    number = parse_number(text)
    try:
        if number is None:
            return parse_duration(text)
        return Duration(round(number * 1_000_000)) if 0 <= number <= 1e9 else None
    except ValueFault:
        return None


def _publish(pair: Pair) -> None:
    """`publish: {event: X, data: {…}}` becomes `emit_event: {template: X, …}` (R13)."""
    node = pair.value
    if not isinstance(node, Mapping) or {other.name for other in node.pairs} - {"event", "data"}:
        return
    event, data = node.get("event"), node.get("data")
    if event is None or is_null(event.value):
        return
    if data is not None and not is_blank(data.value):
        inner = data.value
        if not isinstance(inner, Mapping) or is_opaque(inner):
            return
        given = [other.name for other in inner.pairs]
        if "template" in given or set(given) & _RESERVED or len(set(given)) < len(given):
            return
    rename(pair, "emit_event")
    rename(event, "template")
    if data is None:
        return
    remove(node.pairs, data)
    if is_blank(data.value):
        drop(data, pair)
        return
    inner = lift(data, pair)
    assert isinstance(inner, Mapping)
    pair.before += [line for line in [inner.comment, *inner.tail] if line]
    if not inner.flow:
        node.flow = False
    node.pairs += inner.pairs


# -------------------------------------------------------------------------- intents


def emit_intent(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`emit_intent`: the action under its own name (R10)."""
    pair.value = _intent(r, pair.value)


def multi_emit(r: Rewriter, item: Mapping, pair: Pair) -> None:
    apply_shape(r, pair.value, _Shape({"emissions": each(_intent)}))


def _intent(r: Rewriter, node: Node) -> Node:
    if not apply_shape(r, node, _INTENT):
        return node
    assert isinstance(node, Mapping)
    for pair in node.pairs:
        if pair.name not in _INTENT_FIELDS and pair.name != "on_error":
            pair.value = fields.value(r, pair.value)
    if node.get("action") is not None:
        return node
    channel = node.get("channel")
    own = "action"
    if channel is not None and not is_blank(channel.value):
        own = (text_of(channel.value) or "").strip().lower()
    for wanted in ("intent", own):
        for pair in node.pairs:
            if wanted and pair.name.lower() == wanted and pair.name not in _INTENT_FIELDS and not is_opaque(pair.key):
                rename(pair, "action")
                return node
    return node
