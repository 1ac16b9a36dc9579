"""Text, JSON and duration texts of plain values."""

from __future__ import annotations

import math
import pickle
from copy import deepcopy
from typing import Any

import pytest

from abml.values import (
    INT_MAX,
    INT_MIN,
    Duration,
    ValueFault,
    describe,
    duration_from_seconds,
    parse_duration,
    to_json,
    to_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (-12, "-12"),
        (3.0, "3"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1.1 * 3, "3.3000000000000003"),
        (100000000000000.0, "100000000000000"),
        (999999999999999.9, "999999999999999.9"),
        (1e15, "1e+15"),
        (1.5e15, "1.5e+15"),
        (9.223372036854776e18, "9.223372036854776e+18"),
        (1e-5, "0.00001"),
        (-0.000125, "-0.000125"),
        (9.5e-6, "9.5e-06"),
        (1e300, "1e+300"),
        (5e-324, "5e-324"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        ("tide", "tide"),
        (Duration(90_000_000), "90s"),
        (Duration(1_500_000), "1.5s"),
        (Duration(250_000), "250ms"),
        (Duration(1_500), "1.5ms"),
        (Duration(-1_500_000), "-1.5s"),
        (Duration(0), "0ms"),
        ([1, None, [2.0]], "[1,null,[2]]"),
        ({"b": "x", "a": Duration(1_000_000)}, '{"b":"x","a":"1s"}'),
        ([math.nan], "[NaN]"),
    ],
)
def test_text(value: Any, text: str) -> None:
    assert to_text(value) == text


def test_text_of_null_is_the_callers_choice_at_the_top_only() -> None:
    assert to_text(None, "") == ""
    assert to_text([None], "") == "[null]"


def test_json() -> None:
    assert to_json(math.inf) == "null"
    assert to_json([math.nan, 1.0]) == "[null,1]"
    assert to_json('a"b\\\n\x01é\ud800') == '"a\\"b\\\\\\n\\u0001é\\ud800"'
    assert to_json({}) == "{}"
    assert to_json([[], {"k": []}]) == '[[],{"k":[]}]'


def test_values_inside_themselves_have_no_text() -> None:
    value: list[Any] = []
    value.append({"v": value})
    for convert in (to_text, to_json):
        with pytest.raises(ValueFault) as caught:
            convert(value)
        assert caught.value.kind == "limit_exceeded"


def test_a_value_met_twice_is_no_cycle() -> None:
    shared = [1]
    assert to_text([shared, shared]) == "[[1],[1]]"


def test_depth_is_no_limit_but_length_is() -> None:
    deep: list[Any] = []
    for _ in range(20_000):
        deep = [deep]
    assert to_text(deep) == "[" * 20_001 + "]" * 20_001
    wide: list[Any] = [1]
    for _ in range(40):
        wide = [wide, wide]
    with pytest.raises(ValueFault) as caught:
        to_text(wide)
    assert caught.value.kind == "limit_exceeded"


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("250ms", 250_000),
        ("4s", 4_000_000),
        ("2.5m", 150_000_000),
        ("1h", 3_600_000_000),
        ("3d", 259_200_000_000),
        ("1m30s", 90_000_000),
        (" 1s ", 1_000_000),
        ("0.0000005s", 1),
        ("007s", 7_000_000),
        ("9" * 5000 + "d", INT_MAX),
    ],
)
def test_duration_texts(text: str, micros: int) -> None:
    assert parse_duration(text) == Duration(micros)


@pytest.mark.parametrize("text", ["", "s", "5", "-1s", "1s ago", "1 s", "1.s", "1S", "1us", "1s,2s"])
def test_texts_that_are_no_durations(text: str) -> None:
    with pytest.raises(ValueFault) as caught:
        parse_duration(text)
    assert caught.value.kind == "argument_error"


def test_durations_are_values() -> None:
    second = Duration(1_000_000)
    assert second == Duration(1_000_000) and hash(second) == hash(Duration(1_000_000))
    assert second != 1 and second != 1_000_000
    assert Duration(2**70).micros == INT_MAX and Duration(-(2**70)).micros == INT_MIN
    assert Duration(1) < second <= second and second > Duration(1) and second >= second
    assert pickle.loads(pickle.dumps(second)) == second and deepcopy(second) is second
    with pytest.raises(AttributeError):
        second.micros = 5  # type: ignore[misc]


def test_seconds_become_the_nearest_duration() -> None:
    assert duration_from_seconds(0.1).micros == 100_000
    assert duration_from_seconds(-math.inf).micros == INT_MIN
    with pytest.raises(ValueFault):
        duration_from_seconds(math.nan)


def test_descriptions_are_short() -> None:
    assert describe(None) == "null"
    assert describe(["anything"]) == "list"
    assert describe(7) == "int 7"
    assert len(describe("x" * 500)) < 60
