"""Conditionals: `cond`, `if` with its key form and siblings, `switch`, the `condition` guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.syntax.ast import Action, ActionList, Branch, Case, Cond, Expr, Guard, Literal, Switch
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence
from abml.syntax.expressions import parse_expression
from abml.syntax.places import ShiftedPlace
from abml.values import parse_number

from . import values
from .base import Entries, Parser, describe, is_blank, is_null
from .items import BUILDERS, Site, action_list, optional_list

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_CONDITIONS = frozenset(("when", "if", "condition"))
_ELSE = frozenset(("else", "otherwise", "default"))

_IF_FIELDS = {
    "condition": "condition",
    "when": "condition",
    "test": "condition",
    "then": "then",
    "else": "else",
    "otherwise": "else",
    "elif": "elif",
    "else_if": "elif",
    "elseif": "elif",
}
_ELIF_FIELDS = {"condition": "condition", "when": "condition", "test": "condition", "if": "condition", "then": "then"}
_SWITCH_FIELDS = {
    "value": "value",
    "on": "value",
    "expression": "value",
    "cases": "cases",
    "default": "default",
    "else": "default",
    "otherwise": "default",
}
_CASE_FIELDS = {
    "case": "case",
    "when": "case",
    "is": "case",
    "then": "then",
    "do": "then",
    "actions": "then",
}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


# ----------------------------------------------------------------------- cond


def cond(p: Parser, site: Site) -> Action | None:
    """`cond`: a list of branches, or a mapping with one or several `if`/`then` pairs (C1 to C5)."""
    branches: list[Branch] = []
    otherwise: ActionList | None = None
    node = site.value
    if isinstance(node, CstSequence):
        otherwise = _branch_list(p, node, branches)
    elif isinstance(node, CstMapping):
        otherwise = _pairs(p, site, node, branches)
    elif not is_blank(node):
        p.not_allowed(node, "cond", "a list of branches")
        return None
    if not branches:
        p.report(165, site.key.span)
    return Cond(span=site.span, name="cond", name_span=site.key.span, branches=branches, otherwise=otherwise)


def _branch_list(p: Parser, node: CstSequence, branches: list[Branch]) -> ActionList | None:
    otherwise: ActionList | None = None
    for item in node.items:
        if not isinstance(item, CstMapping):
            if not is_null(item):
                p.not_allowed(item, "cond", "a mapping with 'when' and 'then'")
            continue
        entries = p.entries(item)
        if otherwise is not None and entries:
            p.report(167, entries[0][1].span, word="else", text="'else' must be the last branch")
        found = _branch(p, item, entries, branches)
        if found is not None and otherwise is None:
            otherwise = found
    return otherwise


def _branch(p: Parser, item: CstMapping, entries: Entries, branches: list[Branch]) -> ActionList | None:
    """Read one branch; the body of an `else` branch is returned."""
    condition: tuple[CstScalar, CstNode] | None = None
    then: tuple[CstScalar, CstNode] | None = None
    other: tuple[CstScalar, CstNode] | None = None
    for text, key, value in entries:
        if text in _CONDITIONS:
            if condition is not None:
                p.given_twice(key, condition[0])
            else:
                p.older_spelling(key, "when")
                condition = (key, value)
        elif text == "then":
            then = (key, value)
        elif text in _ELSE:
            if other is not None:
                p.report(167, key.span, word=text)
            p.older_spelling(key, "else")
            other = (key, value)
        else:
            p.unknown_field(key, {"when": "when", "then": "then", "else": "else"}, "cond")
    if condition is None and other is not None and then is None:
        return action_list(p, other[1], "else")
    if other is not None:
        p.report(167, other[0].span, word=other[0].text)
    if condition is None:
        if entries:
            p.missing(item.span, "cond", "when")
        else:
            p.not_allowed(item, "cond", "a mapping with 'when' and 'then'")
        body = _then(p, item, then)
        branches.append(Branch(item.span, Literal(item.span, None), body))
        return None
    test = values.condition(p, condition[1], f"condition '{condition[0].text}'")
    branches.append(Branch(item.span, test, _then(p, item, then)))
    return None


def _then(p: Parser, node: CstNode, entry: tuple[CstScalar, CstNode] | None) -> ActionList:
    """The body of a branch; a branch without one is ABML166."""
    if entry is None or is_null(entry[1]):
        p.report(166, node.span if entry is None else entry[0].span)
        return ActionList(node.span, [])
    return action_list(p, entry[1], entry[0].text)


def _pairs(p: Parser, site: Site, node: CstMapping, branches: list[Branch]) -> ActionList | None:
    """Entries in written order: each condition opens a branch, each `then` is its body (C4, C5)."""
    otherwise: ActionList | None = None
    condition: tuple[CstScalar, CstNode] | None = None
    then: tuple[CstScalar, CstNode] | None = None
    first: CstScalar | None = None

    def close() -> None:
        if condition is not None:
            place = condition[1] if then is None else then[1]
            test = values.condition(p, condition[1], f"condition '{condition[0].text}'")
            branches.append(Branch(condition[0].span.to(place.span), test, _then(p, condition[0], then)))

    for key, value in node.entries:
        text = key.text
        if text.startswith("x-"):
            continue
        if text in _CONDITIONS:
            close()
            if first is not None:
                p.repeated(key, first, "warning")
            else:
                first = key
            if otherwise is not None:
                p.report(167, key.span, word="else", text="'else' must be the last branch")
            condition, then = (key, value), None
        elif text == "then":
            if condition is None:
                p.missing(key.span, "cond", "if")
                action_list(p, value, "then")
            elif then is not None:
                p.given_twice(key, then[0])
            else:
                then = (key, value)
        elif text in _ELSE:
            if otherwise is not None:
                p.report(167, key.span, word=text)
            body = action_list(p, value, text)
            otherwise = otherwise or body
        elif text == "on_error":
            site.handler = (key, value)
        else:
            p.unknown_field(key, {"if": "if", "then": "then", "else": "else"}, "cond")
    close()
    return otherwise


# ------------------------------------------------------------------------- if


def if_action(p: Parser, site: Site) -> Action | None:
    """`if: {condition, then, else, elif}` (C6, C7)."""
    if not isinstance(site.value, CstMapping):
        if is_null(site.value):
            p.missing(site.key.span, "if", "condition")
        else:
            p.not_allowed(site.value, "if", "a mapping with 'condition' and 'then'")
        return None
    return _if_mapping(p, site, None)


def _if_mapping(p: Parser, site: Site, test: Expr | None) -> Cond:
    """The mapping form; `test` is the condition when the key holds it."""
    node = site.value
    found = site.fields(p, _IF_FIELDS)
    given = found.get("condition")
    if test is not None:
        if given is not None:
            p.given_twice(given[0], site.key)
    elif given is None:
        p.missing(site.key.span, "if", "condition")
        test = Literal(node.span, None)
    else:
        test = values.condition(p, given[1], f"condition '{given[0].text}'")
    branches = [Branch(site.span, test, _then(p, site.key, found.get("then")))]
    more = found.get("elif")
    if more is not None:
        _elif_list(p, more[1], branches)
    return Cond(
        span=site.span,
        name="if" if more is None else "cond",
        name_span=site.key.span,
        branches=branches,
        otherwise=optional_list(p, found.get("else")),
    )


def _elif_list(p: Parser, node: CstNode, branches: list[Branch]) -> None:
    items = node.items if isinstance(node, CstSequence) else [node]
    for item in items:
        if not isinstance(item, CstMapping):
            if not is_null(item):
                p.not_allowed(item, "elif", "a list of mappings with 'condition' and 'then'")
            continue
        found = p.fields(p.entries(item), _ELIF_FIELDS, "elif")
        given = found.get("condition")
        if given is None:
            p.missing(item.span, "elif", "condition")
            test: Expr = Literal(item.span, None)
        else:
            test = values.condition(p, given[1], "condition 'elif'")
        branches.append(Branch(item.span, test, _then(p, item, found.get("then"))))


def _key_expression(p: Parser, key: CstScalar, start: int) -> Expr:
    """The expression that is the rest of a key such as `if oil < 2`."""
    rest = key.text[start:]
    expr = parse_expression(rest, ShiftedPlace(key, start), p.reporter, p.limits.max_expression_depth)
    return expr or Literal(key.span, None)


def _has_fields(node: CstNode) -> bool:
    """True when the mapping of a key form is `{then: …}` instead of a body."""
    if not isinstance(node, CstMapping):
        return False
    return any(key.text in ("then", "else", "elif", "else_if", "elseif") for key, _ in node.entries)


def key_form(p: Parser, site: Site, start: int) -> Cond:
    """`- if oil < 2: …`: the value is the body, or a mapping with `then` (C8)."""
    test = _key_expression(p, site.key, start)
    if _has_fields(site.value):
        return _if_mapping(p, site, test)
    body = _then(p, site.key, (site.key, site.value))
    return Cond(span=site.span, name="if", name_span=site.key.span, branches=[Branch(site.span, test, body)])


def sibling(p: Parser, site: Site, last: Cond | None, word: str, start: int | None) -> None:
    """Join `elif EXPR:`, `elif:`, `else:`, `otherwise:` to the conditional before it (C9)."""
    branches: list[Branch] = []
    otherwise: ActionList | None = None
    if word in ("else", "otherwise"):
        otherwise = action_list(p, site.value, word)
    elif start is None:
        if is_null(site.value):
            p.missing(site.key.span, word, "condition")
        _elif_list(p, site.value, branches)
    else:
        test = _key_expression(p, site.key, start)
        if _has_fields(site.value):
            inner = _if_mapping(p, site, test)
            branches, otherwise = inner.branches, inner.otherwise
        else:
            body = _then(p, site.key, (site.key, site.value))
            branches.append(Branch(site.span, test, body))
    if last is not None:
        last.branches.extend(branches)
        if branches:
            last.name = "cond"
        last.otherwise = otherwise
        last.span = last.span.to(site.span)


# --------------------------------------------------------------------- switch


def switch(p: Parser, site: Site) -> Action | None:
    """`switch`: one value against cases in order (C14, C15)."""
    if not isinstance(site.value, CstMapping):
        if is_null(site.value):
            p.missing(site.key.span, "switch", "value")
        else:
            p.not_allowed(site.value, "switch", "a mapping with 'value' and 'cases'")
        return None
    found = site.fields(p, _SWITCH_FIELDS)
    value = site.required(p, found, "value")
    cases_node = site.required(p, found, "cases")
    cases: list[Case] = []
    if isinstance(cases_node, CstMapping):
        for text, key, body in p.entries(cases_node):
            cases.append(
                Case(key.span.to(body.span), [_case_key(key, text)], action_list(p, body, text), from_key=True)
            )
    elif isinstance(cases_node, CstSequence):
        for item in cases_node.items:
            _case(p, item, cases)
    elif cases_node is not None:
        p.not_allowed(cases_node, "cases", "a mapping or a list of cases")
    return Switch(
        span=site.span,
        name="switch",
        name_span=site.key.span,
        value=Literal(site.span, None) if value is None else values.condition(p, value, "value"),
        cases=cases,
        default=optional_list(p, found.get("default")),
    )


def _case_key(key: CstScalar, text: str) -> Literal:
    """A key read by rule 4 of language 0.4; `raw` is its text."""
    if not isinstance(key.value, str):
        return Literal(key.span, key.value, raw=text)
    word = text.strip()
    number = parse_number(word)
    if number is not None:
        return Literal(key.span, number, raw=text)
    if word.lower() in _WORDS:
        return Literal(key.span, _WORDS[word.lower()], raw=text)
    return Literal(key.span, text, raw=text)


def _case(p: Parser, item: CstNode, cases: list[Case]) -> None:
    if not isinstance(item, CstMapping):
        if not is_null(item):
            p.not_allowed(item, "cases", "a mapping with 'case' and 'then'")
        return
    found = p.fields(p.entries(item), _CASE_FIELDS, "switch")
    given = found.get("case")
    matches: list[Expr] = []
    if given is None:
        p.missing(item.span, "switch", "case")
    elif isinstance(given[1], CstSequence):
        matches = [values.value(p, alternative) for alternative in given[1].items]
    elif isinstance(given[1], CstMapping):
        p.not_allowed(given[1], "case", "a value or a list of values")
    else:
        matches = [values.value(p, given[1])]
    cases.append(Case(item.span, matches, _then(p, item, found.get("then"))))


# ---------------------------------------------------------------------- guard


def guard(p: Parser, site: Site) -> Action | None:
    """`condition: EX` among actions (C16)."""
    if not isinstance(site.value, CstScalar):
        p.not_allowed(site.value, "condition", f"an expression, not {describe(site.value)}")
        return None
    test = values.condition(p, site.value, "condition")
    return Guard(span=site.span, name="condition", name_span=site.key.span, condition=test)


BUILDERS.update({"cond": cond, "if": if_action, "switch": switch, "condition": guard})
