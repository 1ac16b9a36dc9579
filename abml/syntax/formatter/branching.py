"""Rows C1 to C16: conditionals in all their spellings, and `switch`."""

from __future__ import annotations

import re

from . import fields
from .actions import action_list, action_pair, required_list
from .rewriting import Rewriter, Shape, apply_shape, each, new_pair, remove, shaped
from .tree import (
    Mapping,
    Node,
    Pair,
    Scalar,
    Sequence,
    is_flow,
    is_opaque,
    lift,
    quoted,
    rename,
    text_of,
)

_KEY_FORM = re.compile(r"(if|elif|else_if|elseif|else if)(?=[\s(!$])\s*(?=\S)")
_SIBLINGS = frozenset(("else", "otherwise", "elif", "else_if", "elseif"))
_CONDITIONS = ("when", "if", "condition")
_ELSE = ("else", "otherwise", "default")

_BRANCH = Shape(
    {"when": fields.condition, "then": required_list, "else": action_list},
    {"if": "when", "condition": "when", "otherwise": "else", "default": "else"},
)
_IF = Shape(
    {"condition": fields.condition, "then": required_list, "else": action_list},
    {"when": "condition", "test": "condition", "otherwise": "else", "else_if": "elif", "elseif": "elif"},
)
_ELIF = Shape(
    {"when": fields.condition, "then": required_list},
    {"condition": "when", "test": "when", "if": "when"},
)
_CASE = Shape(
    {"case": fields.value, "then": required_list},
    {"when": "case", "is": "case", "do": "then", "actions": "then"},
)


def is_branch_key(name: str) -> bool:
    """`if oil < 2`, `elif …`, `else`: keys that hold a condition, or go on with the item before."""
    return name in _SIBLINGS or (name[:2] in ("if", "el") and _KEY_FORM.match(name) is not None)


# --------------------------------------------------------------------------- cond


def cond(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`cond` in all its forms becomes a list of branches (C1 to C5, C10)."""
    node = pair.value
    if is_opaque(node):
        return
    if isinstance(node, Mapping):
        made = _from_pairs(item, node)
        if made is None:
            return
        pair.value = node = made
    if isinstance(node, Sequence):
        for branch in node.items:
            _branch(r, branch)
        if not all(is_flow(branch) for branch in node.items):
            node.flow = False


def _branch(r: Rewriter, node: Node) -> None:
    if not apply_shape(r, node, _BRANCH):
        return
    assert isinstance(node, Mapping)
    if node.get("when") is not None and node.get("then") is None:
        node.pairs.append(new_pair("then", Sequence([], True)))
    _settle(node)


def _settle(node: Mapping) -> None:
    """A mapping is written in lines when one of its values needs them."""
    if node.flow and not all(is_flow(pair.value) for pair in node.pairs):
        node.flow = False


def _from_pairs(item: Mapping, node: Mapping) -> Sequence | None:
    """The branches of a mapping with one or several `if`/`then` pairs, in order; None to leave it."""
    found: list[Node] = []
    otherwise: Mapping | None = None
    handler: Pair | None = None
    open_branch: Mapping | None = None
    for pair in node.pairs:
        name = pair.name
        if is_opaque(pair.key):
            return None
        if name in _CONDITIONS:
            open_branch = Mapping([pair], node.flow)
            open_branch.before, pair.before = pair.before, []
            found.append(open_branch)
        elif name == "then" and open_branch is not None and open_branch.get("then") is None:
            open_branch.pairs.append(pair)
        elif name in _ELSE and otherwise is None:
            otherwise = Mapping([pair], node.flow)
            otherwise.before, pair.before = pair.before, []
        elif name == "on_error" and handler is None and item.get("on_error") is None:
            handler = pair
        else:
            return None
    if otherwise is not None:
        found.append(otherwise)
    for branch in found:
        assert isinstance(branch, Mapping)
        _settle(branch)
    made = Sequence(found, node.flow)
    made.before, made.comment, made.tail = node.before, node.comment, node.tail
    if handler is not None:
        item.pairs.append(handler)
    return made


# ----------------------------------------------------------------------------- if


def if_action(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`if` with one test stays, with more it becomes `cond` (C6, C7)."""
    node = pair.value
    if not apply_shape(r, node, _IF):
        return
    assert isinstance(node, Mapping)
    condition, then = node.get("condition"), node.get("then")
    if condition is None:
        return
    if then is None:
        then = new_pair("then", Sequence([], True))
        node.pairs.insert(next(i for i, other in enumerate(node.pairs) if other is condition) + 1, then)
    _settle(node)
    more = node.get("elif")
    if more is None:
        return
    branches = _elif_branches(r, more.value)
    allowed = {"condition", "then", "else", "elif", "on_error"}
    if branches is None or not {other.name for other in node.pairs} <= allowed:
        return
    if node.get("on_error") is not None and item.get("on_error") is not None:
        return
    to_cond(item, pair)
    made = pair.value
    assert isinstance(made, Sequence)
    has_else = isinstance(made.items[-1], Mapping) and made.items[-1].get("else") is not None
    at = len(made.items) - 1 if has_else else len(made.items)
    first = branches[0] if branches else made
    first.before = [*[line for line in more.before if line], *([more.comment] if more.comment else []), *first.before]
    made.items[at:at] = branches
    if not all(is_flow(branch) for branch in made.items):
        made.flow = False


def _elif_branches(r: Rewriter, node: Node) -> list[Node] | None:
    """The branches of an `elif` list, or of one mapping; None to leave them."""
    if is_opaque(node):
        return None
    items: list[Node] = node.items if isinstance(node, Sequence) else [node]
    for item in items:
        if not apply_shape(r, item, _ELIF):
            return None
        assert isinstance(item, Mapping)
        if item.get("when") is None:
            return None
        if item.get("then") is None:
            item.pairs.append(new_pair("then", Sequence([], True)))
        _settle(item)
    if isinstance(node, Sequence) and any(node.tail):
        items[-1].before.extend(line for line in node.tail if line)
    return items


def to_cond(item: Mapping, pair: Pair) -> None:
    """Turn `if: {condition, then, else}` into `cond` with one branch and perhaps `else`."""
    node = pair.value
    assert isinstance(node, Mapping)
    condition, then, other = node.get("condition"), node.get("then"), node.get("else")
    assert condition is not None and then is not None
    rename(condition, "when")
    branch = Mapping([condition, then], node.flow)
    branch.before, condition.before = condition.before, []
    branches: list[Node] = [branch]
    if other is not None:
        last = Mapping([other], node.flow)
        last.before, other.before = other.before, []
        branches.append(last)
    handler = node.get("on_error")
    if handler is not None:
        item.pairs.append(handler)
    rename(pair, "cond")
    made = Sequence(branches, node.flow)
    made.before, made.comment, made.tail = node.before, node.comment, node.tail
    pair.value = made


# -------------------------------------------------------------- keys with a test


def key_form(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`- if oil < 2: …` becomes `- if: {condition, then}` (C8)."""
    match = _KEY_FORM.match(pair.name)
    if match is None or match[1] != "if":
        _body_of(r, pair)
        return
    made = _with_condition(r, pair, match.end(), "condition", item.flow)
    if made is None:
        _body_of(r, pair)
        return
    rename(pair, "if")
    pair.value = made
    if not made.flow:
        item.flow = False
    if_action(r, item, pair)


def _body_of(r: Rewriter, pair: Pair) -> None:
    """Rewrite the actions of a sibling that stays where it is."""
    if pair.name in ("elif", "else_if", "elseif"):
        each(shaped(_ELIF))(r, pair.value)
    elif not _has_fields(pair.value):
        pair.value = action_list(r, pair.value)
    else:
        apply_shape(r, pair.value, _IF)


def _has_fields(node: Node) -> bool:
    if not isinstance(node, Mapping):
        return False
    return any(pair.name in ("then", "else", "elif", "else_if", "elseif") for pair in node.pairs)


def _with_condition(r: Rewriter, pair: Pair, start: int, field: str, flow: bool) -> Mapping | None:
    """The mapping with the condition that stood in a key; None when it cannot be read."""
    text = fields.expression_of(r, pair.name[start:])
    if text is None or is_opaque(pair.value):
        return None
    test = new_pair(field, quoted("${" + text + "}"))
    body = pair.value
    if _has_fields(body):
        assert isinstance(body, Mapping)
        if any(other.name in ("condition", "when", "test") for other in body.pairs):
            return None
        body.pairs.insert(0, test)
        return body
    made = Mapping([test, new_pair("then", body)], flow and is_flow(body))
    made.before, body.before = body.before, []
    return made


def join(r: Rewriter, done: list[Node], node: Node) -> bool:
    """Merge a sibling `elif`/`else` into the conditional before it (C9); False when it is none, or cannot be."""
    if not isinstance(node, Mapping) or is_opaque(node) or len(node.pairs) != 1 or any(node.tail):
        return False
    pair = node.pairs[0]
    match = _KEY_FORM.match(pair.name)
    if is_opaque(pair.key) or (pair.name not in _SIBLINGS and (match is None or match[1] == "if")):
        return False
    last = done[-1]
    if not isinstance(last, Mapping) or is_opaque(last):
        return False
    owner = action_pair(last)
    if owner is None or not _is_open(owner):
        return False
    branches = _sibling(r, pair, match, node.flow)
    if branches is None or not branches:
        return False
    branches[0].before = [line for line in [*node.before, *branches[0].before] if line]
    if owner.name == "if":
        _, only = owner, branches[0]
        if len(branches) == 1 and isinstance(only, Mapping) and only.pairs[0].name == "else":
            inner = owner.value
            assert isinstance(inner, Mapping)
            only.pairs[0].before = [*only.before, *only.pairs[0].before]
            inner.pairs.append(only.pairs[0])
            if not only.flow:
                inner.flow = last.flow = False
            _settle(inner)
            return True
        to_cond(last, owner)
    made = owner.value
    assert isinstance(made, Sequence)
    made.items.extend(branches)
    if not all(is_flow(branch) for branch in made.items):
        made.flow = last.flow = False
    return True


def _is_open(owner: Pair) -> bool:
    """Whether a conditional in canonical form takes another branch."""
    node = owner.value
    if is_opaque(node):
        return False
    if owner.name == "if":
        if not isinstance(node, Mapping):
            return False
        known = {"condition", "then", "on_error"}
        return {pair.name for pair in node.pairs} <= known and node.get("condition") is not None
    if owner.name != "cond" or not isinstance(node, Sequence) or not node.items:
        return False
    branches = [item for item in node.items if isinstance(item, Mapping) and not is_opaque(item)]
    return len(branches) == len(node.items) and all(branch.get("when") is not None for branch in branches)


def _sibling(r: Rewriter, pair: Pair, match: re.Match[str] | None, flow: bool) -> list[Node] | None:
    """The branches of a sibling item."""
    if pair.name in ("else", "otherwise"):
        rename(pair, "else")
        pair.value = action_list(r, pair.value)
        return [Mapping([pair], flow and is_flow(pair.value))]
    if match is None:
        found = _elif_branches(r, pair.value)
        if found:
            found[0].before = [*pair.before, *([pair.comment] if pair.comment else []), *found[0].before]
        return found
    made = _with_condition(r, pair, match.end(), "when", flow)
    if made is None:
        return None
    if made.get("elif") is not None or made.get("else_if") is not None or made.get("elseif") is not None:
        made.pairs = [other for other in made.pairs if other.name != "when"]
        return None
    made.before = [*pair.before, *([pair.comment] if pair.comment else []), *made.before]
    other = next((one for one in made.pairs if one.name in ("else", "otherwise")), None)
    branches: list[Node] = [made]
    if other is not None:
        remove(made.pairs, other)
        branches.append(Mapping([other], flow))
    for branch in branches:
        _branch(r, branch)
    return branches


# ------------------------------------------------------------------------- switch


def _cases(r: Rewriter, node: Node) -> Node:
    """Cases as a mapping where every case is one text, else as a list (C15)."""
    if is_opaque(node):
        return node
    if isinstance(node, Mapping):
        for pair in node.pairs:
            pair.value = action_list(r, pair.value)
        _settle(node)
        return node
    if not isinstance(node, Sequence):
        return node
    texts: list[str] = []
    for item in node.items:
        if not apply_shape(r, item, _CASE):
            return node
        assert isinstance(item, Mapping)
        if item.get("case") is not None and item.get("then") is None:
            item.pairs.append(new_pair("then", Sequence([], True)))
        _settle(item)
        texts.append(_single_text(item) or "")
    if not node.items or not all(texts) or len(set(texts)) < len(texts):
        if not all(is_flow(item) for item in node.items):
            node.flow = False
        return node
    made = Mapping([_case_pair(item) for item in node.items if isinstance(item, Mapping)], node.flow)
    made.before, made.comment, made.tail = node.before, node.comment, node.tail
    made.flow = node.flow and all(is_flow(pair.value) and not any(pair.before) for pair in made.pairs)
    return made


def _single_text(item: Mapping) -> str | None:
    """The text of a case that can be a key: one literal text that is no number or word."""
    if {pair.name for pair in item.pairs} != {"case", "then"}:
        return None
    case = item.get("case")
    assert case is not None
    text = text_of(case.value)
    if text is None or not fields.is_literal_text(text) or text.startswith("x-") or "\n" in text or len(text) > 100:
        return None
    return text if text == text.strip() else None


def _case_pair(item: Mapping) -> Pair:
    case, then = item.get("case"), item.get("then")
    assert case is not None and then is not None and isinstance(case.value, Scalar)
    key = case.value
    # A key is written in one line and without the repairs that values get.
    keeps = key.raw is not None and "\n" not in key.raw and key.raw[:1] not in "@{$|>"
    made = Pair(Scalar(key.value, key.text, key.style, key.raw) if keeps else quoted(key.text), then.value)
    made.before = [line for line in item.before if line]
    key.comment, comment = "", key.comment
    lift(case, made)
    made.before += [*([comment] if comment else []), *[line for line in then.before if line]]
    made.before += [line for line in [item.comment, *item.tail] if line]
    made.comment = then.comment
    return made


SWITCH = Shape(
    {"value": fields.condition, "cases": _cases, "default": action_list},
    {"on": "value", "expression": "value", "else": "default", "otherwise": "default"},
)


def switch(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`switch` (C14, C15)."""
    if apply_shape(r, pair.value, SWITCH) and isinstance(pair.value, Mapping):
        _settle(pair.value)


def guard(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """`condition` among actions (C16)."""
    pair.value = fields.condition(r, pair.value)
