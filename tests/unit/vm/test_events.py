"""Event values, patterns, names of handlers, times of day and cron texts."""

from __future__ import annotations

import datetime

import pytest

from abml.vm.events import event_value, handler_names, matches
from abml.vm.schedules import in_range, moment, schedule, time_range


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("harbour.*.arrived", "harbour.north.arrived", True),
        ("harbour.*.arrived", "harbour.arrived", False),
        ("harbour.*.arrived", "harbour.a.b.arrived", False),
        ("harbour.**.arrived", "harbour.arrived", True),
        ("harbour.#.arrived", "harbour.a.b.arrived", True),
        ("**", "anything.at.all", True),
        ("#.bell", "bell", True),
        ("*", "bell", True),
        ("*", "bell.rung", False),
        ("Bell", "bell", False),
        ("a.**.b.**.c", "a.x.b.y.z.c", True),
        ("a.**.b.**.c", "a.x.y.z.c", False),
        ("bell*", "bells", False),
        ("command:go", "command:go", True),
        ("", "bell", False),
    ],
)
def test_patterns(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


def test_long_patterns_take_no_exponential_time() -> None:
    assert not matches(".".join(["**", "a"] * 40), ".".join(["a"] * 60 + ["b"]))


def test_handler_names_from_the_most_special_to_the_least() -> None:
    assert handler_names("gull.west.landed") == [
        "on_gull_west_landed",
        "on_west_landed",
        "on_gull_landed",
        "on_landed",
    ]
    assert handler_names("bell") == ["on_bell"]
    assert handler_names("bell.rung") == ["on_bell_rung", "on_rung"]
    assert handler_names("two-part x") == ["on_two_part_x"]
    assert handler_names("command:take__leave")[0] == "on_command_take__leave"


def test_the_payload_comes_before_what_the_event_says_of_itself() -> None:
    value = event_value({"type": "bell", "source": "tower", "data": {"type": "big", "strokes": 3}}, 70)
    assert value == {
        "type": "big",
        "strokes": 3,
        "source": "tower",
        "urgency": None,
        "timestamp": 70,
        "data": {"type": "big", "strokes": 3},
    }
    command = event_value({"type": "command:go", "data": {"to": "pier"}}, 0)
    assert command["params"] == {"to": "pier"} and command["to"] == "pier"


def test_moments_are_the_calendars() -> None:
    for day in (0, 58, 59, 60, 11_016, 19_782, 20_000, 47_540):
        want = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=day, hours=5, minutes=7)
        found = moment((day * 1440 + 5 * 60 + 7) * 60_000 + 59_999)
        assert (found.minute, found.hour, found.day, found.month) == (7, 5, want.day, want.month)
        assert found.weekday == want.isoweekday() % 7


def at(text: str) -> float:
    return datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1000


@pytest.mark.parametrize(
    ("text", "time", "expected"),
    [
        ("08:00-10:00", "08:00", True),
        ("08:00-10:00", "10:00", False),
        ("22:00-06:00", "23:30", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "06:00", False),
        ("08:00-08:00", "03:00", True),
        ("20:00-24:00", "23:59", True),
        ("8:00 - 10:00", "09:00", True),
    ],
)
def test_time_ranges(text: str, time: str, expected: bool) -> None:
    limits = time_range(text)
    assert limits is not None and in_range(limits, moment(at(f"2030-03-05T{time}"))) is expected


@pytest.mark.parametrize("text", ["08:00", "8-9", "25:00-26:00", "08:60-09:00", "a:b-c:d", ""])
def test_malformed_time_ranges(text: str) -> None:
    assert time_range(text) is None


@pytest.mark.parametrize(
    ("text", "time", "expected"),
    [
        ("0 6 * * *", "2030-03-05T06:00", True),
        ("0 6 * * *", "2030-03-05T06:01", False),
        ("*/15 * * * *", "2030-03-05T06:45", True),
        ("5/20 * * * *", "2030-03-05T06:45", True),
        ("0 9-17/4 * * 1-5", "2030-03-05T13:00", True),
        ("0 9 * * 0", "2030-03-10T09:00", True),
        ("0 9 * * 7", "2030-03-10T09:00", True),
        ("0 9 1 * 0", "2030-03-10T09:00", True),
        ("0 9 10 * 1", "2030-03-10T09:00", True),
        ("0 9 11 * 1", "2030-03-10T09:00", False),
        ("0 9 * mar sun", "2030-03-10T09:00", True),
        ("1,2,3 * * * *", "2030-03-10T09:02", True),
    ],
)
def test_schedules(text: str, time: str, expected: bool) -> None:
    found = schedule(text)
    assert found is not None and found.holds(moment(at(time))) is expected


@pytest.mark.parametrize("text", ["", "* * * *", "60 * * * *", "* * 0 * *", "a b c d e", "*/0 * * * *", "5-1 * * * *"])
def test_malformed_schedules(text: str) -> None:
    assert schedule(text) is None
