"""Variables: `set`, `local`, `global`, `increment`, `decrement`, `clear`, `state_update`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.syntax.ast import Action, Assign, Assignment, Clear, Increment, Literal, StateUpdate
from abml.syntax.cst_nodes import CstMapping, CstScalar
from abml.syntax.expressions import parse_expression
from abml.syntax.places import ShiftedPlace

from . import values
from .base import Entries, Parser, clip, is_blank, is_null
from .items import BUILDERS, Site

if TYPE_CHECKING:
    from abml.syntax.places import Place

_LONG_FIELDS = {"variable": "variable", "value": "value"}
_STEP_FIELDS = {"variable": "variable", "name": "variable", "by": "by"}
_CLEAR_FIELDS = {"variable": "variable"}
_UPDATE_FIELDS = {"path": "path", "operation": "operation", "value": "value"}

OPERATIONS = ("set", "append", "increment", "decrement", "merge", "remove")


def assign(p: Parser, site: Site) -> Action | None:
    """`set`, `local`, `global` in the long form, as a mapping, or as text (V1 to V6)."""
    node = site.value
    found: list[Assignment] = []
    if isinstance(node, CstMapping):
        entries = site.entries(p)
        if any(text == "variable" for text, _, _ in entries):
            _long_form(p, site, entries, found)
        elif (len(entries) == 1 and entries[0][0] == "value") or not entries:
            p.missing(site.key.span, site.name, "variable")
        else:
            for _, key, value in entries:
                target = values.target(p, key, "variable")
                expr = values.value(p, value)
                if target is not None:
                    found.append(Assignment(key.span.to(value.span), target, expr))
    elif isinstance(node, CstScalar) and isinstance(node.value, str):
        _text_form(p, node, found)
    elif is_null(node):
        p.missing(site.key.span, site.name, "variable")
    else:
        p.report(169, node.span, written=clip(getattr(node, "text", "a list")))
    if not found:
        return None
    return Assign(span=site.span, name=site.name, name_span=site.key.span, assignments=found)


def _long_form(p: Parser, site: Site, entries: Entries, found: list[Assignment]) -> None:
    fields = p.fields(entries, _LONG_FIELDS, site.name)
    key, name = fields["variable"]
    target = values.target(p, name, "variable")
    given = fields.get("value")
    if given is None:
        p.missing(site.key.span, site.name, "value")
        return
    expr = values.value(p, given[1])
    if target is not None:
        found.append(Assignment(key.span.to(given[1].span), target, expr))


# ------------------------------------------------------------------ text form


def _text_form(p: Parser, node: CstScalar, found: list[Assignment]) -> None:
    """`oil = 3, wick += 1`: split at commas outside brackets and quotes."""
    text = node.text
    start = 0
    for end in [*outside(text, ","), len(text)]:
        _one_assignment(p, text[start:end], ShiftedPlace(node, start), found)
        start = end + 1


def _one_assignment(p: Parser, text: str, place: Place, found: list[Assignment]) -> None:
    """`target op expression`."""
    at = next(iter(outside(text, "=")), -1)
    op = "="
    end = at
    # `==`, `=>`, `!=`, `<=` and `>=` are no assignments.
    if at > 0 and text[at + 1 : at + 2] not in ("=", ">") and text[at - 1] not in "!<>=":
        if text[at - 1] in "+-*/":
            op = text[at - 1] + "="
            end = at - 1
    else:
        at = -1
    if at < 0 or not text[:end].strip() or not text[at + 1 :].strip():
        lead = len(text) - len(text.lstrip())
        span = place.place(lead, max(len(text.rstrip()), lead))
        p.report(169, span, written=clip(text.strip()))
        return
    target = values.target_text(p, text[:end], place)
    right = ShiftedPlace(place, at + 1)
    expr = parse_expression(text[at + 1 :], right, p.reporter, p.limits.max_expression_depth)
    if target is None:
        return
    lead = len(text) - len(text.lstrip())
    span = place.place(lead, len(text.rstrip()))
    found.append(Assignment(span, target, expr or Literal(span, None), op))


def outside(text: str, wanted: str) -> list[int]:
    """Offsets of a character outside brackets and quotes."""
    found: list[int] = []
    depth = 0
    quote = ""
    escaped = False
    for at, char in enumerate(text):
        if quote:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == wanted and depth <= 0:
            found.append(at)
    return found


# ------------------------------------------------------------- other variables


def increment(p: Parser, site: Site) -> Action | None:
    """`increment`, `decrement` (V7)."""
    found = site.scalar_or_fields(p, _STEP_FIELDS, "variable")
    if found is None:
        return None
    node = site.required(p, found, "variable")
    by = found.get("by")
    step = None if by is None or is_null(by[1]) else values.condition(p, by[1], "by")
    target = None if node is None else values.target(p, node, "variable")
    if target is None:
        return None
    return Increment(span=site.span, name=site.name, name_span=site.key.span, target=target, by=step)


def clear(p: Parser, site: Site) -> Action | None:
    """`clear: x`, `clear: {variable: x}` (V8)."""
    found = site.scalar_or_fields(p, _CLEAR_FIELDS, "variable")
    if found is None:
        return None
    node = site.required(p, found, "variable")
    target = None if node is None else values.target(p, node, "variable")
    if target is None:
        return None
    return Clear(span=site.span, name="clear", name_span=site.key.span, target=target)


def state_update(p: Parser, site: Site) -> Action | None:
    """`state_update: {path, operation, value}`."""
    if not isinstance(site.value, CstMapping):
        if is_blank(site.value):
            p.missing(site.key.span, "state_update", "path")
        else:
            p.not_allowed(site.value, "state_update", "a mapping with 'path', 'operation' and 'value'")
        return None
    found = site.fields(p, _UPDATE_FIELDS)
    node = site.required(p, found, "path")
    target = None if node is None else values.target(p, node, "path")
    operation = "set"
    given = found.get("operation")
    if given is not None and not is_blank(given[1]):
        word = given[1].text.strip() if isinstance(given[1], CstScalar) else ""
        if word in OPERATIONS:
            operation = word
        else:
            p.not_allowed(given[1], "operation", ", ".join(OPERATIONS), OPERATIONS)
    value = found.get("value")
    expr = None if value is None else values.value(p, value[1])
    if target is None:
        return None
    return StateUpdate(
        span=site.span, name="state_update", name_span=site.key.span, target=target, operation=operation, value=expr
    )


BUILDERS.update(
    {
        "set": assign,
        "local": assign,
        "global": assign,
        "increment": increment,
        "decrement": increment,
        "clear": clear,
        "state_update": state_update,
    }
)
