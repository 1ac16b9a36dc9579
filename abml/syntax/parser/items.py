"""Action lists and action items (language 6.1): which key is the action, modifiers, short forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from abml.actions import forbidden_code, is_builtin
from abml.syntax import ast
from abml.syntax.ast import Action, ActionList, Cond, FlowRef
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

from . import values
from .base import ACTION_NAME, IDENTIFIER, MAX_NESTING, Entries, Fields, Parser, describe, is_null

if TYPE_CHECKING:
    from abml.source import Span
    from abml.syntax.cst_nodes import CstNode

# Every modifier key and the one it stands for.
MODIFIERS: dict[str, str] = {
    "args": "args",
    "with": "args",
    "into": "into",
    "result": "into",
    "result_var": "into",
    "result_variable": "into",
    "on_error": "on_error",
    "await": "await",
    "timeout": "timeout",
    "on_timeout": "on_timeout",
    "when": "when",
    "id": "id",
    "description": "description",
}

# `if oil < 2`, `elif oil < 4`: the expression is the rest of the key (C8, C9).
_KEY_FORM = re.compile(r"(if|elif|else_if|elseif|else if)(?=[\s(!$])\s*(?=\S)")
_SIBLINGS = frozenset(("else", "otherwise", "elif", "else_if", "elseif"))

# Keys beside `repeat: 3` that belong to it (L5).
_REPEAT_BESIDE = frozenset(("do", "actions", "then", "variable"))

# Words that are an action where a name may stand as well.
_WORD_ACTIONS = frozenset(("noop", "return", "break", "continue"))


class Site:
    """One action item being read.

    Attributes:
        name: canonical action name.
        key: the action key (or the word) as written.
        value: its argument; for a word a null scalar.
        span: the whole item.
        beside: modifiers beside the action key by canonical name, taken out as they are read.
        extra: further keys beside `repeat`.
        handler: the `on_error` found inside the mapping.
    """

    __slots__ = ("beside", "extra", "handler", "key", "name", "span", "value")

    def __init__(self, name: str, key: CstScalar, value: CstNode, span: Span, beside: Fields) -> None:
        self.name = name
        self.key = key
        self.value = value
        self.span = span
        self.beside = beside
        self.extra: Entries = []
        self.handler: tuple[CstScalar, CstNode] | None = None

    def entries(self, p: Parser, *, keep_x: bool = False) -> Entries:
        """The entries of the argument mapping, without `on_error`, which is a modifier everywhere."""
        value = self.value
        if not isinstance(value, CstMapping):
            return []
        found = p.entries(value, keep_x=keep_x)
        for index, (text, key, node) in enumerate(found):
            if text == "on_error":
                self.handler = (key, node)
                del found[index]
                break
        return found

    def fields(self, p: Parser, names: Mapping[str, str]) -> Fields:
        """The fields of the argument mapping; modifiers beside that are fields here are merged in."""
        return self.merged(p, p.fields(self.entries(p), names, self.name), names)

    def merged(self, p: Parser, found: Fields, names: Mapping[str, str]) -> Fields:
        """Fields with the modifiers beside that name one of them."""
        beside = self.beside
        if beside:
            for modifier in list(beside):
                key, node = beside[modifier]
                canonical = names.get(key.text, names.get(modifier))
                if canonical is None:
                    continue
                del beside[modifier]
                if canonical in found:
                    p.given_twice(key, found[canonical][0])
                else:
                    found[canonical] = (key, node)
        return found

    def scalar_or_fields(self, p: Parser, names: Mapping[str, str], primary: str) -> Fields | None:
        """Fields of an action that also takes one scalar for its primary field; None after a report."""
        value = self.value
        if isinstance(value, CstMapping):
            return self.fields(p, names)
        if isinstance(value, CstSequence):
            p.not_allowed(value, self.name, "a single value or a mapping")
            return None
        found: Fields = {}
        if not is_null(value):
            found[primary] = (self.key, value)
        return self.merged(p, found, names)

    def required(self, p: Parser, found: Fields, field: str) -> CstNode | None:
        """The value of a required field; null counts as missing (ABML162)."""
        entry = found.get(field)
        if entry is None or is_null(entry[1]):
            p.missing(self.key.span, self.name, field)
            return None
        return entry[1]


Builder = Callable[[Parser, Site], "Action | None"]

# Builders of the built-in actions by canonical name; filled by the package.
BUILDERS: dict[str, Builder] = {}


# ---------------------------------------------------------------------- lists


def action_list(p: Parser, node: CstNode, field: str = "actions") -> ActionList:
    """An action list, or one of its short forms B3 to B5."""
    if p.nesting >= MAX_NESTING:
        p.report(116, node.span, limit=f"action lists are nested more than {MAX_NESTING} deep")
        return ActionList(node.span, [])
    p.nesting += 1
    try:
        return ActionList(node.span, _list_items(p, node, field))
    finally:
        p.nesting -= 1


def _list_items(p: Parser, node: CstNode, field: str) -> list[Action]:
    found: list[Action] = []
    if isinstance(node, CstSequence):
        for item in node.items:
            _item(p, item, found)
    elif isinstance(node, CstMapping):
        if node.entries:
            _mapping_body(p, node, found)
    elif not is_null(node):
        _item(p, node, found)
    return found


def arm(p: Parser, node: CstNode) -> ActionList:
    """An action or a list of actions; a mapping is always one action, never a body of assignments."""
    if not isinstance(node, CstMapping):
        return action_list(p, node, "parallel")
    found: list[Action] = []
    p.nesting += 1
    _mapping_item(p, node, found)
    p.nesting -= 1
    return ActionList(node.span, found)


def optional_list(p: Parser, entry: tuple[CstScalar, CstNode] | None) -> ActionList | None:
    """The action list of a field that may be absent."""
    return None if entry is None else action_list(p, entry[1], entry[0].text)


def list_or_channel(p: Parser, entry: tuple[CstScalar, CstNode] | None) -> ActionList | None:
    """As `optional_list`; a word that names a channel of the document branches there (language 7.2)."""
    if entry is None:
        return None
    node = entry[1]
    if isinstance(node, CstScalar) and node.text in p.channels and node.text not in _WORD_ACTIONS:
        ref = FlowRef(node.span, node.text)
        return ActionList(
            node.span, [ast.BranchTo(span=node.span, name="branch", name_span=entry[0].span, channel=ref)]
        )
    return action_list(p, node, entry[0].text)


def list_or_name(p: Parser, entry: tuple[CstScalar, CstNode] | None) -> ActionList | FlowRef | None:
    """An action list, or the name of a channel or flow to go on with."""
    if entry is None:
        return None
    node = entry[1]
    if isinstance(node, CstScalar) and not is_null(node) and node.text not in _WORD_ACTIONS:
        return values.reference(p, node, entry[0].text)
    return action_list(p, node, entry[0].text)


# ---------------------------------------------------------------------- items


def _item(p: Parser, node: CstNode, found: list[Action]) -> None:
    """Read one item of a list and append what it is; a sibling `elif`/`else` joins the action before it."""
    if isinstance(node, CstScalar):
        if node.value is None:
            return
        _word(p, node, found)
    elif isinstance(node, CstMapping):
        _mapping_item(p, node, found)
    else:
        p.report(160, node.span, found=describe(node))


def _word(p: Parser, node: CstScalar, found: list[Action]) -> None:
    name = node.text.strip()
    if not isinstance(node.value, str) or not ACTION_NAME.fullmatch(name):
        p.report(160, node.span, found=describe(node))
        return
    if name in ("else", "otherwise"):
        p.report(167, node.span, word=name)
        return
    nothing = CstScalar(None, "", "plain", node.first, node.last, node.source)
    _append(p, Site(p.canonical_name(node), node, nothing, node.span, {}), found)


def _mapping_item(p: Parser, node: CstMapping, found: list[Action]) -> None:
    # Most items have one key; they need no search.
    entries = node.entries
    if len(entries) == 1:
        key, value = entries[0]
        if key.text not in MODIFIERS:
            _keyed(p, key, value, node.span, {}, [], found)
            return
    everything = p.entries(node)
    action = _action_key(everything)
    if action is None:
        if everything or not entries:
            p.report(160, node.span, found="a mapping without an action" if everything else describe(node))
        return
    beside: Fields = {}
    extra: Entries = []
    repeats = everything[action][0] == "repeat"
    for index, (text, key, value) in enumerate(everything):
        if index == action:
            continue
        modifier = MODIFIERS.get(text)
        if modifier is None or is_builtin(text):
            if repeats and text in _REPEAT_BESIDE:
                extra.append((text, key, value))
            else:
                p.report(161, key.span, names=f"'{everything[action][0]}' and '{text}'")
        elif modifier in beside:
            p.given_twice(key, beside[modifier][0])
        else:
            beside[modifier] = (key, value)
    _, key, value = everything[action]
    _keyed(p, key, value, node.span, beside, extra, found)


def _action_key(entries: Entries) -> int | None:
    """The index of the action key: a built-in's, else the first key that is no modifier."""
    first = None
    for index, (text, _, _) in enumerate(entries):
        if is_builtin(text) or _is_branch_key(text):
            return index
        if first is None and text not in MODIFIERS:
            first = index
    return first


def _is_branch_key(text: str) -> bool:
    return text in _SIBLINGS or (text[:2] in ("if", "el") and _KEY_FORM.match(text) is not None)


def _keyed(
    p: Parser, key: CstScalar, value: CstNode, span: Span, beside: Fields, extra: Entries, found: list[Action]
) -> None:
    """Read the action of one key."""
    text = key.text
    if text[:2] in ("if", "el", "ot") and (text in _SIBLINGS or _KEY_FORM.match(text)):
        _branch_key(p, key, value, span, beside, found)
        return
    if text.startswith("x-"):
        return
    if not ACTION_NAME.fullmatch(text):
        if text.strip() and not is_builtin(text.strip()):
            p.name(key, "action", IDENTIFIER)
        else:
            p.report(160, span, found="a mapping without an action")
        return
    site = Site(p.canonical_name(key), key, value, span, beside)
    site.extra = extra
    _append(p, site, found)


def _branch_key(p: Parser, key: CstScalar, value: CstNode, span: Span, beside: Fields, found: list[Action]) -> None:
    """`if EXPR:` as an item of its own; `elif`, `else` join the conditional before them (C8, C9)."""
    from . import branching

    text = key.text
    match = _KEY_FORM.match(text)
    word = match[1] if match else text
    if word == "if":
        assert match is not None
        site = Site("if", key, value, span, beside)
        _finish(p, site, branching.key_form(p, site, match.end()), found)
        return
    last = found[-1] if found else None
    if not isinstance(last, Cond) or last.otherwise is not None:
        p.report(167, key.span, word=word)
        # Read it all the same, so that its own mistakes are reported.
        last = None
    site = Site("if", key, value, span, beside)
    branching.sibling(p, site, last, word, match.end() if match else None)
    _leftover(p, site)


def _append(p: Parser, site: Site, found: list[Action]) -> None:
    code = forbidden_code(site.name)
    if code is not None:
        _forbidden(p, site, code)
    builder = BUILDERS.get(site.name)
    if builder is None:
        builder = BUILDERS["*"]
    _finish(p, site, builder(p, site), found)


def _forbidden(p: Parser, site: Site, code: int) -> None:
    """ABML501 and ABML502; a service call that names its route may become a call of that route."""
    from .rewrites import route_form

    fix = route_form(p.reporter.source, site.key, site.value) if code == 501 else None
    alternatives = "a purpose-built action of the host, or 'call: \"/route\"' with a route that its manifest grants"
    p.report(code, site.key.span, name=site.name, alternatives=alternatives, fix=fix)


def _finish(p: Parser, site: Site, action: Action | None, found: list[Action]) -> None:
    """Give an action what every action may have, and report modifiers that nothing took."""
    beside = site.beside
    handler = site.handler
    if beside:
        other = beside.pop("on_error", None)
        if handler is None:
            handler = other
        elif other is not None:
            p.given_twice(other[0], handler[0])
        guard = beside.pop("when", None)
        label = beside.pop("id", None)
        note = beside.pop("description", None)
        if beside:
            _leftover(p, site)
        if action is not None:
            if guard is not None:
                action.when = values.condition(p, guard[1], "condition 'when'")
            if label is not None:
                action.id = p.text(label[1], "id")
            if note is not None:
                action.description = p.text(note[1], "description")
    if handler is not None:
        body = action_list(p, handler[1], "on_error")
        if action is not None:
            action.on_error = body
    if action is not None:
        found.append(action)


def _leftover(p: Parser, site: Site) -> None:
    for key, _ in site.beside.values():
        p.report(
            163,
            key.span,
            action=site.name,
            field=key.text,
            text=f"the modifier '{key.text}' has no meaning for '{site.name}'",
        )


# --------------------------------------------------------------- mapping body


def _mapping_body(p: Parser, node: CstMapping, found: list[Action]) -> None:
    """A mapping where a list is expected: one action item, or a body read entry by entry (B3, B5)."""
    entries = p.entries(node)
    if _is_single_item(p, entries):
        _mapping_item(p, node, found)
        return
    bare = [(key, value) for text, key, value in entries if not _is_action_entry(p, text, value)]
    is_all_bare = len(bare) == len(entries) > 0
    for text, key, value in entries:
        if _is_action_entry(p, text, value):
            _keyed(p, key, value, key.span.to(value.span), {}, [], found)
            continue
        from .rewrites import set_form

        fix = None
        if is_all_bare and key is bare[0][0]:
            # One edit for all of them: a second `set` would repeat the key.
            fix = set_form(p.reporter.source, key.span.to(bare[-1][1].span))
        p.report(170, key.span, names=f"'{text}'", fix=fix)
        target = values.target(p, key, text)
        expr = values.value(p, value)
        if target is None:
            continue
        span = key.span.to(value.span)
        found.append(
            ast.Assign(span=span, name="set", name_span=key.span, assignments=[ast.Assignment(span, target, expr)])
        )


def _is_single_item(p: Parser, entries: Entries) -> bool:
    """True for one action entry with modifiers only beside it."""
    actions = 0
    repeats = any(text == "repeat" for text, _, _ in entries)
    for text, _, value in entries:
        if text in MODIFIERS and not is_builtin(text):
            continue
        if repeats and text in _REPEAT_BESIDE:
            continue
        if not _is_action_entry(p, text, value):
            return False
        actions += 1
    return actions == 1


def _is_action_entry(p: Parser, text: str, value: CstNode) -> bool:
    return (
        isinstance(value, CstMapping)
        or is_builtin(text)
        or _is_branch_key(text)
        or forbidden_code(text) is not None
        or p.action_spec(text) is not None
        or ("." in text and ACTION_NAME.fullmatch(text) is not None)
    )
