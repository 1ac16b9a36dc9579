"""Built-in functions that draw from the generator of the instance.

How many draws each makes is part of the language, so that equal seeds give
equal runs: one, except `shuffle` and `sample`; none for a null result, but
`chance` always draws.
"""

from __future__ import annotations

from typing import Any

from abml.values import describe

from .arguments import Context, Function, as_list, bad, integer, number


def _bounds(name: str, args: list[Any]) -> tuple[int | float, int | float] | None:
    low: int | float | None = 0
    if len(args) == 1:
        high = number(args[0])
    else:
        low, high = number(args[0]), number(args[1])
    if low is None or high is None:
        return None
    if low > high:
        bad(name, f"lo {describe(low)} is above hi {describe(high)}")
    return low, high


def random(ctx: Context, args: list[Any]) -> Any:
    """`random()`, `random(hi)`, `random(lo, hi)`: an int in [lo, hi] when both are ints, else a float."""
    if not args:
        return ctx.random.random()
    bounds = _bounds("random", args)
    if bounds is None:
        return None
    low, high = bounds
    if len(args) == 2 and type(low) is int and type(high) is int:
        return ctx.random.integer(low, high)
    return ctx.random.uniform(float(low), float(high))


def random_int(ctx: Context, args: list[Any]) -> Any:
    """`random_int(lo, hi)`: an int in [lo, hi]."""
    if number(args[0]) is None or number(args[1]) is None:
        return None
    low, high = integer("random_int", "lo", args[0]), integer("random_int", "hi", args[1])
    if low > high:
        bad("random_int", f"lo {low} is above hi {high}")
    if low < -(2**63) or high >= 2**63:
        bad("random_int", "a bound is outside the int range")
    return ctx.random.integer(low, high)


def random_float(ctx: Context, args: list[Any]) -> Any:
    """`random_float(lo, hi)`: a float in [lo, hi)."""
    bounds = _bounds("random_float", args)
    return None if bounds is None else ctx.random.uniform(float(bounds[0]), float(bounds[1]))


def chance(ctx: Context, args: list[Any]) -> Any:
    """`chance(p)`: `random() < p`."""
    drawn = ctx.random.random()
    probability = number(args[0])
    return None if probability is None else drawn < probability


def random_choice(ctx: Context, args: list[Any]) -> Any:
    """`random_choice(list)`: null for an empty list."""
    items = as_list("random_choice", args[0])
    return items[ctx.random.integer(0, len(items) - 1)] if items else None


def shuffle(ctx: Context, args: list[Any]) -> Any:
    """`shuffle(list)`: a new list."""
    items = list(as_list("shuffle", args[0]))
    ctx.random.shuffle(items)
    return items


def sample(ctx: Context, args: list[Any]) -> Any:
    """`sample(list, n)`: the first n of `shuffle`."""
    items = list(as_list("sample", args[0]))
    most = max(integer("sample", "n", args[1]), 0)
    ctx.random.shuffle(items)
    return items[:most]


TABLE: dict[str, Function] = {
    "random": random,
    "random_int": random_int,
    "random_float": random_float,
    "chance": chance,
    "random_choice": random_choice,
    "shuffle": shuffle,
    "sample": sample,
}
