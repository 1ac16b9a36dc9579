"""Moments, days, months, seasons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.providers.refworld.calendar import Calendar, Month

SHORT = Calendar(10, 2, 8, (Month("ice", 3, "cold"), Month("bloom", 5, "warm"), Month("rime", 2, "cold")))


@given(st.integers(0, 10**11), st.sampled_from([Calendar(), SHORT]))
def test_text_of_a_moment_reads_back(now: int, calendar: Calendar) -> None:
    assert calendar.parse(calendar.text(now)) == now
    at = calendar.split(now)
    assert calendar.join(at.year, at.month, at.day, at.hour, at.minute, at.second) == now


@given(st.integers(0, 10**9), st.sampled_from([Calendar(), SHORT]))
def test_shares_grow_until_they_begin_again(now: int, calendar: Calendar) -> None:
    first, then = calendar.describe(now), calendar.describe(now + 60)
    for share in ("year_progress", "season_progress"):
        assert 0 <= first[share] < 1
        assert then[share] > first[share] or then[share] < 0.001


def test_a_season_reaches_over_the_turn_of_the_year() -> None:
    last = SHORT.describe(SHORT.join(4, 3, 1))
    first = SHORT.describe(SHORT.join(5, 1, 1))
    assert (last["season"], last["season_progress"]) == ("cold", 0)
    assert (first["season"], first["season_progress"]) == ("cold", 2 / 5)


def test_names_of_runtime_5_3() -> None:
    calendar = Calendar()
    found = calendar.describe(calendar.join(312, 4, 17, 20, 15))
    assert found == {
        "time": {"hour": 20, "minute": 15, "period": "evening", "is_day": False, "is_night": True},
        "day": 17,
        "day_of_year": 107,
        "month": "greening",
        "month_index": 4,
        "season": "spring",
        "season_index": 2,
        "year": 312,
        "season_progress": (30 + 16 + 20.25 / 24) / 90,
        "year_progress": (106 + 20.25 / 24) / 360,
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("312-13-01", "there is no month 13"),
        ("312-04-31", "greening has 30 days"),
        ("312-04-01 24:00", "there is no hour 24"),
        ("312-04-01 10:60", "there is no time"),
        ("0-01-01", "there is no year 0"),
        ("yesterday", "written year-month-day"),
    ],
)
def test_days_that_do_not_exist(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Calendar().parse(text)
