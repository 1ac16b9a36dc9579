"""Durations: the value type, its text forms and the conversion of seconds."""

from __future__ import annotations

from typing import Any

from abml.patterns import lazy

from .faults import INT_MAX, INT_MIN, ValueFault

_UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_PART = lazy(r"([0-9]+)(?:\.([0-9]+))?(ms|s|m|h|d)")
_BLANKS = " \t\r\n"


class Duration:
    """A span of time, immutable.

    Attributes:
        micros: signed 64-bit microseconds; a value outside that range becomes
            the nearest end of it.
    """

    __slots__ = ("micros",)

    micros: int

    def __init__(self, micros: int) -> None:
        if micros > INT_MAX:
            micros = INT_MAX
        elif micros < INT_MIN:
            micros = INT_MIN
        object.__setattr__(self, "micros", micros)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a Duration cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a Duration cannot be changed")

    def __eq__(self, other: object) -> bool:
        return self.micros == other.micros if isinstance(other, Duration) else NotImplemented

    def __lt__(self, other: Duration) -> bool:
        return self.micros < other.micros if isinstance(other, Duration) else NotImplemented

    def __le__(self, other: Duration) -> bool:
        return self.micros <= other.micros if isinstance(other, Duration) else NotImplemented

    def __gt__(self, other: Duration) -> bool:
        return self.micros > other.micros if isinstance(other, Duration) else NotImplemented

    def __ge__(self, other: Duration) -> bool:
        return self.micros >= other.micros if isinstance(other, Duration) else NotImplemented

    def __hash__(self) -> int:
        return hash((Duration, self.micros))

    def __bool__(self) -> bool:
        return self.micros != 0

    def __repr__(self) -> str:
        return f"Duration({self.micros})"

    def __str__(self) -> str:
        return duration_text(self)

    def __copy__(self) -> Duration:
        return self

    def __deepcopy__(self, memo: Any) -> Duration:
        return self

    def __reduce__(self) -> tuple[type[Duration], tuple[int]]:
        return (Duration, (self.micros,))


def round_ratio(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded to the nearest integer, halves away from zero.

    `denominator` must not be zero.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -magnitude if numerator < 0 else magnitude


def seconds_to_micros(seconds: int | float) -> int | float:
    """Exact microseconds of a number of seconds, rounded to the nearest, not limited in range.

    Infinities and NaN come back unchanged, so that comparisons with them keep
    their meaning.
    """
    if isinstance(seconds, int):
        return seconds * 1_000_000
    if seconds != seconds or seconds in (float("inf"), float("-inf")):
        return seconds
    numerator, denominator = seconds.as_integer_ratio()
    return round_ratio(numerator * 1_000_000, denominator)


def scale_micros(micros: int, factor: int | float, *, divide: bool = False) -> Duration:
    """`micros` times (or divided by) a number, as a duration.

    Raises:
        ValueFault: `type_error` when the result is not a number at all (NaN).
    """
    if isinstance(factor, float) and (factor != factor or factor in (float("inf"), float("-inf"))):
        if factor == factor and divide:
            return Duration(0)
        if factor != factor or micros == 0:
            raise ValueFault("type_error", "the result is not a duration: it is not a number")
        return Duration(INT_MAX + 1 if (micros > 0) == (factor > 0) else INT_MIN - 1)
    numerator, denominator = factor.as_integer_ratio()
    if divide:
        numerator, denominator = denominator, numerator
    return Duration(round_ratio(micros * numerator, denominator))


def duration_from_seconds(seconds: int | float) -> Duration:
    """The duration of a number of seconds, rounded to microseconds and limited to the range.

    Raises:
        ValueFault: `type_error` for NaN.
    """
    micros = seconds_to_micros(seconds)
    if isinstance(micros, float):
        if micros != micros:
            raise ValueFault("type_error", "NaN is not a number of seconds")
        return Duration(INT_MAX if micros > 0 else INT_MIN)
    return Duration(micros)


def parse_duration(text: str) -> Duration:
    """Read duration text such as `250ms`, `2.5m` or `1m30s` (blanks around it are ignored).

    Raises:
        ValueFault: `argument_error` when the text is empty, negative or malformed.
    """
    body = text.strip(_BLANKS)
    position = 0
    total = 0
    while position < len(body):
        match = _PART.match(body, position)
        if match is None:
            break
        whole, fraction, unit = match.group(1).lstrip("0"), match.group(2) or "", _UNITS[match.group(3)]
        # More digits than this cannot change a saturated or rounded result,
        # and Python refuses to read integers of thousands of digits.
        total += INT_MAX if len(whole) > 30 else int(whole or "0") * unit
        if fraction:
            fraction = fraction[:40]
            total += round_ratio(int(fraction) * unit, 10 ** len(fraction))
        position = match.end()
    if position == 0 or position < len(body):
        shown = text if len(text) <= 40 else text[:40] + "..."
        raise ValueFault("argument_error", f"'{shown}' is not a duration (for example '250ms', '4s', '1m30s')")
    return Duration(total)


def duration_text(value: Duration) -> str:
    """Seconds with suffix `s`, below one second milliseconds with suffix `ms`."""
    micros = abs(value.micros)
    sign = "-" if value.micros < 0 else ""
    if micros >= 1_000_000:
        whole, rest, digits, unit = micros // 1_000_000, micros % 1_000_000, 6, "s"
    else:
        whole, rest, digits, unit = micros // 1_000, micros % 1_000, 3, "ms"
    fraction = f".{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{sign}{whole}{fraction}{unit}"
