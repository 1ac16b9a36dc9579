"""The calendar of a world: its days, months and seasons, and what time it is at a moment.

A moment is a whole number of seconds since the first day of year 1. Days have as
many hours as the calendar says; an hour has 60 minutes, a minute 60 seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

MINUTE = 60
HOUR = 60 * MINUTE
MAX_YEAR = 999_999

_TEXT = re.compile(r"(\d{1,6})-(\d{1,3})-(\d{1,4})(?:[ T](\d{1,3}):(\d{2})(?::(\d{2}))?)?")


class Month(NamedTuple):
    """One month.

    Attributes:
        name: as `${world.month}` gives it.
        days: how many.
        season: the season it belongs to.
    """

    name: str
    days: int
    season: str


MONTHS = (
    Month("frostmoon", 30, "winter"),
    Month("lambmoon", 30, "winter"),
    Month("sowing", 30, "spring"),
    Month("greening", 30, "spring"),
    Month("haymoon", 30, "spring"),
    Month("longlight", 30, "summer"),
    Month("highsun", 30, "summer"),
    Month("sheaves", 30, "summer"),
    Month("cider", 30, "autumn"),
    Month("leaffall", 30, "autumn"),
    Month("mists", 30, "autumn"),
    Month("darkening", 30, "winter"),
)
PERIODS = (("night", 0.0), ("dawn", 0.21), ("morning", 0.3), ("afternoon", 0.5), ("evening", 0.74), ("night", 0.9))
"""Parts of a day, and the share of the day that is over when each begins."""


class Moment(NamedTuple):
    """A moment taken apart; months and days are counted from 1."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    day_of_year: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a world counts its days.

    Attributes:
        hours: of a day.
        sunrise, sunset: the hours between which it is day.
        months: of a year; at least one.
        days_before: days of the year before each month.
        days: of a year.
    """

    hours: int = 24
    sunrise: int = 6
    sunset: int = 20
    months: tuple[Month, ...] = MONTHS
    days_before: tuple[int, ...] = field(init=False, repr=False, compare=False)
    days: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        before = [0]
        for month in self.months:
            before.append(before[-1] + month.days)
        object.__setattr__(self, "days_before", tuple(before[:-1]))
        object.__setattr__(self, "days", before[-1])

    @property
    def day_s(self) -> int:
        """The seconds of a day."""
        return self.hours * HOUR

    @property
    def seasons(self) -> tuple[str, ...]:
        """The names of the seasons, in the order in which the year meets them."""
        return tuple(dict.fromkeys(month.season for month in self.months))

    def split(self, now: int) -> Moment:
        """The parts of a moment; one before year 1 counts as its first second."""
        days, rest = divmod(max(now, 0), self.day_s)
        year, day_of_year = divmod(days, self.days)
        month = len(self.months) - 1
        while self.days_before[month] > day_of_year:
            month -= 1
        hour, rest = divmod(rest, HOUR)
        minute, second = divmod(rest, MINUTE)
        day = day_of_year - self.days_before[month] + 1
        return Moment(year + 1, month + 1, day, hour, minute, second, day_of_year + 1)

    def join(self, year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0) -> int:
        """The moment of its parts.

        Raises:
            ValueError: there is no such month, day, hour or minute; the message says which.
        """
        if not 1 <= year <= MAX_YEAR:
            raise ValueError(f"there is no year {year}; years are 1 to {MAX_YEAR}")
        if not 1 <= month <= len(self.months):
            raise ValueError(f"there is no month {month}; the year has {len(self.months)}")
        if not 1 <= day <= self.months[month - 1].days:
            raise ValueError(f"{self.months[month - 1].name} has {self.months[month - 1].days} days, not {day}")
        if not 0 <= hour < self.hours:
            raise ValueError(f"there is no hour {hour}; the day has {self.hours}")
        if not 0 <= minute < 60 or not 0 <= second < 60:
            raise ValueError(f"there is no time {hour}:{minute:02}:{second:02}")
        days = (year - 1) * self.days + self.days_before[month - 1] + day - 1
        return days * self.day_s + hour * HOUR + minute * MINUTE + second

    def parse(self, text: str) -> int:
        """The moment of a text such as `312-04-17 08:30`: year, month, day, and perhaps the time.

        Raises:
            ValueError: it is no such text, or names a day that does not exist.
        """
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError("a moment is written year-month-day, and perhaps hour:minute, as in '312-04-17 08:30'")
        return self.join(*(int(part or 0) for part in found.groups()))

    def text(self, now: int) -> str:
        """The text of a moment, which `parse` reads back."""
        at = self.split(now)
        second = f":{at.second:02}" if at.second else ""
        return f"{at.year}-{at.month:02}-{at.day:02} {at.hour:02}:{at.minute:02}{second}"

    def describe(self, now: int) -> dict[str, object]:
        """What `${world.…}` says about a moment, under the names of runtime 5.3."""
        at = self.split(now)
        month = self.months[at.month - 1]
        of_day = (now % self.day_s) / self.day_s
        return {
            "time": {
                "hour": at.hour,
                "minute": at.minute,
                "period": next(name for name, begins in reversed(PERIODS) if of_day >= begins),
                "is_day": self.sunrise <= at.hour < self.sunset,
                "is_night": not self.sunrise <= at.hour < self.sunset,
            },
            "day": at.day,
            "day_of_year": at.day_of_year,
            "month": month.name,
            "month_index": at.month,
            "season": month.season,
            "season_index": self.seasons.index(month.season) + 1,
            "year": at.year,
            "season_progress": self._season_progress(at.month - 1, at.day - 1 + of_day),
            "year_progress": (at.day_of_year - 1 + of_day) / self.days,
        }

    def _season_progress(self, month: int, day: float) -> float:
        """The share of the season that is over; a season may reach over the turn of the year."""
        count = len(self.months)
        season = self.months[month].season
        passed, total = day, float(self.months[month].days)
        before = (month - 1) % count
        while before != month and self.months[before].season == season:
            passed += self.months[before].days
            total += self.months[before].days
            before = (before - 1) % count
        after = (month + 1) % count
        while after != before and after != month and self.months[after].season == season:
            total += self.months[after].days
            after = (after + 1) % count
        return passed / total
