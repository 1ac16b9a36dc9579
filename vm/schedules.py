"""Time of day and cron texts of triggers, looked at on the clock of the host's world (language 1.7)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

MINUTE_MS = 60_000
_DAY = 24 * 60


class Moment(NamedTuple):
    """One minute of world time.

    Attributes:
        weekday: 0 is Sunday.
        number: minutes since the epoch; differs between any two minutes.
    """

    minute: int
    hour: int
    day: int
    month: int
    weekday: int
    number: int


def moment(world_ms: float) -> Moment:
    """The minute of a world time in milliseconds since 1970-01-01T00:00 (no time zone)."""
    number = int(world_ms // MINUTE_MS)
    days, minutes = divmod(number, _DAY)
    month, day = _date(days)
    return Moment(minutes % 60, minutes // 60, day, month, (days + 4) % 7, number)


def _date(days: int) -> tuple[int, int]:
    """(month, day) of a day counted from 1970-01-01, by the rules of the Gregorian calendar.

    Worlds may run for longer than `datetime` can count.
    """
    # Days are counted from 0000-03-01 in eras of 400 years, so that the leap day ends a year.
    day_of_era = (days + 719_468) % 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    return (shifted + 3 if shifted < 10 else shifted - 9), day_of_year - (153 * shifted + 2) // 5 + 1


@lru_cache(maxsize=1024)
def time_range(text: str) -> tuple[int, int] | None:
    """(start, end) in minutes of the day of `HH:MM-HH:MM`; None when it is malformed."""
    start, dash, end = text.partition("-")
    first, last = _clock(start), _clock(end)
    return None if not dash or first is None or last is None else (first, last)


def _clock(text: str) -> int | None:
    hours, colon, minutes = text.strip().partition(":")
    if not colon or not (hours.isdecimal() and minutes.isdecimal()) or len(hours) > 2 or len(minutes) != 2:
        return None
    hour, minute = int(hours), int(minutes)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    return hour * 60 + minute


def in_range(limits: tuple[int, int], now: Moment) -> bool:
    """Whether the time of day is in [start, end); a range that does not end after its start wraps midnight."""
    start, end = limits
    minute = now.hour * 60 + now.minute
    return start <= minute < end if start < end else minute >= start or minute < end


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Schedule(NamedTuple):
    """The five fields of a cron text; `any_day`, `any_weekday`: the field starts with `*`."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def holds(self, now: Moment) -> bool:
        """Whether a minute matches. With both a day and a weekday given, either is enough, as in cron."""
        if now.minute not in self.minutes or now.hour not in self.hours or now.month not in self.months:
            return False
        day, weekday = now.day in self.days, now.weekday in self.weekdays
        return day and weekday if self.any_day or self.any_weekday else day or weekday


@lru_cache(maxsize=1024)
def schedule(text: str) -> Schedule | None:
    """A cron text of minute, hour, day, month and weekday; None when it is malformed."""
    fields = text.split()
    if len(fields) != 5:
        return None
    minutes = _field(fields[0], 0, 59)
    hours = _field(fields[1], 0, 23)
    days = _field(fields[2], 1, 31)
    months = _field(fields[3], 1, 12, _MONTHS, 1)
    weekdays = _field(fields[4], 0, 7, _DAYS, 0)
    if minutes is None or hours is None or days is None or months is None or weekdays is None:
        return None
    # 0 and 7 are both Sunday.
    weekdays = frozenset(day % 7 for day in weekdays)
    return Schedule(minutes, hours, days, months, weekdays, fields[2][0] == "*", fields[4][0] == "*")


def _field(text: str, least: int, most: int, names: tuple[str, ...] = (), base: int = 0) -> frozenset[int] | None:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, by = part.partition("/")
        step = _number(by) if slash else 1
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = least, most
        else:
            low = _named(first, names, base)
            high = _named(last, names, base) if dash else (most if slash else low)
            if low is None or high is None:
                return None
            start, end = low, high
        if step is None or step < 1 or not least <= start <= end <= most:
            return None
        found.update(range(start, end + 1, step))
    return frozenset(found)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 4 else None


def _named(text: str, names: tuple[str, ...], base: int) -> int | None:
    word = text.lower()
    return names.index(word) + base if word in names else _number(text)
