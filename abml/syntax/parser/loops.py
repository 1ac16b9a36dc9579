"""Loops and `parallel`: `for_each`, `repeat`, `break`, `continue`, the arms of `parallel`; `noop`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.syntax.ast import Action, ActionList, ForEach, Literal, LoopControl, Noop, Parallel, Repeat
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

from . import values
from .base import IDENTIFIER, Fields, Parser, is_blank, is_null
from .items import BUILDERS, Site, action_list, arm

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_FOR_EACH_FIELDS = {
    "variable": "variable",
    "as": "variable",
    "item": "variable",
    "var": "variable",
    "collection": "collection",
    "in": "collection",
    "over": "collection",
    "items": "collection",
    "do": "do",
    "actions": "do",
    "then": "do",
    "index": "index",
}
_REPEAT_FIELDS = {
    "times": "times",
    "count": "times",
    "do": "do",
    "actions": "do",
    "then": "do",
    "variable": "variable",
}


def for_each(p: Parser, site: Site) -> Action | None:
    """`for_each: {variable, collection, do, index}` (L1 to L4)."""
    if not isinstance(site.value, CstMapping):
        if is_null(site.value):
            p.missing(site.key.span, "for_each", "collection")
        else:
            p.not_allowed(site.value, "for_each", "a mapping with 'variable', 'collection' and 'do'")
        return None
    found = site.fields(p, _FOR_EACH_FIELDS)
    collection = site.required(p, found, "collection")
    body = _body(p, site, found)
    variable = "item"
    given = found.get("variable")
    if given is None or is_null(given[1]):
        p.report(171, site.key.span)
    else:
        variable = _variable(p, given) or variable
    counter = found.get("index")
    return ForEach(
        span=site.span,
        name="for_each",
        name_span=site.key.span,
        variable=variable,
        collection=Literal(site.span, None) if collection is None else values.collection(p, collection, "collection"),
        body=body,
        index=None if counter is None else _variable(p, counter),
    )


def _variable(p: Parser, entry: tuple[CstScalar, CstNode]) -> str | None:
    """The name of a loop variable."""
    key, node = entry
    if not isinstance(node, CstScalar):
        p.shape(node, key.text, "a name")
        return None
    return node.text if p.name(node, "variable", IDENTIFIER) else None


def _body(p: Parser, site: Site, found: Fields) -> ActionList:
    entry = found.get("do")
    if entry is None:
        p.missing(site.key.span, site.name, "do")
        return ActionList(site.span, [])
    return action_list(p, entry[1], entry[0].text)


def repeat(p: Parser, site: Site) -> Action | None:
    """`repeat: {times, do, variable}`, or `repeat: 3` beside `do` (L5, L6)."""
    found = site.scalar_or_fields(p, _REPEAT_FIELDS, "times")
    if found is None:
        return None
    for text, key, value in site.extra:
        canonical = _REPEAT_FIELDS[text]
        if canonical in found:
            p.given_twice(key, found[canonical][0])
        else:
            found[canonical] = (key, value)
    node = site.required(p, found, "times")
    times = Literal(site.span, None) if node is None else values.condition(p, node, "times")
    if node is not None and isinstance(times, Literal):
        number = times.value
        if not isinstance(number, (int, float)) or isinstance(number, bool):
            if number is not None:
                p.not_allowed(node, "times", "a number of at least 1")
        elif number < 1:
            p.not_allowed(node, "times", "a number of at least 1")
    body = _body(p, site, found)
    counter = found.get("variable")
    return Repeat(
        span=site.span,
        name="repeat",
        name_span=site.key.span,
        times=times,
        body=body,
        variable=None if counter is None else _variable(p, counter),
    )


def no_argument(p: Parser, site: Site) -> None:
    """Report an argument of an action that takes none."""
    if is_blank(site.value):
        return
    found = site.entries(p)
    if isinstance(site.value, CstMapping):
        for _, key, _ in found:
            p.unknown_field(key, {}, site.name)
    else:
        p.not_allowed(site.value, site.name, "nothing: the action has no argument")


def loop_control(p: Parser, site: Site) -> Action | None:
    """`break`, `continue`."""
    no_argument(p, site)
    return LoopControl(span=site.span, name=site.name, name_span=site.key.span)


def noop(p: Parser, site: Site) -> Action | None:
    no_argument(p, site)
    return Noop(span=site.span, name="noop", name_span=site.key.span)


def parallel(p: Parser, site: Site) -> Action | None:
    """`parallel`: arms that are an action or a list of actions each (S8)."""
    node = site.value
    if not isinstance(node, CstSequence):
        if is_null(node):
            p.missing(site.key.span, "parallel", "a list of arms")
        else:
            p.not_allowed(node, "parallel", "a list of arms")
        return None
    p.arms += 1
    try:
        arms = [arm(p, item) for item in node.items if not is_null(item)]
    finally:
        p.arms -= 1
    return Parallel(span=site.span, name="parallel", name_span=site.key.span, arms=arms)


BUILDERS.update(
    {
        "for_each": for_each,
        "repeat": repeat,
        "break": loop_control,
        "continue": loop_control,
        "noop": noop,
        "parallel": parallel,
    }
)
