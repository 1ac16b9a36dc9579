"""Reading one field in its evaluation context (language 0.3): VA, TX, EX, LI, DU, targets, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from abml.syntax.ast import (
    Address,
    Expr,
    FlowRef,
    Index,
    Interpolation,
    ListExpr,
    Literal,
    MapExpr,
    Member,
    Name,
    Target,
)
from abml.syntax.cst_nodes import CstScalar, CstSequence
from abml.syntax.expressions import parse_expression
from abml.syntax.literals import parse_value
from abml.syntax.places import Place, ShiftedPlace
from abml.syntax.templates import parse_text
from abml.values import Duration, ValueFault, parse_duration, parse_number

from .base import IDENTIFIER, clip, describe, is_null

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

    from .base import Parser

_SIMPLE_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_ADDRESS = re.compile(r"@([A-Za-z_][A-Za-z0-9_-]*)\.([A-Za-z_][A-Za-z0-9_-]*)|@?([A-Za-z_][A-Za-z0-9_-]*)")
# Names that read as something else, so a variable of that name is never read back.
_WORDS = frozenset(("true", "false", "null", "and", "or", "not", "in", "contains"))

MICROS_S = 1_000_000
MICROS_MS = 1_000


# ------------------------------------------------------------------ VA and TX


def value(p: Parser, node: CstNode, *, string: bool = False, keep_x: bool = False) -> Expr:
    """A value field: scalars by language 0.4, lists and mappings recursively.

    Args:
        string: the target is declared `string`, so texts of digits stay texts.
        keep_x: keep keys that begin with `x-` (parameters of domain actions).
    """
    if isinstance(node, CstScalar):
        found = node.value
        if not isinstance(found, str):
            return Literal(node.span, found)
        expr = parse_value(node.text, node, p.reporter, p.limits.max_expression_depth)
        if string and isinstance(expr, Literal) and expr.raw is not None:
            return Literal(expr.span, expr.raw)
        return expr
    if isinstance(node, CstSequence):
        return ListExpr(node.span, [value(p, item, keep_x=keep_x) for item in node.items])
    return MapExpr(
        node.span,
        [
            (Literal(key.span, text), value(p, item, keep_x=keep_x))
            for text, key, item in p.entries(node, keep_x=keep_x)
        ],
    )


def _stripped(node: CstScalar) -> Place:
    """The place of a scalar's text without leading blanks."""
    lead = len(node.text) - len(node.text.lstrip())
    return ShiftedPlace(node, lead) if lead else node


def text(p: Parser, node: CstNode, field: str) -> Expr:
    """A text field: interpolations and templates; the value is a string.

    Null stays null: the field is absent.
    """
    if not isinstance(node, CstScalar):
        p.not_allowed(node, field, "a text")
        return Literal(node.span, None)
    found = node.value
    if isinstance(found, str):
        if node.style == "folded":
            # As in value fields, the line break that folding leaves is not part of the text.
            return parse_text(node.text.strip(), _stripped(node), p.reporter, max_depth=p.limits.max_expression_depth)
        return parse_text(node.text, node, p.reporter, max_depth=p.limits.max_expression_depth)
    return Literal(node.span, None if found is None else node.text)


# ------------------------------------------------------------------------- EX


def expression(p: Parser, node: CstNode, what: str = "expression") -> Expr | None:
    """An expression field; None after a report. YAML booleans and numbers are themselves."""
    if isinstance(node, CstScalar):
        found = node.value
        if isinstance(found, str) and not found.isspace() and found:
            return parse_expression(node.text, node, p.reporter, p.limits.max_expression_depth, what=what)
        if found is None or isinstance(found, str):
            p.report(132, node.span, what=what)
            return None
        return Literal(node.span, found)
    p.not_allowed(node, what, "an expression")
    return None


def condition(p: Parser, node: CstNode, what: str = "condition") -> Expr:
    """An expression field; a null literal stands in for one that could not be read."""
    return expression(p, node, what) or Literal(node.span, None)


def collection(p: Parser, node: CstNode, what: str) -> Expr:
    """EX, or a YAML list (or mapping) in VA."""
    if isinstance(node, CstScalar):
        return condition(p, node, what)
    return value(p, node)


# ------------------------------------------------------------------------- LI


def literal(p: Parser, node: CstNode, field: str) -> str | None:
    """The text of a literal field, None (reported) when there is none."""
    if isinstance(node, CstScalar):
        found = node.text.strip()
        if node.value is not None and found:
            return found
        p.not_allowed(node, field, "a name")
        return None
    p.not_allowed(node, field, "a name")
    return None


def reference(p: Parser, node: CstNode, field: str) -> FlowRef | None:
    """LI/dynamic: a name, or a whole-scalar `${}`."""
    if isinstance(node, CstScalar) and isinstance(node.value, str) and "${" in node.text:
        expr = parse_value(node.text, node, p.reporter, p.limits.max_expression_depth)
        if isinstance(expr, Interpolation):
            p.not_allowed(node, field, "a name or one '${}'")
        return FlowRef(node.span, None, expr)
    name = literal(p, node, field)
    return None if name is None else FlowRef(node.span, name)


# ------------------------------------------------------------------------- DU


def duration(p: Parser, node: CstNode, field: str, unit: int = MICROS_S) -> Expr:
    """A duration field: a `Duration` literal, or an expression.

    Args:
        unit: microseconds that a bare number counts.
    """
    if not isinstance(node, CstScalar):
        p.report(307, node.span, written=describe(node), text=f"'{field}' must be a duration, not {describe(node)}")
        return Literal(node.span, Duration(0))
    found = node.value
    if isinstance(found, str):
        if "${" in found:
            expr = parse_value(node.text, node, p.reporter, p.limits.max_expression_depth)
            if isinstance(expr, Interpolation):
                p.report(307, node.span, written=clip(node.text))
            if isinstance(expr, Literal) and isinstance(expr.value, (int, float)):
                return _duration_of(p, node, expr.value, unit)
            return expr
        number = parse_number(found.strip())
        if number is None:
            try:
                return Literal(node.span, parse_duration(found.strip()))
            except ValueFault:
                p.report(307, node.span, written=clip(node.text))
                return Literal(node.span, Duration(0))
        found = number
    if found is None or isinstance(found, bool):
        p.report(307, node.span, written=node.text or "null")
        return Literal(node.span, Duration(0))
    return _duration_of(p, node, found, unit)


def _duration_of(p: Parser, node: CstScalar, number: int | float, unit: int) -> Expr:
    if not 0 <= number <= 9_223_372_036_854_775_807 / unit:
        p.report(307, node.span, written=clip(node.text))
        return Literal(node.span, Duration(0))
    micros = number * unit if isinstance(number, int) else round(number * unit)
    return Literal(node.span, Duration(min(micros, 9_223_372_036_854_775_807)))


# -------------------------------------------------------------------- targets


def target(p: Parser, node: CstNode, field: str) -> Target | None:
    """Where an assignment goes; ABML168 and None when it cannot be read."""
    if not isinstance(node, CstScalar) or is_null(node):
        p.report(168, node.span, target=describe(node), text=f"'{field}' must name a variable, not {describe(node)}")
        return None
    return target_text(p, node.text, node)


def target_text(p: Parser, written: str, place: Place) -> Target | None:
    """A target in a text: `oil`, `crew[0].mood`, `a.b`, steps with `${}`."""
    text = written.strip()
    lead = len(written) - len(written.lstrip()) if text != written else 0
    span = place.place(lead, lead + len(text))
    if _SIMPLE_PATH.fullmatch(text):
        root, _, rest = text.partition(".")
        if root not in _WORDS:
            if not rest:
                return Target(span, root, [], text)
            at = lead + len(root)
            steps: list[Expr] = []
            for part in rest.split("."):
                steps.append(Literal(place.place(at + 1, at + 1 + len(part)), part))
                at += 1 + len(part)
            return Target(span, root, steps, text)
    elif text and IDENTIFIER.match(text):
        before = len(p.reporter.diagnostics)
        expr = parse_expression(text, ShiftedPlace(place, lead), p.reporter, p.limits.max_expression_depth)
        # What the expression parser says of a target is beside the point: one report at the whole.
        del p.reporter.diagnostics[before:]
        if expr is not None:
            found = _steps(expr)
            if found is not None and found[0] not in _WORDS:
                return Target(span, found[0], found[1], text)
    p.report(168, span, target=clip(text))
    return None


def _steps(expr: Expr) -> tuple[str, list[Expr]] | None:
    """Root name and steps of a path expression; None for any other expression."""
    steps: list[Expr] = []
    while True:
        if isinstance(expr, Name):
            steps.reverse()
            return expr.name, steps
        if isinstance(expr, Member) and not expr.guarded:
            steps.append(Literal(expr.name_span or expr.span, expr.name))
            expr = expr.target
        elif isinstance(expr, Index) and not expr.guarded:
            steps.append(expr.index)
            expr = expr.target
        else:
            return None


# ------------------------------------------------------------------ addresses


def address(p: Parser, node: CstNode, field: str = "signal") -> Address | None:
    """A signal address: `@channel.signal`, `signal`, `@signal`, or a whole-scalar `${}`."""
    if isinstance(node, CstScalar) and isinstance(node.value, str) and "${" in node.text:
        expr = parse_value(node.text, node, p.reporter, p.limits.max_expression_depth)
        return Address(node.span, None, None, expr)
    name = literal(p, node, field)
    if name is None:
        return None
    match = _ADDRESS.fullmatch(name)
    if match is None:
        p.not_allowed(node, field, "'signal' or '@channel.signal'")
        return None
    return Address(node.span, match[1], match[2] or match[3])


def until(p: Parser, node: CstNode) -> Expr | Address | None:
    """EX or `@signal`."""
    if isinstance(node, CstScalar) and isinstance(node.value, str) and node.text.lstrip().startswith("@"):
        return address(p, node, "until")
    return expression(p, node, "condition 'until'")


def flow_target(p: Parser, node: CstNode, field: str) -> FlowRef | None:
    """A flow or channel named literally, without `${}`."""
    name = literal(p, node, field)
    return None if name is None else FlowRef(node.span, name)


__all__ = [
    "MICROS_MS",
    "MICROS_S",
    "address",
    "collection",
    "condition",
    "duration",
    "expression",
    "flow_target",
    "literal",
    "reference",
    "target",
    "target_text",
    "text",
    "until",
    "value",
]
