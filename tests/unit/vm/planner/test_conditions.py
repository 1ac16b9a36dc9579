"""Conditions: reading, holding, distance (runtime 4.2)."""

from __future__ import annotations

import math

import pytest

import abml
from abml.vm.planner import Condition, read_condition


@pytest.mark.parametrize(
    ("written", "op", "target"),
    [
        (">= 3", ">=", 3),
        ("<=0.5", "<=", 0.5),
        ("= pier", "==", "pier"),
        ("!= 'pier'", "!=", "pier"),
        ('== "a b"', "==", "a b"),
        ("pier", "==", "pier"),
        (" > -1 ", ">", -1),
        ("TRUE", "==", True),
        ("!= null", "!=", None),
        ("007", "==", "007"),
        (True, "==", True),
        (5, "==", 5),
        (2.5, "==", 2.5),
        (None, "==", None),
        ("'3'", "==", "3"),
    ],
)
def test_condition_is_read(written: object, op: str, target: object) -> None:
    condition = read_condition(written)
    assert condition == Condition(op, target)  # type: ignore[arg-type]
    assert type(condition.target) is type(target)


@pytest.mark.parametrize(
    "written", ["", "  ", ">=", "== ", "> ${limit}", [], {}, math.nan, math.inf, "> 1e999", 10**400, b"x"]
)
def test_what_is_no_condition_is_abml601(written: object) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        read_condition(written, "oil")
    assert caught.value.code == "ABML601"
    assert "'oil'" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "value", "holds"),
    [
        # An absent number counts as 0, an absent bool as false, an absent text as nothing.
        ("> 0", None, False),
        (">= 0", None, True),
        ("false", None, True),
        ("!= true", None, True),
        ("true", None, False),
        ("!= false", None, False),
        ("null", None, True),
        ("!= null", None, False),
        ("null", 0, False),
        ("!= null", "x", True),
        ("> null", None, False),
        ("pier", None, False),
        ("!= pier", None, True),
        ("< pier", None, False),
        # The tolerance belongs to equality.
        ("== 0.3", 0.1 + 0.2, True),
        ("<= 0.3", 0.8 - 0.5, True),
        ("> 0.3", 0.1 + 0.2, False),
        ("!= 0.3", 0.1 + 0.2, False),
        ("< 0.3", 0.3 - 1e-6, True),
        # Texts that spell numbers are numbers for numeric targets only.
        (">= 10", "12", True),
        ("== '12'", 12, False),
        ("!= '12'", 12, True),
        # Texts compare by code point.
        ("< b", "a", True),
        (">= b", "B", False),
        # Mixed types differ, and nothing else.
        ("!= 1", True, True),
        ("== 1", True, False),
        ("> true", True, False),
        ("!= true", "true", True),
        ("<= true", 0, False),
        ("== 1", "one", False),
    ],
)
def test_condition_holds(written: str, value: object, holds: bool) -> None:
    condition = read_condition(written)
    assert condition.satisfied(value) is holds  # type: ignore[arg-type]
    assert (condition.distance(value) == 0) is holds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("== 50", 42, 8),
        ("!= 5", 5, 1),
        ("> 5", 3, 2.01),
        (">= 50", 30, 20),
        ("< 5", 7, 2.01),
        ("<= 5", 7, 2),
        (">= 4", None, 4),
        ("> 4", "1", 3.01),
        ("true", False, 1),
        ("pier", "tower", 1),
        ("> 5", True, 1),
        ("!= null", None, 1),
    ],
)
def test_distance(written: str, value: object, expected: float) -> None:
    assert read_condition(written).distance(value) == pytest.approx(expected, abs=1e-12)  # type: ignore[arg-type]


def test_vector_g13_about_absent_facts() -> None:
    texts = ["== false", "!= true", "== true", "!= false", "== null", "== 'pier'"]
    assert [read_condition(text).satisfied(None) for text in texts] == [True, True, False, False, True, False]
    assert read_condition("== true").distance(None) == 1
