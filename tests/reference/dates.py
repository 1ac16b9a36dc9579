"""Dates: the named tokens, strftime tokens, and ISO 8601 text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from .faults import ReferenceFault

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED = re.compile("yyyy|fff|MM|dd|HH|mm|ss")
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
]  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-]\d\d:?(?:\d\d)?)?",
    re.ASCII,
)


def moment(milliseconds: int) -> datetime:
    """The UTC moment of a number of milliseconds.

    Raises:
        ReferenceFault: `argument_error` outside the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise ReferenceFault("argument_error", "the date is out of range") from None


def tokens(milliseconds: int, form: str) -> str:
    """`yyyy MM dd HH mm ss fff`; every other character stands for itself."""
    return named(moment(milliseconds), form)


def named(when: datetime, form: str) -> str:
    parts = {
        "yyyy": f"{when.year:04d}",
        "MM": f"{when.month:02d}",
        "dd": f"{when.day:02d}",
        "HH": f"{when.hour:02d}",
        "mm": f"{when.minute:02d}",
        "ss": f"{when.second:02d}",
        "fff": f"{when.microsecond // 1000:03d}",
    }
    return _NAMED.sub(lambda match: parts[match.group()], form)


def read_iso(text: str) -> datetime | None:
    """A moment from ISO 8601 text (UTC when it has no offset), or None."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    micros = int((fraction or "0").ljust(6, "0")[:6])
    offset = timedelta(0)
    if zone and zone not in "Zz":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = -offset if zone[0] == "-" else offset
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micros,
            timezone(offset),
        )  # fmt: skip
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _token(when: datetime, letter: str) -> str | None:
    hour12 = when.hour % 12 or 12
    simple = {
        "Y": f"{when.year:04d}", "y": f"{when.year % 100:02d}", "m": f"{when.month:02d}", "d": f"{when.day:02d}",
        "e": f"{when.day:2d}", "j": f"{when.timetuple().tm_yday:03d}", "H": f"{when.hour:02d}", "I": f"{hour12:02d}",
        "M": f"{when.minute:02d}", "S": f"{when.second:02d}", "L": f"{when.microsecond // 1000:03d}",
        "f": f"{when.microsecond:06d}", "p": "AM" if when.hour < 12 else "PM", "a": _DAYS[when.weekday()][:3],
        "A": _DAYS[when.weekday()], "b": _MONTHS[when.month - 1][:3], "B": _MONTHS[when.month - 1], "z": "+0000",
        "F": f"{when.year:04d}-{when.month:02d}-{when.day:02d}",
        "T": f"{when.hour:02d}:{when.minute:02d}:{when.second:02d}",
        "s": str((when - _EPOCH) // timedelta(seconds=1)), "%": "%",
    }  # fmt: skip
    return simple.get(letter)


_PERCENT = re.compile(r"%(-?)(.)", re.DOTALL)


def strftime(when: datetime, form: str) -> str:
    """The strftime tokens of the `date` filter; unknown pairs stay as written."""

    def one(match: re.Match[str]) -> str:
        dash, letter = match.groups()
        value = _token(when, letter)
        if value is None:
            return match.group()
        if not dash:
            return value
        if letter in "mdejHIMSyLf":
            return value.strip().lstrip("0") or "0"
        return match.group()

    return _PERCENT.sub(one, form)
