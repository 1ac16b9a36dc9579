"""Built-in functions that take a function, by the keys it gave or by a property path.

The protocol of `HIGHER_ORDER` is described in the docstring of the package.
`FUNCTIONS` holds the forms without a function and with a text in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml.builtins import BUILTINS
from abml.values import ValueFault, add, describe, divide, equal, less, num, truthy

from .arguments import Context, Function, as_list, bad, check_list, check_map, number, property_keys, text
from .collections import order
from .text import length

HigherOrder = Callable[[Context, Any, Any, list[Any]], Any]


def _pairs(name: str, items: Any, keys: Any) -> tuple[list[Any], list[Any]]:
    """The elements and their keys, as many of both as there are keys."""
    elements = as_list(name, items)
    if not isinstance(keys, list):
        return elements, property_keys(name, elements, keys)
    return elements, keys


def map_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`map`: the keys."""
    found = _pairs("map", items, keys)[1]
    check_list(ctx, "map", len(found))
    return found


def filter_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`filter`: elements with a truthy key; with a value, elements whose key equals it."""
    elements, found = _pairs("filter", items, keys)
    if extra:
        value = extra[0]
        return [item for item, key in zip(elements, found, strict=False) if equal(key, value)]
    return [item for item, key in zip(elements, found, strict=False) if truthy(key)]


def reject_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`reject`: elements without a truthy key."""
    elements, found = _pairs("reject", items, keys)
    return [item for item, key in zip(elements, found, strict=False) if not truthy(key)]


def find_key(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`find`: the first element with a truthy key."""
    elements, found = _pairs("find", items, keys)
    for item, key in zip(elements, found, strict=False):
        if truthy(key):
            return item
    return None


def any_key(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`any`: whether a key is truthy."""
    return any(map(truthy, _pairs("any", items, keys)[1]))


def all_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`all`: whether every key is truthy."""
    return all(map(truthy, _pairs("all", items, keys)[1]))


def no_key(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`none`: whether no key is truthy."""
    return not any(map(truthy, _pairs("none", items, keys)[1]))


def count_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`count`: how many keys are truthy."""
    return sum(map(truthy, _pairs("count", items, keys)[1]))


def _total(name: str, values: list[Any]) -> Any:
    total: int | float = 0
    for position, value in enumerate(values):
        kind = type(value)
        if kind is not int and kind is not float:
            try:
                value = num(value)
            except ValueFault:
                raise ValueFault("type_error", f"{name}: element {position} is {describe(value)}, no number") from None
        total = add(total, value)
    return total


def sum_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`sum`: the keys added from left to right; 0 for none."""
    return _total("sum", _pairs("sum", items, keys)[1])


def average_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`avg`: the sum by the number of keys; null for none."""
    found = _pairs("avg", items, keys)[1]
    return divide(_total("avg", found), len(found)) if found else None


def _sorted(name: str, items: Any, keys: Any, *, descending: bool) -> list[Any]:
    elements, found = _pairs(name, items, keys)
    return [elements[at] for at in order(name, found, descending=descending)]


def sort_by(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`sort_by`: stable, by key."""
    return _sorted("sort_by", items, keys, descending=False)


def sort_by_desc(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`sort_by_desc`: stable, the largest key first."""
    return _sorted("sort_by_desc", items, keys, descending=True)


def _best(name: str, items: Any, keys: Any, is_better: Callable[[Any, Any], bool]) -> Any:
    elements, found = _pairs(name, items, keys)
    if not found:
        return None
    best = 0
    try:
        for at in range(1, len(found)):
            if is_better(found[at], found[best]):
                best = at
    except ValueFault as fault:
        raise ValueFault(fault.kind, f"{name}: {fault.message}") from None
    return elements[best]


def min_by(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`min_by`: the element with the smallest key, the first on ties."""
    return _best("min_by", items, keys, less)


def max_by(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`max_by`: the element with the largest key, the first on ties."""
    return _best("max_by", items, keys, lambda key, best: less(best, key))


def group_by(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`group_by`: text of the key -> its elements, in order of first appearance."""
    elements, found = _pairs("group_by", items, keys)
    groups: dict[str, Any] = {}
    for item, key in zip(elements, found, strict=False):
        groups.setdefault(text(ctx, key, "null"), []).append(item)
    check_map(ctx, "group_by", len(groups))
    return groups


def to_map(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`to_map`: text of the key -> the element, or the value that belongs to it."""
    elements, found = _pairs("to_map", items, keys)
    values = elements
    if extra:
        values = extra[0]
        if not isinstance(values, list):
            values = property_keys("to_map", elements, values, "the third argument")
    made: dict[str, Any] = {}
    for key, value in zip(found, values, strict=False):
        made[text(ctx, key, "null")] = value
    check_map(ctx, "to_map", len(made))
    return made


def reduce_keys(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`reduce`: the last accumulator, or the start value when there was no element."""
    if not isinstance(keys, list):
        bad("reduce", f"the second argument must be a function, got {describe(keys)}")
    return keys[-1] if keys else extra[0]


def weighted_choice(ctx: Context, items: Any, keys: Any, extra: list[Any]) -> Any:
    """`weighted_choice`: one draw by the weights; null when all are zero or there are none."""
    elements, found = _pairs("weighted_choice", items, keys)
    weights: list[int | float] = []
    total = 0.0
    for position, key in enumerate(found):
        weight = number(key)
        # The comparison is also false for NaN.
        if weight is None or not weight >= 0:
            bad("weighted_choice", f"the weight of element {position} is {describe(key)}")
        weights.append(weight)
        total += weight
    if total == 0:
        return None
    target = ctx.random.random() * total
    running = 0.0
    chosen = None
    for item, weight in zip(elements, weights, strict=False):
        running += weight
        if weight > 0:
            chosen = item
        if running > target:
            break
    # Rounding (or an infinite weight) may leave the target at the total; then it is the last with a weight.
    return chosen


HIGHER_ORDER: dict[str, HigherOrder] = {
    "map": map_keys,
    "filter": filter_keys,
    "reject": reject_keys,
    "find": find_key,
    "any": any_key,
    "all": all_keys,
    "none": no_key,
    "count": count_keys,
    "sum": sum_keys,
    "avg": average_keys,
    "sort_by": sort_by,
    "sort_by_desc": sort_by_desc,
    "min_by": min_by,
    "max_by": max_by,
    "group_by": group_by,
    "to_map": to_map,
    "reduce": reduce_keys,
    "weighted_choice": weighted_choice,
}


def _plain(name: str, by_keys: HigherOrder) -> Function:
    """The form that takes plain arguments: a property path, or no function at all."""

    places = BUILTINS[name].takes_function

    def call(ctx: Context, args: list[Any]) -> Any:
        if len(args) == 1:
            # Without a function each element is its own key.
            return by_keys(ctx, args[0], as_list(name, args[0]), [])
        for position in places:
            if position < len(args) and not isinstance(args[position], str):
                which = "second" if position == 1 else "third"
                bad(name, f"the {which} argument must be a function or a property path, got {describe(args[position])}")
        return by_keys(ctx, args[0], args[1], args[2:])

    call.__name__ = call.__qualname__ = name
    call.__doc__ = by_keys.__doc__
    return call


def _count(ctx: Context, args: list[Any]) -> Any:
    """`count(x)` is `length(x)`; `count(list, path)` counts the truthy properties."""
    return length(ctx, args) if len(args) == 1 else _count_path(ctx, args)


_count_path = _plain("count", count_keys)

TABLE: dict[str, Function] = {name: _plain(name, by_keys) for name, by_keys in HIGHER_ORDER.items()}
TABLE["count"] = _count
