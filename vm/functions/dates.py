"""The template filter `date`: ISO 8601 text and milliseconds, by strftime or named tokens."""

from __future__ import annotations

import re
from typing import Any

from abml.values import describe

from .arguments import Context, check_text, text
from .time import FIRST_MICROS, LAST_MICROS, Moment, days_before, moment, named_format

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# 2024-05-01, 2024-05, 20240501, each with an optional time and offset.
_ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?|([0-9]{2})([0-9]{2}))"
    r"(?:[Tt ]([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    r"\s?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_PERCENT = re.compile("%(-?)(.)", re.DOTALL)


def parse_iso(body: str) -> int | None:
    """Microseconds since the Unix epoch of an ISO 8601 date or date and time, None for anything else.

    Without an offset the text is UTC. Digits beyond microseconds are dropped.
    """
    match = _ISO.fullmatch(body.strip())
    if match is None:
        return None
    year, dash_month, dash_day, month2, day2, hour2, minute2, second2, fraction, zone = match.groups()
    month, day = int(dash_month or month2), int(dash_day or day2 or "1")
    hour, minute, second = int(hour2 or "0"), int(minute2 or "0"), int(second2 or "0")
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(int(year), month):
        return None
    if hour > 23 or minute > 59 or second > 59:
        # The end of a day may be written as its hour 24.
        if (hour, minute, second, int(fraction or "0")) != (24, 0, 0, 0):
            return None
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    offset = 0
    if zone and zone not in "Zz":
        zone_hour, zone_minute = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
        if zone_hour > 23 or zone_minute > 59:
            return None
        offset = (zone_hour * 60 + zone_minute) * (-60 if zone[0] == "-" else 60)
    days = days_before(int(year), month, day)
    total = ((days * 24 + hour) * 3600 + minute * 60 + second - offset) * 1_000_000 + micros
    return total if FIRST_MICROS <= total <= LAST_MICROS else None


def days_in_month(year: int, month: int) -> int:
    """Days of a month of the Gregorian calendar."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _DAYS[month - 1]


def _token(at: Moment, letter: str, pad: bool) -> str | None:
    """What a strftime token gives, None for an unknown one; only numbers know a form without padding."""
    if letter in "mdHMSyjIeLf":
        hour = at.hour % 12 or 12
        value, width = {
            "m": (at.month, 2),
            "d": (at.day, 2),
            "H": (at.hour, 2),
            "M": (at.minute, 2),
            "S": (at.second, 2),
            "y": (at.year % 100, 2),
            "j": (at.year_day, 3),
            "I": (hour, 2),
            "e": (at.day, 2),
            "L": (at.micros // 1000, 3),
            "f": (at.micros, 6),
        }[letter]
        if not pad:
            return str(value)
        return f"{value:{width}d}" if letter == "e" else f"{value:0{width}d}"
    if not pad:
        return None
    if letter == "Y":
        return f"{at.year:04d}"
    if letter == "p":
        return "AM" if at.hour < 12 else "PM"
    if letter in "aA":
        name = _WEEKDAYS[at.weekday]
        return name if letter == "A" else name[:3]
    if letter in "bB":
        name = _MONTHS[at.month - 1]
        return name if letter == "B" else name[:3]
    if letter == "F":
        return f"{at.year:04d}-{at.month:02d}-{at.day:02d}"
    if letter == "T":
        return f"{at.hour:02d}:{at.minute:02d}:{at.second:02d}"
    if letter == "z":
        return "+0000"
    if letter == "s":
        return str(at.epoch_s)
    return "%" if letter == "%" else None


def percent_format(at: Moment, pattern: str) -> str:
    """A date by the strftime tokens of the language; other pairs stay as they are written."""

    def token(match: re.Match[str]) -> str:
        found = _token(at, match.group(2), not match.group(1))
        return match.group() if found is None else found

    return _PERCENT.sub(token, pattern)


def date(ctx: Context, args: list[Any]) -> Any:
    """The filter `date`: UTC text; a value that is no date comes out unchanged, with a warning."""
    value, pattern = args
    micros: int | None = None
    if isinstance(value, str):
        micros = parse_iso(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        micros = value * 1000
    if micros is None or not FIRST_MICROS <= micros <= LAST_MICROS:
        ctx.warn("template_error", f"date: {describe(value)} is no date")
        return value
    body = text(ctx, pattern)
    at = moment(micros)
    # The longest token, %B, gives nine characters for two.
    check_text(ctx, "date", len(body))
    result = percent_format(at, body) if "%" in body else named_format(at, body)
    check_text(ctx, "date", len(result))
    return result
