"""The built-in functions and template filters, over plain values.

`FUNCTIONS[name](ctx, args)` computes a call. Names are canonical (`find_builtin`
of `abml.builtins` gives them), `args` is a list of values whose count the caller
has checked (`call` checks it), providers come as their root value but for
`kind_of`. A function changes neither `args` nor the values in it; its result may
share parts with them. It raises `ValueFault` and nothing else.

`HIGHER_ORDER[name](ctx, items, keys, extra)` ends a call whose function argument
is a lambda. No lambda comes here: the caller runs it over the elements, in
order, and hands over what it gave.

    items   the list, as the program gave it: null counts as empty. `as_list(name, x)`
            makes the same check before the loop.
    keys    what the lambda gave: `keys[i]` for `items[i]`. `find any all none`
            may stop at the first decisive element (the first truthy one, for
            `all` the first falsy one), which is then the last of `keys`.
            For `reduce`: the accumulators; only the last one is looked at.
            A text instead of a list is a property path.
    extra   the arguments after the function: `[]`; `[value]` for
            `filter(list, f, value)`; `[start]` for `reduce`; for `to_map` the
            list of what the second lambda gave, or a text, a property path.

A text in place of the function (`map('id')`) and no function at all (`any(list)`)
are calls of `FUNCTIONS[name]`; anything else there is an `argument_error`.

`FILTERS[name](ctx, args)` are the filters of templates that are no functions or
differ from the function of their name; the filtered value is `args[0]`.
`filter_function(name)` finds whatever a filter name means.
"""

from __future__ import annotations

from typing import Any

from abml.builtins import arity_text, find_builtin, find_filter
from abml.values import ValueFault

from . import chance, collections, filters, higher_order, numbers, text, time, types
from .arguments import Context, Function, as_list
from .higher_order import HIGHER_ORDER, HigherOrder

FUNCTIONS: dict[str, Function] = {
    **numbers.TABLE,
    **text.TABLE,
    **types.TABLE,
    **time.TABLE,
    **collections.TABLE,
    **higher_order.TABLE,
    **chance.TABLE,
}
"""Canonical name -> function, for every name of `abml.builtins.BUILTINS`."""

FILTERS: dict[str, Function] = filters.TABLE
"""Canonical name -> filter, for every name of `abml.builtins.FILTERS`."""

__all__ = [
    "FILTERS",
    "FUNCTIONS",
    "HIGHER_ORDER",
    "Context",
    "Function",
    "HigherOrder",
    "as_list",
    "call",
    "filter_function",
]


def call(ctx: Context, name: str, args: list[Any]) -> Any:
    """Call a built-in function by any of its names, with the argument count checked.

    Raises:
        ValueFault: `unknown_function`, `argument_error` for a wrong count, and what the function raises.
    """
    spec = find_builtin(name)
    if spec is None:
        raise ValueFault("unknown_function", f"there is no function named '{name}'")
    if not spec.min_args <= len(args) <= spec.max_args:
        raise ValueFault("argument_error", f"{spec.name} takes {arity_text(spec)}, got {len(args)}")
    return FUNCTIONS[spec.name](ctx, args)


def filter_function(name: str) -> Function | None:
    """The function that a template filter of that name calls, or None for an unknown one."""
    spec = find_filter(name)
    if spec is None:
        return None
    return FILTERS.get(spec.name) or FUNCTIONS[spec.name]
