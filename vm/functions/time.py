"""Built-in functions over time: the clock, durations, dates in UTC by named tokens.

Dates are computed on the proleptic Gregorian calendar with plain integers; no
time zone of a platform matters.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from abml.values import Duration, ValueFault, describe, duration_from_seconds, parse_duration

from .arguments import Context, Function, bad, check_text, integer, number, text

_DAY = 86_400_000_000
# The years that dates of four digits can name: 0001-01-01 up to the end of 9999-12-31.
FIRST_MICROS = -719_162 * _DAY
LAST_MICROS = 2_932_897 * _DAY - 1
_TOKENS = re.compile("yyyy|MM|dd|HH|mm|ss|fff")


class Moment(NamedTuple):
    """A point of time, UTC.

    Attributes:
        micros: within the second, 0..999999.
        weekday: 0 is Monday.
        year_day: 1..366.
        epoch_s: whole seconds since the Unix epoch, rounded down.
    """

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    micros: int
    weekday: int
    year_day: int
    epoch_s: int


def days_before(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar, negative before it.

    Source: Hinnant, "chrono-compatible low-level date algorithms" (2013).
    """
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def moment(micros: int) -> Moment:
    """The UTC date and time of microseconds since the Unix epoch."""
    days, rest = divmod(micros, _DAY)
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    part = (5 * day_of_year + 2) // 153
    month = part + (3 if part < 10 else -9)
    year = year_of_era + era * 400 + (month <= 2)
    seconds, fraction = divmod(rest, 1_000_000)
    return Moment(
        year,
        month,
        day_of_year - (153 * part + 2) // 5 + 1,
        seconds // 3600,
        seconds // 60 % 60,
        seconds % 60,
        fraction,
        (days + 3) % 7,
        days - days_before(year, 1, 1) + 1,
        micros // 1_000_000,
    )


def named_format(at: Moment, pattern: str) -> str:
    """A date by the tokens `yyyy MM dd HH mm ss fff`; every other character is itself."""

    def token(match: re.Match[str]) -> str:
        word = match.group()
        if word == "yyyy":
            return f"{at.year:04d}"
        if word == "MM":
            return f"{at.month:02d}"
        if word == "dd":
            return f"{at.day:02d}"
        if word == "HH":
            return f"{at.hour:02d}"
        if word == "mm":
            return f"{at.minute:02d}"
        if word == "ss":
            return f"{at.second:02d}"
        return f"{at.micros // 1000:03d}"

    return _TOKENS.sub(token, pattern)


def now(ctx: Context, args: list[Any]) -> Any:
    """`now()`."""
    return ctx.now_ms


def duration(ctx: Context, args: list[Any]) -> Any:
    """`duration(x)`: from seconds, also written as text, or duration text."""
    x = args[0]
    if isinstance(x, Duration):
        return x
    if isinstance(x, str):
        found = number(x)
        if found is not None:
            return _from_number("duration", found)
        try:
            return parse_duration(x)
        except ValueFault as fault:
            raise ValueFault(fault.kind, f"duration: {fault.message}") from None
    return _from_number("duration", x)


def _from_number(name: str, x: Any) -> Duration:
    if not isinstance(x, (int, float)) or isinstance(x, bool) or x != x:
        bad(name, f"needs a duration or a number of seconds, got {describe(x)}")
    return duration_from_seconds(x)


def seconds(ctx: Context, args: list[Any]) -> Any:
    """`seconds(d)`: a float; a number counts as seconds already."""
    x = args[0]
    if isinstance(x, Duration):
        return x.micros / 1_000_000
    if not isinstance(x, (int, float)) or isinstance(x, bool):
        bad("seconds", f"needs a duration or a number of seconds, got {describe(x)}")
    return float(x)


def millis(ctx: Context, args: list[Any]) -> Any:
    """`millis(d)`: whole milliseconds, an int; the rest is dropped."""
    x = args[0]
    micros = (x if isinstance(x, Duration) else _from_number("millis", x)).micros
    return micros // 1000 if micros >= 0 else -(-micros // 1000)


def format_date(ctx: Context, args: list[Any]) -> Any:
    """`format_date(ms, f)`: UTC."""
    micros = integer("format_date", "the time", args[0]) * 1000
    if not FIRST_MICROS <= micros <= LAST_MICROS:
        bad("format_date", "the time is outside the years 1 to 9999")
    result = named_format(moment(micros), text(ctx, args[1]))
    check_text(ctx, "format_date", len(result))
    return result


TABLE: dict[str, Function] = {
    "now": now,
    "duration": duration,
    "seconds": seconds,
    "millis": millis,
    "format_date": format_date,
}
