"""Built-in functions on lists and maps."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from abml import values

from .arguments import bad, fits, items, number, text, whole
from .expressions import LambdaValue, Names, apply, to_text

Args = list[Any]


def follow(value: Any, path: str) -> Any:
    """A dotted path; null as soon as a step is null."""
    if path == "":
        return value
    for step in path.split("."):
        if value is None:
            return None
        if isinstance(value, (list, str)) and step.isascii() and step.isdigit():
            value = values.index(value, int(step) if len(step) < 20 else -1)
        else:
            value = values.member(value, step)
    return value


def _function(f: Any) -> Callable[[Any, int], Any]:
    """What an argument that takes a function does with an element and its index."""
    if isinstance(f, LambdaValue):
        return lambda element, position: apply(f, [element, position])
    if isinstance(f, str):
        return lambda element, position: follow(element, f)
    raise bad("expected a function or a property path")


def _each(args: Args, place: int = 1) -> list[Any]:
    elements = items(args[0])
    function = _function(args[place])
    return [function(element, position) for position, element in enumerate(elements)]


def f_list(args: Args, names: Names) -> Any:
    return list(args)


def f_dict(args: Args, names: Names) -> Any:
    result: dict[str, Any] = {}
    if len(args) % 2:
        raise bad("odd count")
    for position in range(0, len(args), 2):
        if not isinstance(args[position], str):
            raise bad("a key must be text")
        result[args[position]] = args[position + 1]
    return result


def f_range(args: Args, names: Names) -> Any:
    numbers = [whole(arg) for arg in args]
    if len(numbers) == 1:
        numbers = [0, numbers[0]]
    if len(numbers) == 3 and numbers[2] == 0:
        raise bad("the step is 0")
    step = numbers[2] if len(numbers) == 3 else 1
    fits((numbers[1] - numbers[0]) // step)
    return list(range(numbers[0], numbers[1], step))


def f_contains(args: Args, names: Names) -> Any:
    container, x = args
    if isinstance(container, str) and not isinstance(x, str):
        x = to_text(x)
    return values.contains(x, container)


def f_first(args: Args, names: Names) -> Any:
    return args[0][0] if isinstance(args[0], (list, str)) and args[0] else None


def f_last(args: Args, names: Names) -> Any:
    return args[0][-1] if isinstance(args[0], (list, str)) and args[0] else None


def f_keys(args: Args, names: Names) -> Any:
    return list(args[0]) if isinstance(args[0], dict) else []


def f_values(args: Args, names: Names) -> Any:
    return list(args[0].values()) if isinstance(args[0], dict) else []


def f_entries(args: Args, names: Names) -> Any:
    return [{"key": key, "value": value} for key, value in args[0].items()] if isinstance(args[0], dict) else []


def f_has_key(args: Args, names: Names) -> Any:
    return isinstance(args[0], dict) and args[1] is not None and to_text(args[1]) in args[0]


def f_get(args: Args, names: Names) -> Any:
    found = follow(args[0], text(args[1]))
    return (args[2] if len(args) > 2 else None) if found is None else found


def f_merge(args: Args, names: Names) -> Any:
    result: dict[str, Any] = {}
    for arg in args:
        if arg is None:
            continue
        if not isinstance(arg, dict):
            raise bad("expected a map")
        result.update(arg)
    return result


def f_concat(args: Args, names: Names) -> Any:
    result = [element for arg in args for element in items(arg)]
    fits(len(result))
    return result


def f_append(args: Args, names: Names) -> Any:
    result = [*items(args[0]), args[1]]
    fits(len(result))
    return result


def f_without(args: Args, names: Names) -> Any:
    return [element for element in items(args[0]) if not values.equal(element, args[1])]


def _bound(value: Any, length: int) -> int:
    n = whole(value)
    return min(max(n + length if n < 0 else n, 0), length)


def f_slice(args: Args, names: Names) -> Any:
    c = args[0]
    if not isinstance(c, str):
        c = items(c)
    start = _bound(args[1], len(c))
    end = _bound(args[2], len(c)) if len(args) > 2 and args[2] is not None else len(c)
    return c[start:end]


def f_take(args: Args, names: Names) -> Any:
    elements, n = items(args[0]), whole(args[1])
    return elements[: max(n, 0)]


def f_skip(args: Args, names: Names) -> Any:
    elements, n = items(args[0]), whole(args[1])
    return elements[max(n, 0) :]


def f_reverse(args: Args, names: Names) -> Any:
    return args[0][::-1] if isinstance(args[0], str) else items(args[0])[::-1]


def f_unique(args: Args, names: Names) -> Any:
    result: list[Any] = []
    for element in items(args[0]):
        if not any(values.equal(element, known) for known in result):
            result.append(element)
    return result


def f_flatten(args: Args, names: Names) -> Any:
    result: list[Any] = []
    for element in items(args[0]):
        result.extend(element if isinstance(element, list) else [element])
    fits(len(result))
    return result


def f_index_of(args: Args, names: Names) -> Any:
    c, x = args
    if isinstance(c, str):
        return c.find(x) if isinstance(x, str) else -1
    return next((place for place, element in enumerate(items(c)) if values.equal(element, x)), -1)


def _selected(args: Args) -> list[Any]:
    return _each(args) if len(args) > 1 else items(args[0])


def f_sum(args: Args, names: Names) -> Any:
    total: Any = 0
    for value in _selected(args):
        total = values.add(total, values.num(value))
    return total


def f_avg(args: Args, names: Names) -> Any:
    selected = _selected(args)
    total: Any = 0
    for value in selected:
        total = values.add(total, values.num(value))
    return values.divide(total, len(selected)) if selected else None


def f_map(args: Args, names: Names) -> Any:
    return _each(args)


def _matches(args: Args) -> list[bool]:
    return [values.truthy(result) for result in _each(args)]


def f_filter(args: Args, names: Names) -> Any:
    elements = items(args[0])
    if len(args) == 3:
        return [e for e, found in zip(elements, _each(args), strict=True) if values.equal(found, args[2])]
    return [element for element, match in zip(elements, _matches(args), strict=True) if match]


def f_reject(args: Args, names: Names) -> Any:
    return [e for e, match in zip(items(args[0]), _matches(args), strict=True) if not match]


def _first_match(args: Args) -> tuple[bool, Any]:
    """The first element whose result is truthy; later ones are not looked at."""
    elements = items(args[0])
    function = _function(args[1]) if len(args) > 1 else lambda element, position: element
    for position, element in enumerate(elements):
        if values.truthy(function(element, position)):
            return True, element
    return False, None


def f_find(args: Args, names: Names) -> Any:
    return _first_match(args)[1]


def f_any(args: Args, names: Names) -> Any:
    return _first_match(args)[0]


def f_none(args: Args, names: Names) -> Any:
    return not _first_match(args)[0]


def f_all(args: Args, names: Names) -> Any:
    elements = items(args[0])
    function = _function(args[1]) if len(args) > 1 else lambda element, position: element
    return all(values.truthy(function(element, position)) for position, element in enumerate(elements))


def f_count(args: Args, names: Names) -> Any:
    if len(args) == 1:
        return len(args[0]) if isinstance(args[0], (str, list, dict)) else 0
    return sum(_matches(args))


def _compare(a: Any, b: Any) -> int:
    if values.less(a, b):
        return -1
    return 1 if values.less(b, a) else 0


def f_sort(args: Args, names: Names) -> Any:
    return sorted(items(args[0]), key=cmp_to_key(_compare))


def _sorted_by(args: Args, *, descending: bool) -> list[Any]:
    keys = _each(args)
    pairs = list(zip(keys, items(args[0]), strict=True))
    order = cmp_to_key(lambda p, q: _compare(p[0], q[0]))
    pairs.sort(key=order, reverse=descending)
    return [element for _, element in pairs]


def f_sort_by(args: Args, names: Names) -> Any:
    return _sorted_by(args, descending=False)


def f_sort_by_desc(args: Args, names: Names) -> Any:
    return _sorted_by(args, descending=True)


def _best(args: Args, better: Callable[[Any, Any], bool]) -> Any:
    elements, keys = items(args[0]), _each(args)
    best = None
    for position in range(len(elements)):
        if best is None or better(keys[position], keys[best]):
            best = position
    return None if best is None else elements[best]


def f_min_by(args: Args, names: Names) -> Any:
    return _best(args, values.less)


def f_max_by(args: Args, names: Names) -> Any:
    return _best(args, lambda a, b: values.less(b, a))


def f_group_by(args: Args, names: Names) -> Any:
    groups: dict[str, list[Any]] = {}
    for key, element in zip(_each(args), items(args[0]), strict=True):
        groups.setdefault(to_text(key), []).append(element)
    return groups


def f_to_map(args: Args, names: Names) -> Any:
    key_function = _function(args[1])
    value_function = _function(args[2]) if len(args) > 2 else lambda element, position: element
    result: dict[str, Any] = {}
    for position, element in enumerate(items(args[0])):
        key = to_text(key_function(element, position))
        result[key] = value_function(element, position)
    return result


def f_reduce(args: Args, names: Names) -> Any:
    elements, function, accumulator = items(args[0]), args[1], args[2]
    if not isinstance(function, LambdaValue):
        raise bad("reduce needs a function")
    for position, element in enumerate(elements):
        accumulator = apply(function, [accumulator, element, position])
    return accumulator


def f_zip(args: Args, names: Names) -> Any:
    return [list(pair) for pair in zip(items(args[0]), items(args[1]), strict=False)]


# -------------------------------------------------------------------- random


def f_random_choice(args: Args, names: Names) -> Any:
    elements = items(args[0])
    return elements[names.machine.random.integer(0, len(elements) - 1)] if elements else None


def f_weighted_choice(args: Args, names: Names) -> Any:
    elements = items(args[0])
    weights: list[int | float] = []
    total: int | float = 0
    for found in _each(args):
        weight = number(found)
        if weight is None:
            raise bad("a weight is not a number")
        if weight < 0:
            raise bad("a weight is negative")
        weights.append(weight)
        total = total + weight
    if total == 0:
        return None
    point = names.machine.random.real() * total
    running: int | float = 0
    for element, weight in zip(elements, weights, strict=True):
        running = running + weight
        if running > point:
            return element
    # Only reachable with infinite or rounded totals: the last that has any weight.
    return next(e for e, w in zip(reversed(elements), reversed(weights), strict=True) if w > 0 or math.isnan(w))


def _shuffled(elements: list[Any], names: Names) -> list[Any]:
    for i in range(len(elements) - 1, 0, -1):
        j = names.machine.random.integer(0, i)
        elements[i], elements[j] = elements[j], elements[i]
    return elements


def f_shuffle(args: Args, names: Names) -> Any:
    return _shuffled(items(args[0]), names)


def f_sample(args: Args, names: Names) -> Any:
    elements, n = items(args[0]), whole(args[1])
    return _shuffled(elements, names)[: max(n, 0)]


FUNCTIONS: dict[str, Callable[[Args, Names], Any]] = {
    name[2:]: function for name, function in list(globals().items()) if name.startswith("f_")
}
