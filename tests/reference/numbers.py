"""Built-in functions on numbers, randomness included."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from abml import values

from .arguments import bad, number, strict_number, whole
from .expressions import Names
from .faults import ReferenceFault

Args = list[Any]


def _numbers(args: Args) -> list[int | float] | None:
    """All arguments by *n?*; None when one of them has no number."""
    found = [number(arg) for arg in args]
    return None if any(item is None for item in found) else [item for item in found if item is not None]


def _preserve(result: int | float, inputs: list[int | float]) -> int | float:
    """Int in, int out; otherwise float."""
    return result if all(isinstance(item, int) for item in inputs) else float(result)


def _extreme(args: Args, pick: Callable[..., Any]) -> Any:
    if len(args) == 1:
        if not isinstance(args[0], list):
            raise bad("one argument must be a list")
        args = args[0]
        if not args:
            return None
    found = _numbers(args)
    if found is None:
        return None
    if any(item != item for item in found):
        return math.nan
    return _preserve(pick(found), found)


def f_min(args: Args, names: Names) -> Any:
    return _extreme(args, min)


def f_max(args: Args, names: Names) -> Any:
    return _extreme(args, max)


def f_abs(args: Args, names: Names) -> Any:
    x = number(args[0])
    if x is None:
        return None
    return values.wrap_int(abs(x)) if isinstance(x, int) else abs(x)


def _to_int(x: int | float, convert: Callable[[float], int]) -> int | float:
    if isinstance(x, int):
        return x
    if not math.isfinite(x):
        return x
    exact = convert(x)
    return exact if values.INT_MIN <= exact <= values.INT_MAX else float(exact)


def f_floor(args: Args, names: Names) -> Any:
    x = number(args[0])
    return None if x is None else _to_int(x, math.floor)


def f_ceil(args: Args, names: Names) -> Any:
    x = number(args[0])
    return None if x is None else _to_int(x, math.ceil)


def f_trunc(args: Args, names: Names) -> Any:
    x = number(args[0])
    return None if x is None else _to_int(x, math.trunc)


def half_away(exact: Fraction) -> int:
    """The nearest int, halves away from zero."""
    magnitude = math.floor(abs(exact) + Fraction(1, 2))
    return -magnitude if exact < 0 else magnitude


def f_round(args: Args, names: Names) -> Any:
    x = number(args[0])
    if x is None:
        return None
    digits = whole(args[1]) if len(args) > 1 and args[1] is not None else 0
    if not math.isfinite(x):
        return float(x)
    if digits > 0:
        if digits > 400:
            return float(x)
        scale = 10**digits
        try:
            return float(Fraction(half_away(Fraction(x) * scale), scale))
        except OverflowError:
            return math.copysign(math.inf, x)
    if digits < -400:
        return 0
    scale = 10**-digits
    return values.wrap_int(half_away(Fraction(x) / scale) * scale)


def f_sign(args: Args, names: Names) -> Any:
    x = number(args[0])
    if x is None:
        return None
    return (x > 0) - (x < 0)


def f_sqrt(args: Args, names: Names) -> Any:
    x = number(args[0])
    if x is None:
        return None
    if x < 0:
        raise bad("square root of a negative number")
    return math.sqrt(x)


def f_pow(args: Args, names: Names) -> Any:
    found = _numbers(args)
    if found is None:
        return None
    base, exponent = found
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if abs(base) <= 1 or exponent * abs(base).bit_length() <= 4096:
            if abs(base) <= 1:
                exponent = min(exponent, 2 + exponent % 2)
            return values.wrap_int(base**exponent)
        return -math.inf if base < 0 and exponent % 2 else math.inf
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 else math.inf
    except ValueError:
        raise bad("the power is not a real number") from None


def f_clamp(args: Args, names: Names) -> Any:
    found = _numbers(args)
    if found is None:
        return None
    x, low, high = found
    if low > high:
        raise bad("the lower bound is above the upper")
    return _preserve(low if x < low else high if x > high else x, found)


def lerp(a: Any, b: Any, t: Any) -> float:
    return float(values.add(a, values.multiply(values.subtract(b, a), t)))


def inverse_lerp(a: Any, b: Any, x: Any) -> float:
    if a == b:
        raise ReferenceFault("division_by_zero", "the range is empty")
    return float(values.divide(values.subtract(x, a), values.subtract(b, a)))


def f_lerp(args: Args, names: Names) -> Any:
    found = _numbers(args)
    return None if found is None else lerp(*found)


def f_inverse_lerp(args: Args, names: Names) -> Any:
    found = _numbers(args)
    return None if found is None else inverse_lerp(*found)


def f_remap(args: Args, names: Names) -> Any:
    found = _numbers(args)
    if found is None:
        return None
    x, a, b, c, d = found
    return lerp(c, d, inverse_lerp(a, b, x))


def f_smoothstep(args: Args, names: Names) -> Any:
    found = _numbers(args)
    if found is None:
        return None
    t = min(max(inverse_lerp(*found), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def _divided(args: Args) -> tuple[int | float, int | float]:
    a, b = strict_number(args[0]), strict_number(args[1])
    if b == 0:
        raise ReferenceFault("division_by_zero", "division by zero")
    return a, b


def f_idiv(args: Args, names: Names) -> Any:
    a, b = _divided(args)
    result = a // b
    return values.wrap_int(result) if isinstance(result, int) else result


def f_mod(args: Args, names: Names) -> Any:
    a, b = _divided(args)
    return a % b


def f_safe_div(args: Args, names: Names) -> Any:
    found = _numbers(args if len(args) == 3 else [*args, 0])
    if found is None:
        return None
    a, b, fallback = found
    return fallback if b == 0 else a / b


# -------------------------------------------------------------------- random


def _between(low: int | float, high: int | float, names: Names) -> float:
    if low > high:
        raise bad("the lower bound is above the upper")
    return low + (high - low) * names.machine.random.real()


def f_random(args: Args, names: Names) -> Any:
    if not args:
        return names.machine.random.real()
    found = _numbers(args)
    if found is None:
        return None
    if len(found) == 1:
        return float(_between(0, found[0], names))
    low, high = found
    if isinstance(low, int) and isinstance(high, int):
        if low > high:
            raise bad("the lower bound is above the upper")
        return names.machine.random.integer(low, high)
    return float(_between(low, high, names))


def f_random_int(args: Args, names: Names) -> Any:
    if _numbers(args) is None:
        return None
    low, high = whole(args[0]), whole(args[1])
    if low < values.INT_MIN or high > values.INT_MAX or low > high:
        raise bad("the lower bound is above the upper")
    return names.machine.random.integer(low, high)


def f_random_float(args: Args, names: Names) -> Any:
    found = _numbers(args)
    return None if found is None else float(_between(found[0], found[1], names))


def f_chance(args: Args, names: Names) -> Any:
    drawn = names.machine.random.real()
    p = number(args[0])
    return None if p is None else drawn < p


# ------------------------------------------------------------------ positions


def _position(value: Any) -> list[int | float] | None:
    """Three coordinates; None when the position or a coordinate is null."""
    if value is None:
        return None
    if isinstance(value, dict):
        if "x" in value and "y" in value:
            parts = [value["x"], value["y"], value.get("z", 0)]
        elif "position" in value:
            inner = value["position"]
            if isinstance(inner, dict) and "x" not in inner:
                raise bad("not a position")
            return _position(inner)
        else:
            raise bad("not a position")
    elif isinstance(value, list) and len(value) in (2, 3):
        parts = [*value, 0][:3]
    else:
        raise bad("not a position")
    found = [number(part) for part in parts]
    if any(part is None for part in found):
        if any(part is not None and got is None for part, got in zip(parts, found, strict=True)):
            raise bad("a coordinate is not a number")
        return None
    return [part for part in found if part is not None]


def f_distance(args: Args, names: Names) -> Any:
    a, b = _position(args[0]), _position(args[1])
    if a is None or b is None:
        return None
    squares = [float(p - q) ** 2 if abs(float(p - q)) < 1e150 else math.inf for p, q in zip(a, b, strict=True)]
    return math.sqrt(squares[0] + squares[1] + squares[2])


FUNCTIONS: dict[str, Callable[[Args, Names], Any]] = {
    name[2:]: function for name, function in list(globals().items()) if name.startswith("f_")
}
