"""Rows A1 to A16: the sections of a document."""

from __future__ import annotations

import re

from abml.syntax.types import ALIASES

from . import fields, goals
from .actions import action_list
from .quoting import is_plain
from .rewriting import Context, Rewriter, Shape, apply_shape, each, listed, new_pair, remove, same, shaped
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
    notes_of,
    one_item,
    one_pair,
    quoted,
    rename,
    replaced,
    text_of,
    unwrap,
    word,
)

_VERSION = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_TYPE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEFINITION = frozenset(("type", "default", "source", "computed", "properties", "items", "description", "readonly"))


# ------------------------------------------------------------------------- scalars


def version(r: Rewriter, node: Node) -> Node:
    """The version as a quoted text (A1)."""
    if not isinstance(node, Scalar) or is_opaque(node):
        return node
    match = _VERSION.fullmatch(node.text.strip())
    if match is None:
        return node
    made = f"{match[1]}.{match[2] or '0'}"
    return node if made == node.text and node.style in ("single", "double") else replaced(node, quoted(made))


def type_name(r: Rewriter, node: Node) -> Node:
    """A declared type by its own name (A6)."""
    text = text_of(node)
    if text is None or text.strip().startswith("enum"):
        return node
    made = _TYPE_NAME.sub(lambda match: ALIASES.get(match[0], match[0]), text)
    if made == text:
        return node
    return replaced(node, word(made) if is_plain(made) else quoted(made))


# ------------------------------------------------------------------------- metadata


def _template(r: Rewriter, node: Node) -> Node:
    """`{type: t}` without an alias is the type alone (A7)."""
    if isinstance(node, Mapping) and not is_opaque(node) and [pair.name for pair in node.pairs] == ["type"]:
        pair = node.pairs[0]
        if isinstance(pair.value, Scalar) and not is_opaque(pair.value):
            made = unwrap(node, pair, notes := word(""))
            made.before += notes.before
            return made
    return node


def _import(r: Rewriter, node: Node) -> Node:
    """A path alone becomes `{file, as}` (A11)."""
    from abml.loader import is_alias
    from abml.resolver import default_alias

    text = text_of(node)
    if text is None:
        apply_shape(r, node, _IMPORT)
        return node
    alias = default_alias(text.strip())
    if not is_alias(alias):
        return node
    made = one_pair("file", node)
    made.pairs.append(new_pair("as", word(alias) if is_plain(alias) else quoted(alias)))
    return made


_IMPORT = Shape({"types": listed(same)})
METADATA = Shape(
    {
        "tags": listed(same),
        "resource_templates": listed(_template),
    }
)
_PARAM = Shape({"type": type_name, "default": fields.value})
_FUNCTION = Shape({"params": listed(shaped(_PARAM)), "returns": type_name})


# -------------------------------------------------------------------------- context


def _entries(context: Context) -> Context:
    """The context of a mapping whose values all have this one."""

    def values(r: Rewriter, node: Node) -> Node:
        if isinstance(node, Mapping) and not is_opaque(node):
            for pair in node.pairs:
                if not pair.name.startswith("x-"):
                    pair.value = context(r, pair.value)
        return node

    return values


_VARIABLE = Shape(
    {"type": type_name, "default": fields.value, "source": fields.condition, "computed": fields.condition}
)


def _variable(r: Rewriter, node: Node) -> Node:
    """A definition, or its default alone, which stays so (A4)."""
    if isinstance(node, Mapping) and node.pairs and set(node.names()) <= _DEFINITION and node.names():
        apply_shape(r, node, _VARIABLE)
        return node
    return fields.value(r, node)


variables = _entries(_variable)
CONTEXT = Shape({"variables": variables, "requirements": _entries(fields.requirement), "services": listed(same)})

_OPTION = Shape(
    {
        **{name: fields.condition for name in ("preference", "available", "risk", "cooldownMs")},
        "requirements": listed(same),
        "tags": listed(same),
    },
    {"action_id": "actionId", "id": "actionId", "cooldown_ms": "cooldownMs"},
)
_EVENT = Shape({"pattern": each(fields.text), "condition": fields.condition})


def _check(r: Rewriter, node: Node) -> Node:
    if isinstance(node, Mapping):
        apply_shape(r, node, Shape({"check": fields.condition}))
        return node
    return fields.condition(r, node)


_FILTER = Shape({"conditions": listed(_check)})
_TRIGGER = Shape({"condition": fields.condition})


# --------------------------------------------------------------------------- flows

_FLOW = Shape(
    {
        "actions": action_list,
        "triggers": each(shaped(_TRIGGER)),
        "on_error": action_list,
        "params": listed(shaped(_PARAM)),
        "goap": shaped(goals.GOAP),
        "tags": listed(same),
    },
    {"steps": "actions", "do": "actions"},
)


def flow(r: Rewriter, node: Node) -> Node:
    """A flow: its actions alone when there is nothing else (A8 to A10)."""
    if not isinstance(node, Mapping):
        return action_list(r, node) if isinstance(node, Sequence) else node
    if not apply_shape(r, node, _FLOW):
        return node
    when = node.get("when")
    if when is not None:
        _when(r, node, when)
    return _only_actions(node)


def _when(r: Rewriter, node: Mapping, when: Pair) -> None:
    """`when` becomes an item of `triggers` (A10)."""
    if is_opaque(when.value) or is_blank(when.value) or isinstance(when.value, Sequence):
        return
    trigger: Node = when.value
    if isinstance(trigger, Scalar):
        trigger = one_pair("condition", fields.condition(r, trigger))
    else:
        apply_shape(r, trigger, _TRIGGER)
    given = node.get("triggers")
    if given is None:
        when.value = one_item(trigger)
        rename(when, "triggers")
        return
    if is_blank(given.value):
        made: Node = one_item(trigger)
        given.value = replaced(given.value, made)
    elif isinstance(given.value, Sequence) and not is_opaque(given.value):
        given.value.items.append(trigger)
        if not is_flow(trigger):
            given.value.flow = False
    else:
        when.value = trigger
        return
    trigger.before = [*[line for line in when.before if line], *trigger.before]
    if when.comment:
        trigger.before.append(when.comment)
    if any(trigger.before):
        assert isinstance(given.value, Sequence)
        given.value.flow = False
    remove(node.pairs, when)


def _only_actions(node: Mapping) -> Node:
    """The list alone where `actions` is the only key (A8, A13)."""
    if len(node.pairs) != 1 or node.pairs[0].name != "actions":
        return node
    pair = node.pairs[0]
    body = pair.value
    if not isinstance(body, Sequence) or is_opaque(body):
        return node
    notes = [line for line in [*pair.before, pair.comment, *body.before] if line]
    body.before = []
    if notes and body.items:
        body.items[0].before = [*notes, *body.items[0].before]
        body.flow = False
    else:
        body.tail = [*notes, *body.tail]
    body.tail = [*body.tail, *node.tail]
    return replaced(node, body)


flows = _entries(flow)

_CHANNEL = Shape({"actions": action_list, "on_error": action_list}, {"steps": "actions", "do": "actions"})


def _channel(r: Rewriter, node: Node) -> Node:
    """A list, a mapping, or the name of a flow, which stays (A13)."""
    if isinstance(node, Sequence):
        return action_list(r, node)
    if not isinstance(node, Mapping) or not apply_shape(r, node, _CHANNEL):
        return node
    return _only_actions(node)


def _planned(r: Rewriter, node: Node) -> Node:
    """An entry of the `actions` section as a flow with `goap` (A12)."""
    assert isinstance(node, Mapping)
    goap = Mapping([], node.flow)
    kept: list[Pair] = []
    at: int | None = None
    for pair in node.pairs:
        if pair.name in goals.PLANNED:
            at = len(kept) if at is None else at
            goap.pairs.append(pair)
        else:
            kept.append(pair)
    if not goap.pairs:
        goap.flow = True
    elif not all(is_flow(pair.value) and not any(pair.before) for pair in goap.pairs):
        goap.flow = False
    kept.insert(at or 0, new_pair("goap", goap))
    node.pairs = kept
    return flow(r, node)


# ------------------------------------------------------------------------- functions


def _function(r: Rewriter, node: Node) -> Node:
    """A document function; a body of one expression is written with single blanks."""
    if not apply_shape(r, node, _FUNCTION):
        return node
    assert isinstance(node, Mapping)
    body = node.get("body")
    text = None if body is None else text_of(body.value)
    if body is None or text is None:
        return node
    trimmed = text.strip()
    if "\n" in trimmed or "${" in trimmed or trimmed.startswith(("return", "let ", "#")) or _is_statement(trimmed):
        return node
    made = fields.expression_of(r, trimmed)
    if made is not None and made != text and isinstance(body.value, Scalar):
        body.value = replaced(body.value, word(made) if is_plain(made) else quoted(made))
    return node


def _is_statement(text: str) -> bool:
    return re.match(r"[A-Za-z_][A-Za-z0-9_]*\s*=(?![=>])", text) is not None


# -------------------------------------------------------------------------- document

_SECTIONS: dict[str, Context] = {
    "version": version,
    "metadata": shaped(METADATA),
    "imports": listed(_import),
    "context": shaped(CONTEXT),
    "variables": variables,
    "config": _entries(fields.value),
    "bindings": _entries(_entries(fields.value)),
    "options": _entries(each(shaped(_OPTION))),
    "events": each(shaped(_EVENT)),
    "subscriptions": listed(fields.text),
    "perception_filter": each(shaped(_FILTER)),
    "goals": _entries(shaped(goals.GOAL)),
    "world_state": _entries(fields.value),
    "functions": _entries(_function),
    "flows": flows,
    "channels": _entries(_channel),
}
DOCUMENT = Shape(_SECTIONS, {"abml": "version", "meta": "metadata", "entry": "flow"})


def document(r: Rewriter, root: Mapping) -> None:
    """Rewrite all sections."""
    _subscriptions(root)
    if not apply_shape(r, root, DOCUMENT):
        return
    _variables(root)
    _planned_actions(r, root)


def _variables(root: Mapping) -> None:
    """Top-level `variables` go into `context` (A3)."""
    given = root.get("variables")
    if given is None or is_opaque(given.value) or not (isinstance(given.value, Mapping) or is_null(given.value)):
        return
    context = root.get("context")
    if context is None:
        inner = Pair(word("variables"), given.value)
        given.value = Mapping([inner], isinstance(given.value, Mapping) and given.value.flow)
        rename(given, "context")
        return
    if is_null(context.value):
        context.value = replaced(context.value, Mapping([], True))
    if not isinstance(context.value, Mapping) or is_opaque(context.value):
        return
    there = context.value.get("variables")
    if there is None:
        remove(root.pairs, given)
        given.before = [line for line in given.before if line]
        context.value.pairs.insert(0, given)
        context.value.flow = context.value.flow and is_flow(given.value) and not given.before
        return
    if not isinstance(there.value, Mapping) or is_opaque(there.value):
        return
    if isinstance(given.value, Mapping):
        # The order of defaults is that of the declarations: those of the context come first.
        if set(there.value.names()) & set(given.value.names()):
            return
        there.value.pairs += given.value.pairs
        notes = [line for line in [*given.before, given.comment, given.value.comment, *given.value.before] if line]
        if given.value.pairs:
            given.value.pairs[0].before = [*notes, *given.value.pairs[0].before]
            there.value.tail += given.value.tail
        else:
            there.value.tail += [*notes, *[line for line in given.value.tail if line]]
        if not given.value.flow or notes:
            there.value.flow = context.value.flow = False
    else:
        there.value.tail += list(notes_of(given))
    remove(root.pairs, given)


def _subscriptions(root: Mapping) -> None:
    """`config.subscriptions` goes to the top level (A15)."""
    config = root.get("config")
    if config is None or not isinstance(config.value, Mapping) or is_opaque(config.value):
        return
    older = config.value.get("subscriptions")
    if older is None or is_opaque(older.key) or is_opaque(older.value) or isinstance(older.value, Mapping):
        return
    given = root.get("subscriptions")
    if given is not None:
        # The older place counts first.
        if not isinstance(given.value, Sequence) or is_opaque(given.value):
            return
        value = older.value if isinstance(older.value, Sequence) else one_item(older.value)
        if is_null(older.value):
            value = Sequence([], True)
        notes = [line for line in [*older.before, older.comment, value.comment, *value.before] if line]
        if value.items:
            value.items[0].before = [*notes, *value.items[0].before]
        else:
            given.before += notes
        given.value.items[:0] = value.items
        if not value.flow or notes:
            given.value.flow = False
        given.value.tail += value.tail
    remove(config.value.pairs, older)
    at = next(index for index, pair in enumerate(root.pairs) if pair is config)
    if given is None:
        older.before = [line for line in older.before if line]
        root.pairs.insert(at + 1, older)
    if not config.value.pairs:
        owner = older if given is None else given
        drop(config, owner)
        blank = [""] if config.before[:1] == [""] else []
        owner.before = [*blank, *owner.before]
        remove(root.pairs, config)


def _planned_actions(r: Rewriter, root: Mapping) -> None:
    """The `actions` section becomes flows with `goap` (A12)."""
    given = root.get("actions")
    if given is None or not isinstance(given.value, Mapping) or is_opaque(given.value):
        return
    inner = given.value
    entries = [pair for pair in inner.pairs if not pair.name.startswith("x-")]
    if len(entries) < len(inner.pairs) or not entries:
        return
    for pair in entries:
        node = pair.value
        if not isinstance(node, Mapping) or is_opaque(node) or is_opaque(pair.key) or node.get("goap") is not None:
            return
        if sum(name in ("actions", "steps", "do") for name in node.names()) > 1:
            return
    flows_ = root.get("flows")
    if flows_ is not None:
        if not isinstance(flows_.value, Mapping) or is_opaque(flows_.value):
            return
        if set(flows_.value.names()) & {pair.name for pair in entries}:
            return
    for pair in entries:
        pair.value = _planned(r, pair.value)
        if not is_flow(pair.value):
            inner.flow = False
    if flows_ is None:
        rename(given, "flows")
        return
    target = flows_.value
    assert isinstance(target, Mapping)
    notes = [line for line in [*given.before, given.comment, *inner.before, inner.comment] if line]
    entries[0].before = [*notes, *entries[0].before]
    if notes or not inner.flow:
        target.flow = False
    # Lines behind the last flow stay behind it: they are above the first new one now.
    entries[0].before = [*target.tail, *entries[0].before]
    target.tail = inner.tail
    target.pairs += entries
    remove(root.pairs, given)
