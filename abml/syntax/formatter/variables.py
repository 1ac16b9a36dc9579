"""Rows V1 to V8: assignments in all their forms, and the other actions on variables."""

from __future__ import annotations

from abml.source import NOWHERE
from abml.syntax import ast
from abml.syntax.parser.variables import outside

from . import fields
from .actions import TAKEN, action_list
from .expressions import canonical_text
from .rewriting import Rewriter, Shape, apply_primary, apply_shape, collapse, new_pair, remove
from .tree import (
    Mapping,
    Node,
    Pair,
    Scalar,
    drop,
    is_flow,
    is_opaque,
    lift,
    quoted,
    replaced,
    text_of,
)

_STEP = Shape({"variable": fields.target, "by": fields.condition}, {"name": "variable"}, "variable")
_CLEAR = Shape({"variable": fields.target}, {}, "variable")
STATE_UPDATE = Shape({"path": fields.target, "value": fields.value})
_BINARY = {"+=": "+", "-=": "-", "*=": "*", "/=": "/"}


def assign(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`set`, `local` and `global`."""
    node = pair.value
    if is_opaque(node):
        return
    if isinstance(node, Mapping):
        handler = node.get("on_error")
        if handler is not None:
            handler.value = action_list(r, handler.value)
        if node.get("variable") is not None:
            _long_form(r, node)
        else:
            _mapping_form(r, node)
        return
    text = text_of(node)
    if text is None:
        return
    made = _text_form(r, text)
    if isinstance(made, str):
        assert isinstance(node, Scalar)
        if made != text:
            pair.value = replaced(node, quoted(made))
    elif made is not None:
        pair.value = replaced(node, made)


# ------------------------------------------------------------------ mapping forms


def _long_form(r: Rewriter, node: Mapping) -> None:
    """`{variable: oil, value: 3}` becomes `{oil: 3}` (V1)."""
    variable, value = node.get("variable"), node.get("value")
    assert variable is not None
    if value is not None:
        value.value = _assigned(r, value.value)
    name = text_of(variable.value)
    if value is None or name is None or {pair.name for pair in node.pairs} - TAKEN:
        return
    target = fields.target_text(r, name)
    if target in TAKEN or target.startswith("x-") or "\n" in target:
        return
    variable.value = fields.target(r, variable.value)
    made = Pair(_target_key(target), value.value)
    lift(variable, made)
    if variable.value.comment:
        made.before.append(variable.value.comment)
    made.before += [line for line in value.before if line]
    made.comment = value.comment
    at = min(i for i, pair in enumerate(node.pairs) if pair is variable or pair is value)
    first = node.pairs[at]
    # Blank lines above the first of the two stay.
    made.before = [*[line for line in first.before if not line], *made.before]
    node.pairs[at] = made
    node.pairs = [pair for pair in node.pairs if pair is not variable and pair is not value]
    if any(made.before):
        node.flow = False


def _target_key(target: str) -> Scalar:
    """A target as a key: paths in quotes (V4)."""
    return Scalar(target, target, "plain" if fields.is_simple_name(target) else "double")


def _mapping_form(r: Rewriter, node: Mapping) -> None:
    """`{oil: 3, wick: "${w}"}` (V2, V4)."""
    if [pair.name for pair in node.pairs] == ["value"]:
        return
    names = [pair.name for pair in node.pairs]
    for pair in node.pairs:
        if pair.name == "on_error" or pair.name.startswith("x-"):
            continue
        pair.value = _assigned(r, pair.value)
        if is_opaque(pair.key) or fields.is_simple_name(pair.name):
            continue
        target = fields.target_text(r, pair.name)
        if target in TAKEN or "\n" in target or (target != pair.name and target in names):
            continue
        if target != pair.name or pair.key.style == "plain":
            pair.key = replaced_key(pair.key, target)


def replaced_key(old: Scalar, target: str) -> Scalar:
    """A key for a target in the place of another."""
    made = _target_key(target)
    made.before, made.comment = old.before, old.comment
    return made


def _assigned(r: Rewriter, node: Node) -> Node:
    """A value to assign; a block scalar becomes one line (V5)."""
    made = fields.value(r, node)
    text = text_of(made)
    if text is None or not isinstance(made, Scalar) or made.style not in ("literal", "folded"):
        return made
    shown = text.strip(" \t\r\n") if made.style == "folded" else text
    if not fields.is_literal_text(text) and "${" not in text:
        return made
    if "\n" in shown.rstrip("\n") or len(shown) > 100:
        return made
    return replaced(made, quoted(shown))


# --------------------------------------------------------------------- text form


def _text_form(r: Rewriter, text: str) -> Mapping | str | None:
    """`oil = 3, wick += 1` as a mapping (V3); as text where a mapping cannot say it; None when it is malformed."""
    made = Mapping([], True)
    pieces: list[str] = []
    is_mapping = True
    start = 0
    for end in [*outside(text, ","), len(text)]:
        found = _one(r, text[start:end])
        if found is None:
            return None
        start = end + 1
        target, op, right = found
        shown = canonical_text(right, r.names)
        if shown is None:
            return None
        pieces.append(f"{target} {op} {shown}")
        if op != "=":
            # The old value of a path may be missing, and its steps would be evaluated twice.
            # A live binding may fail when it is read, which comes after the right side here.
            if not fields.is_simple_name(target) or target in r.names.lazy:
                is_mapping = False
                continue
            # `right` is canonical by now, and canonical forms do not change again.
            total = ast.Binary(NOWHERE, _BINARY[op], ast.Name(NOWHERE, target), right)
            shown_sum = canonical_text(total, r.names)
            if shown_sum is None:
                return None
            shown = shown_sum
        made.pairs.append(new_pair(target, quoted("${" + shown + "}")))
        made.pairs[-1].key = _target_key(target)
    names = [pair.name for pair in made.pairs]
    if not is_mapping or len(set(names)) < len(names) or TAKEN & set(names):
        return ", ".join(pieces)
    return made


def _one(r: Rewriter, text: str) -> tuple[str, str, ast.Expr] | None:
    """Target, operator and right side of `target op expression`."""
    at = next(iter(outside(text, "=")), -1)
    if at <= 0 or text[at + 1 : at + 2] in ("=", ">") or text[at - 1] in "!<>":
        return None
    op, end = "=", at
    if text[at - 1] in "+-*/":
        op, end = text[at - 1] + "=", at - 1
    right = fields.parsed(r, text[at + 1 :])
    target = fields.target_text(r, text[:end])
    return None if right is None or not target else (target, op, right)


# -------------------------------------------------------------------- other actions


def increment(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`increment` and `decrement`: the name alone when the step is 1 (V7)."""
    apply_primary(r, pair, _STEP)
    node = pair.value
    if not isinstance(node, Mapping) or is_opaque(node):
        return
    by = node.get("by")
    if by is not None and isinstance(by.value, Scalar) and by.value.value in (1, None) and by.value.value is not True:
        if isinstance(by.value.value, int | None) and len(node.pairs) > 1:
            remove(node.pairs, by)
            drop(by, pair)
    collapse(pair, "variable")


def clear(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`clear` (V8)."""
    apply_primary(r, pair, _CLEAR)
    collapse(pair, "variable")


def state_update(r: Rewriter, item: Mapping, pair: Pair) -> None:
    if apply_shape(r, pair.value, STATE_UPDATE) and isinstance(pair.value, Mapping):
        if not all(is_flow(other.value) for other in pair.value.pairs):
            pair.value.flow = False
