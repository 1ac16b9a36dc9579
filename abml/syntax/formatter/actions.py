"""Rows B1 to B8: action lists, their short forms, action items and their modifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.actions import canonical_action, forbidden_code, is_builtin
from abml.syntax.parser.base import ACTION_NAME
from abml.syntax.parser.items import MODIFIERS

from . import fields
from .rewriting import Rewriter, add, expand, new_pair, remove
from .tree import (
    Mapping,
    Node,
    Pair,
    Scalar,
    Sequence,
    is_blank,
    is_flow,
    is_null,
    is_opaque,
    notes_of,
    one_item,
    rename,
    replaced,
    word,
)

if TYPE_CHECKING:
    from .rules import Rule

# Words that are an action where the name of a channel or flow may stand as well.
_WORD_ACTIONS = frozenset(("noop", "return", "break", "continue"))
# Keys that the mapping form of `set` reads as something else than a variable.
TAKEN = frozenset(("variable", "value", "on_error"))
_REPEAT_BESIDE = frozenset(("do", "actions", "then", "variable"))
_CALLS = frozenset(("call", "goto"))
_TIMED = frozenset(("wait", "wait_for", "sync", "choice", "qte"))
_PRIMARY = {"call": "flow", "goto": "flow", "wait": "duration", "wait_for": "signal", "sync": "point"}


# ------------------------------------------------------------------------- lists


def action_list(r: Rewriter, node: Node) -> Node:
    """An action list; its short forms become lists (B3 to B5)."""
    if is_opaque(node):
        return node
    if isinstance(node, Sequence):
        _items(r, node)
        return node
    if isinstance(node, Mapping):
        if not node.pairs:
            made = Sequence([], True)
            made.tail = node.tail
            return replaced(node, made)
        return _body(r, node)
    if not isinstance(node, Scalar) or is_null(node) or not ACTION_NAME.fullmatch(node.text.strip()):
        return node
    found = one_item(node)
    _items(r, found)
    return found


def required_list(r: Rewriter, node: Node) -> Node:
    """The body of a branch: nothing is an empty list (C10)."""
    if is_null(node):
        return replaced(node, Sequence([], True))
    return action_list(r, node)


def list_or_channel(r: Rewriter, node: Node) -> Node:
    """An action list, or the name of a declared channel, which stays."""
    if isinstance(node, Scalar) and node.text in r.channels and node.text not in _WORD_ACTIONS:
        return node
    return action_list(r, node)


def list_or_name(r: Rewriter, node: Node) -> Node:
    """An action list, or the name of a channel or flow, which stays."""
    if isinstance(node, Scalar) and node.text not in _WORD_ACTIONS:
        return fields.reference(r, node)
    return action_list(r, node)


def arms(r: Rewriter, node: Node) -> Node:
    """The arms of `parallel`: each a list (S8)."""
    if isinstance(node, Sequence) and not is_opaque(node):
        made: list[Node] = []
        for arm in node.items:
            if isinstance(arm, Mapping) and not is_opaque(arm) and arm.pairs:
                arm = one_item(arm)
            if not is_null(arm):
                arm = action_list(r, arm)
            if not is_flow(arm):
                node.flow = False
            made.append(arm)
        node.items = made
    return node


def _items(r: Rewriter, node: Sequence) -> None:
    """Rewrite the items of a list; siblings join the conditional before them (C9)."""
    from . import branching

    made: list[Node] = []
    for item in node.items:
        if made and branching.join(r, made, item):
            continue
        rewritten = action(r, item)
        if not is_flow(rewritten):
            node.flow = False
        made.append(rewritten)
    if made and not all(is_flow(item) for item in made):
        node.flow = False
    node.items = made


def _body(r: Rewriter, node: Mapping) -> Node:
    """A mapping in the place of a list: one action, or a body read entry by entry (B3, B5)."""
    if _is_single_item(r, node):
        found = one_item(node)
        if not found.flow:
            _down(node, found)
        _items(r, found)
        return found
    made = Sequence([], node.flow)
    made.tail = node.tail
    names: list[str] = []
    for pair in node.pairs:
        if pair.name.startswith("x-") or pair.name in names or is_opaque(pair.key) or pair.name in TAKEN:
            return node
        names.append(pair.name)
    for pair in node.pairs:
        if _is_action_entry(r, pair.name, pair.value):
            item = Mapping([pair], node.flow)
        else:
            inner = Mapping([pair], node.flow or is_flow(pair.value))
            item = Mapping([new_pair("set", inner)], node.flow)
        _down(item, item)
        item.before, pair.before = pair.before, []
        made.items.append(item)
    replaced(node, made)
    _items(r, made)
    return made


def _down(node: Mapping, owner: Node) -> None:
    """Comments above the first entry of a mapping that gets a dash belong above the dash."""
    if node is not owner and node.pairs:
        owner_item = node
        owner_item.before = [*owner_item.before, *node.pairs[0].before]
        node.pairs[0].before = []


def _is_single_item(r: Rewriter, node: Mapping) -> bool:
    """One action entry with modifiers only beside it, as the parser reads it."""
    actions = 0
    repeats = node.get("repeat") is not None
    for pair in node.pairs:
        name = pair.name
        if name.startswith("x-") or (name in MODIFIERS and not is_builtin(name)):
            continue
        if repeats and name in _REPEAT_BESIDE:
            continue
        if not _is_action_entry(r, name, pair.value):
            return False
        actions += 1
    return actions == 1


def _is_action_entry(r: Rewriter, name: str, node: Node) -> bool:
    from .branching import is_branch_key

    return (
        isinstance(node, Mapping)
        or is_builtin(name)
        or is_branch_key(name)
        or forbidden_code(name) is not None
        or r.action_spec(name) is not None
        or ("." in name and ACTION_NAME.fullmatch(name) is not None)
    )


# ------------------------------------------------------------------------- items


def action(r: Rewriter, node: Node) -> Node:
    """One item of an action list."""
    if is_opaque(node):
        return node
    if isinstance(node, Scalar):
        name = canonical_action(node.text.strip())
        if isinstance(node.value, str) and name != node.text and ACTION_NAME.fullmatch(name):
            return replaced(node, word(name))
        return node
    if not isinstance(node, Mapping) or not node.pairs:
        return node
    pair = action_pair(node)
    if pair is None or is_opaque(pair.key) or pair.name.startswith("x-"):
        return node
    from . import branching

    for other in node.pairs:
        if other is pair or is_builtin(other.name):
            continue
        if MODIFIERS.get(other.name) == "on_error":
            other.value = action_list(r, other.value)
        elif other.name == "when":
            other.value = fields.condition(r, other.value)
    if branching.is_branch_key(pair.name):
        branching.key_form(r, node, pair)
        return node
    if not ACTION_NAME.fullmatch(pair.name):
        return node
    if canonical_action(pair.name) != pair.name:
        rename(pair, canonical_action(pair.name))
    inner = pair.value.get("on_error") if isinstance(pair.value, Mapping) and not is_opaque(pair.value) else None
    if inner is not None and pair.name not in ("set", "local", "global"):
        inner.value = action_list(r, inner.value)
    _gather(r, node, pair)
    _rule(pair.name)(r, node, pair)
    for child in node.pairs:
        if not is_flow(child.value) or any(child.before):
            node.flow = False
    return _bare(node, pair)


def _rule(name: str) -> Rule:
    # Rules of blocks come back here for the lists inside them.
    from . import rules

    return rules.RULES.get(name, rules.DOMAIN)


def action_pair(node: Mapping) -> Pair | None:
    """The entry with the action key: a built-in's, else the first that is no modifier."""
    from .branching import is_branch_key

    first = None
    for pair in node.pairs:
        if is_builtin(pair.name) or is_branch_key(pair.name):
            return pair
        if first is None and pair.name not in MODIFIERS and not pair.name.startswith("x-"):
            first = pair
    return first


def _bare(node: Mapping, pair: Pair) -> Node:
    """An action without parameters is a word (B1, B8)."""
    if len(node.pairs) != 1 or not is_blank(pair.value) or node.tail:
        return node
    made = word(pair.name)
    notes = list(notes_of(pair))
    made.comment = notes.pop() if len(notes) == 1 and not any(pair.before) else ""
    made.before = [*node.before, *notes]
    if node.comment:
        made.before.append(node.comment)
    return made


# --------------------------------------------------------------------- modifiers


def _gather(r: Rewriter, node: Mapping, pair: Pair) -> None:
    """Modifiers beside the action key go into the action's mapping where the language reads them there (B6)."""
    name = pair.name
    if len(node.pairs) == 1 or is_opaque(pair.value):
        return
    if not is_builtin(name) or name in ("load_snapshot", "prefetch_snapshots", "watch", "unwatch"):
        from .domain import gather

        gather(r, node, pair)
        return
    wanted = {"into", "args"} if name in _CALLS else {"timeout", "on_timeout", "into"} if name in _TIMED else set()
    if not wanted or is_route(pair.value):
        return
    found = [other for other in node.pairs if other is not pair and MODIFIERS.get(other.name) in wanted]
    if name in ("goto", "wait", "wait_for", "sync"):
        found = [other for other in found if MODIFIERS[other.name] != "into"]
    if not found:
        return
    if isinstance(pair.value, Sequence):
        if name != "wait_for":
            return
        inner = Mapping([new_pair("all_of", pair.value)], is_flow(pair.value))
        inner.before, pair.value.before = pair.value.before, []
        pair.value = inner
    elif isinstance(pair.value, Mapping) or is_null(pair.value) or name in _PRIMARY:
        inner = expand(pair, _PRIMARY.get(name, "value"))
    else:
        return
    for other in found:
        move_into(node, inner, other)


def move_into(node: Mapping, inner: Mapping, other: Pair) -> None:
    """Move an entry from the item into the mapping of its action."""
    remove(node.pairs, other)
    if any(other.before):
        inner.flow = False
    add(inner, other)
    if not inner.flow:
        node.flow = False


def is_route(node: Node) -> bool:
    if isinstance(node, Mapping):
        flow = node.get("flow")
        return flow is not None and is_route(flow.value)
    return isinstance(node, Scalar) and node.text.lstrip().startswith("/")
