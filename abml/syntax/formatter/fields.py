"""Scalars in their evaluation contexts (language 0.3): conditions, values, texts, durations, targets, names.

Rows C11 to C13 for conditions, S7 for durations, V4 for targets, E1 to E14
wherever an expression stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.expression_printer import duration_literal, expression_text
from abml.syntax.expressions import parse_expression
from abml.syntax.lexer import find_close
from abml.syntax.places import TextPlace
from abml.values import Duration, ValueFault, parse_duration, parse_number

from .expressions import canonical_text
from .tree import Mapping, Node, Scalar, Sequence, is_null, is_opaque, one_item, quoted, replaced, text_of

if TYPE_CHECKING:
    from .rewriting import Rewriter

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_WORDS = ("true", "false", "null")
_BLANKS = " \t\r\n"


def parsed(r: Rewriter, text: str) -> ast.Expr | None:
    """The tree of an expression text; None when it has errors."""
    source = Source(text)
    reporter = Reporter(source)
    tree = parse_expression(text, TextPlace(source), reporter, r.max_depth)
    return None if reporter.has_errors else tree


def expression_of(r: Rewriter, text: str) -> str | None:
    """The canonical spelling of an expression text without braces; None when it must stay as it is."""
    tree = parsed(r, text)
    if tree is None:
        return None
    return canonical_text(tree, r.names)


# -------------------------------------------------------------------- EX and VA


def condition(r: Rewriter, node: Node) -> Node:
    """An expression field: one brace group, single blanks."""
    text = text_of(node)
    if text is None or not text.strip():
        return node
    tree = parsed(r, text)
    if tree is None:
        return node
    if isinstance(tree, ast.Literal) and "${" not in text and isinstance(tree.value, (bool, int, float)):
        plain = expression_text(tree)
        if isinstance(tree.value, bool) or parse_number(plain) is not None:
            return replaced(node, Scalar(tree.value, plain, "plain"))
        return node
    made = canonical_text(tree, r.names)
    if made is None:
        return node
    return _rewritten(node, "${" + made + "}")


def value(r: Rewriter, node: Node) -> Node:
    """A value field: whole `${}` and those inside texts; lists and mappings recursively."""
    if is_opaque(node):
        return node
    if isinstance(node, Sequence):
        node.items = [value(r, item) for item in node.items]
    elif isinstance(node, Mapping):
        for pair in node.pairs:
            pair.value = value(r, pair.value)
    else:
        text = text_of(node)
        if text is not None and "${" in text:
            trimmed = text.strip(_BLANKS)
            if _is_whole(trimmed):
                made = expression_of(r, trimmed[2:-1])
                return node if made is None else _rewritten(node, "${" + made + "}")
            return _groups(r, node, text)
    return node


def _is_whole(text: str) -> bool:
    return text.startswith("${") and find_close(text, 2, len(text))[0] == len(text) - 1


def text(r: Rewriter, node: Node) -> Node:
    """A text field: the `${}` in it; what holds template tags stays as it is."""
    found = text_of(node)
    if found is None or "${" not in found or "{{" in found or "{%" in found:
        return node
    return _groups(r, node, found)


def _groups(r: Rewriter, node: Node, found: str) -> Node:
    """A text with the expressions of its `${}` groups in canonical spelling."""
    if isinstance(node, Scalar) and node.style == "folded":
        # Where the lines of a folded text break has no meaning, but authors chose it.
        return node
    pieces: list[str] = []
    at = 0
    while True:
        opening = found.find("${", at)
        if opening < 0:
            break
        if opening > at and found[opening - 1] == "$":
            pieces.append(found[at : opening + 2])
            at = opening + 2
            continue
        close = find_close(found, opening + 2, len(found))[0]
        if close < 0:
            return node
        inner = expression_of(r, found[opening + 2 : close])
        pieces.append(found[at : opening + 2])
        pieces.append(found[opening + 2 : close] if inner is None else inner)
        pieces.append("}")
        at = close + 1
    pieces.append(found[at:])
    made = "".join(pieces)
    if made == found:
        return node
    if isinstance(node, Scalar) and node.style == "literal":
        node.value = node.text = made
        return node
    return _rewritten(node, made)


def _rewritten(node: Node, made: str) -> Node:
    """A scalar with another text; it keeps its quotes where they can hold it."""
    assert isinstance(node, Scalar)
    if made == node.text and node.raw is not None and "\n" not in node.raw and node.style in ("single", "double"):
        return node
    new = quoted(made)
    if node.style == "single" and "'" not in made and "\n" not in made:
        new.raw = f"'{made}'"
        new.style = "single"
    return replaced(node, new)


# ------------------------------------------------------------- other contexts


def collection(r: Rewriter, node: Node) -> Node:
    """EX, or a list or mapping in VA."""
    return condition(r, node) if isinstance(node, Scalar) else value(r, node)


def requirement(r: Rewriter, node: Node) -> Node:
    """EX when it holds `${}`, else a literal."""
    found = text_of(node)
    return condition(r, node) if found is not None and "${" in found else value(r, node)


def reference(r: Rewriter, node: Node) -> Node:
    """LI/dynamic: the expression of a whole `${}`."""
    found = text_of(node)
    return value(r, node) if found is not None and "${" in found else node


def address(r: Rewriter, node: Node) -> Node:
    """A signal address, in quotes (S2)."""
    found = text_of(node)
    if found is None:
        return node
    if "${" in found:
        return value(r, node)
    if isinstance(node, Scalar) and node.style in ("single", "double"):
        return node
    return replaced(node, quoted(found.strip()))


def until(r: Rewriter, node: Node) -> Node:
    """EX or `@signal`."""
    found = text_of(node)
    if found is not None and found.lstrip().startswith("@"):
        return address(r, node)
    return condition(r, node)


def duration(r: Rewriter, node: Node, unit: str = "s") -> Node:
    """A duration in its unit form (S7); `unit` is that of a bare number."""
    if not isinstance(node, Scalar) or is_opaque(node) or node.value is None or isinstance(node.value, bool):
        return node
    found = node.text.strip()
    if isinstance(node.value, str) and "${" in found:
        return value(r, node)
    number = parse_number(found)
    try:
        if number is None:
            length = parse_duration(found)
        elif 0 <= number <= 1e12:
            micros = number * (1_000_000 if unit == "s" else 1_000)
            length = Duration(micros if isinstance(micros, int) else round(micros))
        else:
            return node
    except ValueFault:
        return node
    made = duration_literal(length)
    return node if made == node.text else replaced(node, Scalar(made, made, "plain", made))


def target_text(r: Rewriter, found: str) -> str:
    """The canonical spelling of a target: computed and numeric steps in brackets (E6, E7)."""
    trimmed = found.strip()
    if _PATH.fullmatch(trimmed):
        return trimmed
    tree = parsed(r, trimmed)
    inner = tree
    while isinstance(inner, (ast.Member, ast.Index)) and not inner.guarded:
        inner = inner.target
    if tree is None or not isinstance(inner, ast.Name):
        return trimmed
    made = canonical_text(tree, r.names)
    return made if made is not None and _IDENTIFIER.match(made) else trimmed


def target(r: Rewriter, node: Node) -> Node:
    """A scalar that names a variable; a path stands in quotes when it is no plain word."""
    found = text_of(node)
    if found is None:
        return node
    made = target_text(r, found)
    if made == found:
        return node
    return replaced(node, Scalar(made, made, "plain" if _PATH.fullmatch(made) else "double"))


def is_simple_name(found: str) -> bool:
    """A plain name, not a path."""
    return _IDENTIFIER.fullmatch(found) is not None


def one_element_list(r: Rewriter, node: Node) -> Node:
    """A list field given one scalar becomes a list of one (A14)."""
    if isinstance(node, Scalar) and not is_null(node) and not is_opaque(node):
        return one_item(node)
    return node


def is_literal_text(found: str) -> bool:
    """A text that value fields read as itself: no expression, number or word (0.4 rules 2 to 4)."""
    trimmed = found.strip(_BLANKS)
    return "${" not in found and trimmed.lower() not in _WORDS and parse_number(trimmed) is None
