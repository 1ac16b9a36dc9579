"""Built-in functions over lists and maps that take no function."""

from __future__ import annotations

from typing import Any

from abml.values import Duration, ValueFault, describe, equal, less

from .arguments import (
    Context,
    Function,
    as_list,
    bad,
    check_list,
    check_map,
    follow,
    integer,
    limit,
    split_path,
    text,
)

# Pairs compared by `unique` where values have no key to be looked up by.
_MAX_COMPARISONS = 10_000_000


def contains(ctx: Context, args: list[Any]) -> Any:
    """`contains(c, x)`: like `x in c`; in a text, x is converted to text first."""
    c, x = args
    if isinstance(c, str):
        return text(ctx, x, "null") in c
    if isinstance(c, list):
        return find_equal(c, x) >= 0
    return isinstance(c, dict) and isinstance(x, str) and x in c


def find_equal(items: list[Any], x: Any) -> int:
    """Position of the first element equal to x, or -1."""
    if type(x) is str:
        for at, item in enumerate(items):
            if item == x and isinstance(item, str):
                return at
        return -1
    is_number = type(x) is int or type(x) is float
    for at, item in enumerate(items):
        kind = type(item)
        if is_number and (kind is int or kind is float):
            if item == x:
                return at
        elif kind is not str and equal(item, x):
            return at
    return -1


def first(ctx: Context, args: list[Any]) -> Any:
    """`first(c)`."""
    c = args[0]
    return c[0] if isinstance(c, (list, str)) and c else None


def last(ctx: Context, args: list[Any]) -> Any:
    """`last(c)`."""
    c = args[0]
    return c[-1] if isinstance(c, (list, str)) and c else None


def keys(ctx: Context, args: list[Any]) -> Any:
    """`keys(m)`; empty for what is no map."""
    return list(args[0]) if isinstance(args[0], dict) else []


def values(ctx: Context, args: list[Any]) -> Any:
    """`values(m)`; empty for what is no map."""
    return list(args[0].values()) if isinstance(args[0], dict) else []


def entries(ctx: Context, args: list[Any]) -> Any:
    """`entries(m)`: maps of `key` and `value`; empty for what is no map."""
    if not isinstance(args[0], dict):
        return []
    return [{"key": key, "value": value} for key, value in args[0].items()]


def has_key(ctx: Context, args: list[Any]) -> Any:
    """`has_key(m, k)`; false for what is no map."""
    m, k = args
    if not isinstance(m, dict) or k is None:
        return False
    return (k if isinstance(k, str) else text(ctx, k)) in m


def get(ctx: Context, args: list[Any]) -> Any:
    """`get(x, path, fallback = null)`: the value at a dotted path, the fallback where a step is null."""
    found = follow(args[0], split_path(text(ctx, args[1])))
    if found is None:
        return args[2] if len(args) > 2 else None
    return found


def merge(ctx: Context, args: list[Any]) -> Any:
    """`merge(a, b)`: a new map, b wins; null is an empty map."""
    made: dict[str, Any] = {}
    for which, m in zip(("first", "second"), args, strict=True):
        if m is None:
            continue
        if not isinstance(m, dict):
            bad("merge", f"the {which} argument must be a map, got {describe(m)}")
        made.update(m)
    check_map(ctx, "merge", len(made))
    return made


def concat(ctx: Context, args: list[Any]) -> Any:
    """`concat(a, b, ...)`: a new list of all elements."""
    made: list[Any] = []
    for position, arg in enumerate(args, 1):
        items = as_list("concat", arg, f"argument {position}")
        check_list(ctx, "concat", len(made) + len(items))
        made.extend(items)
    return made


def append(ctx: Context, args: list[Any]) -> Any:
    """`append(list, x)`: a new list."""
    items = as_list("append", args[0])
    check_list(ctx, "append", len(items) + 1)
    return [*items, args[1]]


def without(ctx: Context, args: list[Any]) -> Any:
    """`without(list, x)`: a new list without the elements equal to x."""
    x = args[1]
    return [item for item in as_list("without", args[0]) if not equal(item, x)]


def _sequence(name: str, c: Any) -> list[Any] | str:
    if c is None:
        return []
    if not isinstance(c, (list, str)):
        bad(name, f"the first argument must be a list or a text, got {describe(c)}")
    return c


def slice_of(ctx: Context, args: list[Any]) -> Any:
    """`slice(c, start, end = length)`: negatives count from the end; clipped; null is an empty list."""
    c = _sequence("slice", args[0])
    start = integer("slice", "start", args[1])
    end = len(c) if len(args) < 3 or args[2] is None else integer("slice", "end", args[2])
    return c[start:end]


def take(ctx: Context, args: list[Any]) -> Any:
    """`take(list, n)`: the first n elements."""
    items = as_list("take", args[0])
    return items[: max(integer("take", "n", args[1]), 0)]


def skip(ctx: Context, args: list[Any]) -> Any:
    """`skip(list, n)`: all but the first n elements."""
    items = as_list("skip", args[0])
    return items[max(integer("skip", "n", args[1]), 0) :]


def reverse(ctx: Context, args: list[Any]) -> Any:
    """`reverse(c)`: a new list or text; null is an empty list."""
    return _sequence("reverse", args[0])[::-1]


def flatten(ctx: Context, args: list[Any]) -> Any:
    """`flatten(list)`: elements that are lists are replaced by theirs, one level deep."""
    made: list[Any] = []
    for item in as_list("flatten", args[0]):
        if isinstance(item, list):
            check_list(ctx, "flatten", len(made) + len(item))
            made.extend(item)
        else:
            made.append(item)
    check_list(ctx, "flatten", len(made))
    return made


def index_of(ctx: Context, args: list[Any]) -> Any:
    """`index_of(c, x)`: 0-based, -1 when x is not there or c is null."""
    c, x = _sequence("index_of", args[0]), args[1]
    if isinstance(c, str):
        return c.find(x) if isinstance(x, str) else -1
    return find_equal(c, x)


def zip_lists(ctx: Context, args: list[Any]) -> Any:
    """`zip(a, b)`: lists of two, as many as the shorter list has."""
    left = as_list("zip", args[0])
    return [[a, b] for a, b in zip(left, as_list("zip", args[1], "the second argument"), strict=False)]


def _identity_key(item: Any, ids: dict[Any, int], known: dict[int, int]) -> int | None:
    """A number that two values share when they are equal, or None when a cycle or NaN forbids one.

    Args:
        ids: structure -> number, filled as values are met.
        known: id of a list or map -> its number, so that shared parts are read once.
    """
    # Each list or map is entered (children pushed), then left (its structure numbered).
    pending: list[tuple[Any, bool]] = [(item, False)]
    results: list[int] = []
    open_ids: set[int] = set()
    while pending:
        value, leave = pending.pop()
        if not isinstance(value, (list, dict)):
            if value != value:
                return None
            results.append(ids.setdefault((bool if isinstance(value, bool) else "scalar", value), len(ids)))
            continue
        if leave:
            count = len(value)
            parts = results[len(results) - count :]
            del results[len(results) - count :]
            structure: Any = ("list", *parts)
            if isinstance(value, dict):
                structure = ("map", frozenset(zip(value, parts, strict=True)))
            open_ids.discard(id(value))
            known[id(value)] = ids.setdefault(structure, len(ids))
            results.append(known[id(value)])
            continue
        if id(value) in known:
            results.append(known[id(value)])
            continue
        if id(value) in open_ids:
            return None
        open_ids.add(id(value))
        pending.append((value, True))
        children = list(value.values()) if isinstance(value, dict) else value
        pending.extend((child, False) for child in reversed(children))
    return results[0]


def _holds_duration(items: list[Any]) -> bool:
    """Whether a duration lies in the elements, which may equal a number that is written differently."""
    seen: set[int] = set()
    pending = list(items)
    while pending:
        value = pending.pop()
        if isinstance(value, Duration):
            return True
        if isinstance(value, (list, dict)) and id(value) not in seen:
            seen.add(id(value))
            pending.extend(value.values() if isinstance(value, dict) else value)
    return False


def unique(ctx: Context, args: list[Any]) -> Any:
    """`unique(list)`: first occurrences, by `==`."""
    items = as_list("unique", args[0])
    if len(items) < 2:
        return list(items)
    if _holds_duration(items):
        return _unique_by_pairs(items)
    made: list[Any] = []
    ids: dict[Any, int] = {}
    known: dict[int, int] = {}
    seen: set[int] = set()
    odd: list[Any] = []
    for item in items:
        key = _identity_key(item, ids, known)
        if key is None:
            # NaN equals nothing, a cycle at most itself: neither is among the numbered ones.
            if any(equal(item, other) for other in odd):
                continue
            if len(odd) * len(items) > _MAX_COMPARISONS:
                limit("unique", "pairs to compare", _MAX_COMPARISONS)
            odd.append(item)
        elif key in seen:
            continue
        else:
            seen.add(key)
        made.append(item)
    return made


def _unique_by_pairs(items: list[Any]) -> list[Any]:
    made: list[Any] = []
    left = _MAX_COMPARISONS
    for item in items:
        left -= len(made)
        if left < 0:
            limit("unique", "pairs to compare", _MAX_COMPARISONS)
        if not any(equal(item, other) for other in made):
            made.append(item)
    return made


class _Ordered:
    """A sort key with the ordering of the language."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Ordered) -> bool:
        a, b = self.value, other.value
        # NaN comes after everything it can be compared with, so that the order is a total one.
        is_nan = type(a) is float and a != a
        if is_nan or (type(b) is float and b != b):
            less(a, b)
            return not is_nan
        return less(a, b)


def order(name: str, sort_keys: list[Any], *, descending: bool = False) -> list[int]:
    """Positions of keys in their stable order.

    Raises:
        ValueFault: `type_error` when two keys have no common order.
    """
    kinds = set(map(type, sort_keys))
    positions = range(len(sort_keys))
    is_plain = kinds <= {str} or kinds <= {int} or (kinds <= {int, float} and all(key == key for key in sort_keys))
    if is_plain:
        return sorted(positions, key=sort_keys.__getitem__, reverse=descending)
    wrapped = [_Ordered(key) for key in sort_keys]
    try:
        return sorted(positions, key=wrapped.__getitem__, reverse=descending)
    except ValueFault as fault:
        raise ValueFault(fault.kind, f"{name}: {fault.message}") from None


def sort(ctx: Context, args: list[Any]) -> Any:
    """`sort(list)`: a new list."""
    items = as_list("sort", args[0])
    return [items[at] for at in order("sort", items)]


TABLE: dict[str, Function] = {
    "contains": contains,
    "first": first,
    "last": last,
    "keys": keys,
    "values": values,
    "entries": entries,
    "has_key": has_key,
    "get": get,
    "merge": merge,
    "concat": concat,
    "append": append,
    "without": without,
    "slice": slice_of,
    "take": take,
    "skip": skip,
    "reverse": reverse,
    "unique": unique,
    "flatten": flatten,
    "index_of": index_of,
    "sort": sort,
    "zip": zip_lists,
}
