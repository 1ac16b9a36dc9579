"""Rows R7 to R9: conditions and effects of plans, as mappings with one spelling each."""

from __future__ import annotations

import re
from collections.abc import Callable

from abml.syntax.goap import symbolic_fact
from abml.values import parse_number

from . import fields
from .quoting import is_plain
from .rewriting import Rewriter, Shape, each, listed, same, shaped
from .tree import Mapping, Node, Pair, Scalar, Sequence, is_null, is_opaque, one_item, quoted, replaced, text_of, word

_COMPARE = re.compile(r">=|<=|==|!=|=|>|<")
_ITEM = re.compile(r"[ \t\r\n]*([A-Za-z_][A-Za-z0-9_.]*(?:-[A-Za-z0-9_.]+)*)[ \t\r\n]*(\+=|-=|>=|<=|==|!=|=|>|<)")
_WORDS = ("true", "false", "null")


def conditions(r: Rewriter, node: Node) -> Node:
    """Preconditions, or the conditions of a goal."""
    return _entries(r, node, _condition, _condition_item)


def effects(r: Rewriter, node: Node) -> Node:
    return _entries(r, node, _effect, _effect_item)


def number(r: Rewriter, node: Node) -> Node:
    """Costs and priorities: an expression with braces, or a number."""
    text = text_of(node)
    return fields.condition(r, node) if text is not None and "${" in text else node


_MODIFIER = Shape({"when": fields.condition, "add": number})


def modifiers(r: Rewriter, node: Node) -> Node:
    """What is added to a cost: a list of mappings; one mapping becomes a list of one."""
    if isinstance(node, Mapping) and not is_opaque(node):
        node = one_item(node)
    return each(shaped(_MODIFIER))(r, node)


GOAP = Shape(
    {
        "preconditions": conditions,
        "effects": effects,
        "cost": number,
        "tags": listed(same),
        "violations": listed(same),
        "cost_modifiers": modifiers,
    }
)
GOAL = Shape({"conditions": conditions, "preconditions": conditions, "priority": number})
# What an entry of the `actions` section has for the planner.
PLANNED = frozenset(GOAP.fields) - {"tags"} | {"action_type"}


# How a value is rewritten, and how a text of a list is read: name and value.
_Value = Callable[[Rewriter, Scalar], Node]
_Item = Callable[[str], "tuple[str, Scalar] | None"]


def _entries(r: Rewriter, node: Node, value: _Value, item: _Item) -> Node:
    if is_opaque(node) or is_null(node):
        return node
    if isinstance(node, Scalar):
        made = _as_mapping(one_item(node), item)
        return node if made is None else made
    if isinstance(node, Sequence):
        made = _as_mapping(node, item)
        if made is None:
            for part in node.items:
                if isinstance(part, Mapping) and not is_opaque(part):
                    _values(r, part, value)
            return node
        node = made
    if isinstance(node, Mapping):
        _values(r, node, value)
    return node


def _values(r: Rewriter, node: Mapping, value: _Value) -> None:
    for pair in node.pairs:
        if isinstance(pair.value, Scalar) and not is_opaque(pair.value) and not pair.name.startswith("x-"):
            pair.value = value(r, pair.value)


def _as_mapping(node: Sequence, item: _Item) -> Mapping | None:
    """The entries of a list form; None when two are about the same fact (R9)."""
    made = Mapping([], node.flow)
    for part in node.items:
        if is_opaque(part):
            return None
        if isinstance(part, Mapping):
            if any(part.tail) or part.comment or any(pair.name.startswith("x-") for pair in part.pairs):
                return None
            pairs = [Pair(pair.key, pair.value) for pair in part.pairs]
            for new, old in zip(pairs, part.pairs, strict=True):
                new.before, new.comment = list(old.before), old.comment
        elif isinstance(part, Scalar) and isinstance(part.value, str) and part.text.strip():
            found = item(part.text)
            if found is None:
                return None
            name, operand = found
            operand.comment = part.comment
            pairs = [Pair(Scalar(name, name, "plain" if is_plain(name) else "double"), operand)]
        else:
            return None
        if pairs:
            pairs[0].before = [*part.before, *pairs[0].before]
        made.pairs += pairs
    names = [pair.name for pair in made.pairs]
    if len(set(names)) < len(names) or any(is_opaque(pair.key) for pair in made.pairs):
        return None
    made.before, made.comment, made.tail = node.before, node.comment, node.tail
    return made


def _condition_item(text: str) -> tuple[str, Scalar] | None:
    match = _ITEM.match(text)
    if match is None or match[2] in ("+=", "-="):
        fact = symbolic_fact(text)
        return (fact, quoted("== true")) if fact else None
    return match[1], quoted(text[match.start(2) :].strip())


def _effect_item(text: str) -> tuple[str, Scalar] | None:
    match = _ITEM.match(text)
    if match is None or match[2] not in ("+=", "-=", "="):
        fact = symbolic_fact(text)
        return (fact, Scalar(True, "true", "plain")) if fact else None
    rest = text[match.end() :].strip()
    if match[2] == "=":
        return match[1], quoted(f"= {rest}")
    return match[1], quoted(match[2][0] + rest)


def _condition(r: Rewriter, node: Scalar) -> Node:
    """`op operand` with one blank; a bare value is compared with `==` (R7)."""
    text = node.text.strip()
    if not text:
        return node
    match = _COMPARE.match(text)
    op, operand = ("==", text) if match is None else (match[0], text[match.end() :].strip())
    if op == "=":
        op = "=="
    if operand.startswith("${") and operand.endswith("}"):
        inner = fields.expression_of(r, operand[2:-1])
        if inner is not None:
            operand = "${" + inner + "}"
    made = f"{op} {operand}"
    return node if made == node.text and node.style in ("single", "double") else replaced(node, quoted(made))


def _effect(r: Rewriter, node: Scalar) -> Node:
    """Signed text for changes, plain scalars for what is set (R8)."""
    text = node.text.strip()
    if not text or " or " in text or "'" in text or '"' in text:
        return node
    sign, rest = text[0], text[1:].strip()
    if sign in "+-":
        if parse_number(rest) is None:
            return node
        made = sign + rest
        return node if made == node.text and node.style in ("single", "double") else replaced(node, quoted(made))
    value = rest if sign == "=" else text
    known = parse_number(value)
    if sign == "=" and (not value or value[0] in "+-=" or (known is None and not is_plain(value))):
        made = f"= {value}"
        return node if made == node.text and node.style in ("single", "double") else replaced(node, quoted(made))
    if known is not None or value.lower() in _WORDS:
        plain = value if known is not None else value.lower()
        if node.style == "plain" and node.text == plain:
            return node
        return replaced(node, Scalar(known, plain, "plain"))
    if is_plain(value) and (node.style != "plain" or sign == "="):
        return replaced(node, word(value))
    return node
