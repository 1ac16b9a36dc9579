"""Built-in functions over numbers.

Places marked *n?* in the language reference give null for null and for what is
no number. "Int-preserving" functions give an int when every argument is one.
"""

from __future__ import annotations

import math
from typing import Any

from abml.values import Duration, ValueFault, describe, num, parse_number, round_ratio, wrap_int

from .arguments import BLANKS, Context, Function, bad, integer, number, wrap

_FLOAT_INT_LIMIT = 2.0**63
# Beyond this many digits every float is exact, so rounding changes nothing.
_EXACT_DIGITS = 1100


def _numbers(args: list[Any]) -> list[int | float] | None:
    """All arguments as numbers, or None when one of them is null or not numeric."""
    found: list[int | float] = []
    for arg in args:
        value = number(arg)
        if value is None:
            return None
        found.append(value)
    return found


def _preserve(value: int | float, all_of: list[int | float]) -> int | float:
    """The int-preserving result: a float as soon as one argument was a float."""
    if type(value) is int:
        for other in all_of:
            if type(other) is float:
                return float(value)
    return value


def _extreme_arguments(name: str, args: list[Any]) -> list[int | float] | None:
    if len(args) == 1:
        items = args[0]
        if not isinstance(items, list):
            bad(name, f"takes at least 2 numbers or one list, got {describe(items)}")
        return _numbers(items)
    return _numbers(args)


def minimum(ctx: Context, args: list[Any]) -> Any:
    """`min(a, b, ...)` or `min(list)`; NaN when one of them is."""
    values = _extreme_arguments("min", args)
    if not values:
        return None
    best = values[0]
    for value in values:
        if value < best or value != value:
            best = value
    return _preserve(best, values)


def maximum(ctx: Context, args: list[Any]) -> Any:
    """`max(a, b, ...)` or `max(list)`; NaN when one of them is."""
    values = _extreme_arguments("max", args)
    if not values:
        return None
    best = values[0]
    for value in values:
        if value > best or value != value:
            best = value
    return _preserve(best, values)


def absolute(ctx: Context, args: list[Any]) -> Any:
    """`abs(x)`."""
    value = number(args[0])
    return None if value is None else wrap(abs(value))


def _to_integer(value: float) -> int | float:
    """An integral float as int; itself when it is not finite or outside the int range."""
    return int(value) if -_FLOAT_INT_LIMIT <= value < _FLOAT_INT_LIMIT else value


def _integral(value: float) -> bool:
    # From 2**53 on every float is integral; the test also catches NaN and the infinities.
    return not -(2.0**53) < value < 2.0**53


def floor(ctx: Context, args: list[Any]) -> Any:
    """`floor(x)`: an int, or the float itself beyond the int range."""
    value = number(args[0])
    if type(value) is not float:
        return value
    return _to_integer(value) if _integral(value) else math.floor(value)


def ceil(ctx: Context, args: list[Any]) -> Any:
    """`ceil(x)`."""
    value = number(args[0])
    if type(value) is not float:
        return value
    return _to_integer(value) if _integral(value) else math.ceil(value)


def truncate(value: int | float) -> int | float:
    """Without the fraction; an int, or the float itself beyond the int range."""
    if type(value) is not float:
        return value
    return _to_integer(value) if _integral(value) else int(value)


def trunc(ctx: Context, args: list[Any]) -> Any:
    """`trunc(x)`."""
    value = number(args[0])
    return None if value is None else truncate(value)


def round_half_away(value: int | float, digits: int) -> int | float:
    """Round to decimal digits, halves away from zero, by the exact binary value.

    Args:
        digits: after the point; negative counts before it.

    Returns:
        An int for digits <= 0 (a float beyond the int range or when not finite), else a float.
    """
    if type(value) is int:
        if digits > 0:
            return float(value)
        if digits == 0:
            return value
        return _round_tens(value, 1, -digits)
    if value - value != 0:
        return value
    if digits == 0:
        if _integral(value):
            return _to_integer(value)
        whole = math.floor(abs(value))
        # The difference of a float below 2**53 and its floor is exact.
        if abs(value) - whole >= 0.5:
            whole += 1
        return whole if value > 0 else -whole
    if digits < 0:
        numerator, denominator = value.as_integer_ratio()
        return _round_tens(numerator, denominator, -digits)
    if digits > _EXACT_DIGITS or _integral(value):
        return float(value)
    if digits < 64 and not (value * 2.0 ** (digits + 1)).is_integer():
        # Not half way between two results, so Python's rounding of ties does not matter.
        return round(value, digits)
    numerator, denominator = value.as_integer_ratio()
    scale: int = 10**digits
    return round_ratio(numerator * scale, denominator) / scale


def _round_tens(numerator: int, denominator: int, zeros: int) -> int | float:
    # No number has more than 309 digits before the point.
    if zeros > 400:
        return 0
    scale: int = 10**zeros
    return wrap_int(round_ratio(numerator, denominator * scale) * scale)


def rounded(ctx: Context, args: list[Any]) -> Any:
    """`round(x, digits = 0)`."""
    value = number(args[0])
    if value is None:
        return None
    digits = 0 if len(args) == 1 or args[1] is None else integer("round", "digits", args[1])
    return round_half_away(value, digits)


def sign(ctx: Context, args: list[Any]) -> Any:
    """`sign(x)`: -1, 0 or 1; 0 for NaN."""
    value = number(args[0])
    if value is None:
        return None
    return 1 if value > 0 else -1 if value < 0 else 0


def square_root(ctx: Context, args: list[Any]) -> Any:
    """`sqrt(x)`."""
    value = number(args[0])
    if value is None:
        return None
    if value < 0:
        bad("sqrt", f"{describe(value)} is negative")
    return math.sqrt(value)


def power(ctx: Context, args: list[Any]) -> Any:
    """`pow(b, e)`: an int when both are ints, e >= 0 and it fits."""
    base, exponent = number(args[0]), number(args[1])
    if base is None or exponent is None:
        return None
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        return _int_power(base, exponent)
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and math.fmod(exponent, 2) != 0 else math.inf
    except ValueError:
        bad("pow", f"{describe(base)} to the power of {describe(exponent)} is not a real number")


def _int_power(base: int, exponent: int) -> int | float:
    if -1 <= base <= 1:
        exponent = min(exponent, 2 + exponent % 2)
    elif exponent > 4096 // abs(base).bit_length() + 4:
        # Far beyond the largest float.
        return -math.inf if base < 0 and exponent % 2 else math.inf
    exact: int = base**exponent
    return wrap_int(exact)


def clamp(ctx: Context, args: list[Any]) -> Any:
    """`clamp(x, lo, hi)`."""
    value, low, high = number(args[0]), number(args[1]), number(args[2])
    if value is None or low is None or high is None:
        return None
    if low > high:
        bad("clamp", f"lo {describe(low)} is above hi {describe(high)}")
    best = low if value < low else high if value > high else value
    return _preserve(best, [value, low, high]) if type(best) is int else best


def _lerp(a: int | float, b: int | float, t: int | float) -> float:
    return float(wrap(a + wrap(wrap(b - a) * t)))


def lerp(ctx: Context, args: list[Any]) -> Any:
    """`lerp(a, b, t)`: a + (b - a) * t."""
    a, b, t = number(args[0]), number(args[1]), number(args[2])
    return None if a is None or b is None or t is None else _lerp(a, b, t)


def _position(name: str, a: int | float, b: int | float, x: int | float) -> float:
    width = wrap(b - a)
    if width == 0:
        raise ValueFault("division_by_zero", f"{name}: a and b are both {describe(a)}")
    return wrap(x - a) / width


def inverse_lerp(ctx: Context, args: list[Any]) -> Any:
    """`inverse_lerp(a, b, x)`: where x lies between a and b."""
    a, b, x = number(args[0]), number(args[1]), number(args[2])
    return None if a is None or b is None or x is None else _position("inverse_lerp", a, b, x)


def remap(ctx: Context, args: list[Any]) -> Any:
    """`remap(x, a, b, c, d)`: from the range a..b to the range c..d."""
    x, a, b, c, d = (number(arg) for arg in args)
    if x is None or a is None or b is None or c is None or d is None:
        return None
    return _lerp(c, d, _position("remap", a, b, x))


def smoothstep(ctx: Context, args: list[Any]) -> Any:
    """`smoothstep(a, b, x)`: 3t^2 - 2t^3 of the clamped position t."""
    a, b, x = number(args[0]), number(args[1]), number(args[2])
    if a is None or b is None or x is None:
        return None
    t = _position("smoothstep", a, b, x)
    t = 0.0 if t < 0 else 1.0 if t > 1 else t
    return t * t * (3.0 - 2.0 * t)


def _operands(name: str, args: list[Any]) -> tuple[int | float, int | float]:
    try:
        a, b = num(args[0]), num(args[1])
    except ValueFault as fault:
        raise ValueFault(fault.kind, f"{name}: {fault.message}") from None
    if b == 0:
        raise ValueFault("division_by_zero", f"{name}: division by zero")
    return a, b


def idiv(ctx: Context, args: list[Any]) -> Any:
    """`idiv(a, b)`: floor division."""
    a, b = _operands("idiv", args)
    return wrap(a // b)


def mod(ctx: Context, args: list[Any]) -> Any:
    """`mod(a, b)`: the remainder with the sign of the divisor."""
    a, b = _operands("mod", args)
    return a % b


def safe_div(ctx: Context, args: list[Any]) -> Any:
    """`safe_div(a, b, fallback = 0)`."""
    a, b = number(args[0]), number(args[1])
    fallback = number(args[2]) if len(args) > 2 else 0
    if a is None or b is None or fallback is None:
        return None
    return a / b if b != 0 else fallback


def _coordinates(which: str, place: Any) -> list[int | float] | None:
    """x, y and z of a position; None when it or one of them is null."""
    if isinstance(place, dict) and "position" in place and not ("x" in place and "y" in place):
        place = place["position"]
    if place is None:
        return None
    parts: list[Any] | None = None
    if isinstance(place, dict):
        if "x" in place and "y" in place:
            parts = [place["x"], place["y"], place.get("z", 0)]
    elif isinstance(place, list) and 2 <= len(place) <= 3:
        parts = [*place, 0][:3]
    if parts is None:
        bad("distance", f"{which} is no position (a map with x and y, a list of 2 or 3 numbers, a map with position)")
    found: list[int | float] = []
    for part in parts:
        value = number(part)
        if value is not None:
            found.append(value)
        elif part is not None:
            bad("distance", f"{which} has a coordinate that is no number: {describe(part)}")
    return found if len(found) == 3 else None


def distance(ctx: Context, args: list[Any]) -> Any:
    """`distance(a, b)`: Euclidean; null when a position or coordinate is null."""
    a = _coordinates("the first argument", args[0])
    b = _coordinates("the second argument", args[1])
    if a is None or b is None:
        return None
    dx, dy, dz = float(b[0] - a[0]), float(b[1] - a[1]), float(b[2] - a[2])
    # The root of the sum and not `hypot`: it is the same to the last bit everywhere.
    return math.sqrt(dx * dx + dy * dy + dz * dz)


def read_number(x: Any) -> int | float | None:
    """A value by the rule of `to_number`; None when it has no number."""
    kind = type(x)
    if kind is int or kind is float:
        return x  # type: ignore[no-any-return]
    if x is None:
        return 0
    if kind is str:
        return parse_number(x.strip(BLANKS))
    return x.micros / 1_000_000 if isinstance(x, Duration) else number(x)


TABLE: dict[str, Function] = {
    "min": minimum,
    "max": maximum,
    "abs": absolute,
    "floor": floor,
    "ceil": ceil,
    "round": rounded,
    "trunc": trunc,
    "sign": sign,
    "sqrt": square_root,
    "pow": power,
    "clamp": clamp,
    "lerp": lerp,
    "inverse_lerp": inverse_lerp,
    "remap": remap,
    "smoothstep": smoothstep,
    "idiv": idiv,
    "mod": mod,
    "safe_div": safe_div,
    "distance": distance,
}
