"""Operators on plain values: arithmetic, comparison, membership, access."""

from __future__ import annotations

import math
from typing import Any

import pytest

from abml.values import (
    INT_MAX,
    INT_MIN,
    Duration,
    ValueFault,
    add,
    contains,
    copy_value,
    divide,
    equal,
    index,
    kind_of,
    less,
    less_equal,
    member,
    multiply,
    negate,
    parse_number,
    remainder,
    subtract,
    truthy,
    type_of,
    wrap_int,
)

SECOND = 1_000_000


def fault_of(function: Any, *args: Any) -> str:
    with pytest.raises(ValueFault) as caught:
        function(*args)
    return caught.value.kind


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("17", 17),
        ("-2.50", -2.5),
        ("1e3", 1000.0),
        ("2E-2", 0.02),
        ("9223372036854775807", INT_MAX),
        ("9223372036854775808", 2.0**63),
        ("1e999", math.inf),
        ("1" + "0" * 5000, math.inf),
    ],
)
def test_number_texts(text: str, number: float) -> None:
    found = parse_number(text)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize("text", ["", "+1", "01", ".5", "5.", "0x1F", " 1", "1_000", "Infinity", "nan", "1e", "١"])
def test_texts_that_are_no_numbers(text: str) -> None:
    assert parse_number(text) is None


def test_int_results_outside_the_range_become_floats() -> None:
    assert type(wrap_int(INT_MAX)) is int
    assert add(INT_MAX, 1) == 2.0**63
    assert type(add(INT_MAX, 1)) is float
    assert type(subtract(INT_MIN, 1)) is float
    assert type(multiply(2**40, 2**40)) is float
    assert type(negate(INT_MIN)) is float
    assert wrap_int(10**400) == math.inf
    assert wrap_int(-(10**400)) == -math.inf


def test_float_overflow_does_not_raise() -> None:
    assert multiply(1e308, 10) == math.inf
    assert math.isnan(subtract(multiply(1e308, 10), multiply(1e308, 10)))
    assert math.isnan(remainder(math.inf, 2))
    assert remainder(5, math.inf) == 5.0


@pytest.mark.parametrize(("a", "b", "rest"), [(-7, 3, -1), (7, -3, 1), (-7.5, 2, -1.5), (INT_MIN, -1, 0), (7, "4", 3)])
def test_remainder_has_the_sign_of_the_dividend(a: Any, b: Any, rest: Any) -> None:
    assert remainder(a, b) == rest


@pytest.mark.parametrize("operator", [divide, remainder])
@pytest.mark.parametrize("zero", [0, 0.0, -0.0, None, False, "0"])
def test_division_by_anything_that_counts_as_zero(operator: Any, zero: Any) -> None:
    assert fault_of(operator, 4, zero) == "division_by_zero"


def test_plus_prefers_null_then_text_then_lists() -> None:
    assert add(None, None) == 0
    assert add(None, [1]) == [1]
    assert add("a", None) == "a"
    assert add("a", 1.0) == "a1"
    assert add([1], "x") == "[1]x"
    assert add(Duration(SECOND), " late") == "1s late"
    assert fault_of(add, [1], 1) == "type_error"
    assert fault_of(add, {}, {}) == "type_error"


def test_growing_texts_and_lists_are_limited() -> None:
    assert fault_of(lambda: add("abc", "def", max_text=5)) == "limit_exceeded"
    assert fault_of(lambda: add([1, 2], [3], max_list=2)) == "limit_exceeded"


def test_durations_meet_numbers_as_seconds() -> None:
    assert add(Duration(SECOND), 2) == Duration(3 * SECOND)
    assert subtract(2.5, Duration(SECOND)) == Duration(1_500_000)
    assert multiply(3, Duration(SECOND)) == Duration(3 * SECOND)
    assert divide(Duration(SECOND), 4) == Duration(250_000)
    assert divide(Duration(10 * SECOND), Duration(4 * SECOND)) == 2.5
    assert remainder(Duration(-7), Duration(4)) == Duration(-3)
    assert negate(Duration(INT_MIN)) == Duration(INT_MAX)


def test_duration_arithmetic_saturates() -> None:
    assert add(Duration(INT_MAX), Duration(1)) == Duration(INT_MAX)
    assert add(Duration(1), -math.inf) == Duration(INT_MIN)
    assert multiply(Duration(SECOND), 1e300) == Duration(INT_MAX)
    assert divide(Duration(SECOND), -1e-300) == Duration(INT_MIN)
    assert divide(Duration(SECOND), math.inf) == Duration(0)


@pytest.mark.parametrize(
    ("operator", "a", "b"),
    [
        (multiply, Duration(1), Duration(1)),
        (divide, 1, Duration(1)),
        (remainder, Duration(1), 2),
        (subtract, Duration(1), None),
        (multiply, Duration(1), "2"),
        (multiply, Duration(0), math.inf),
        (add, Duration(1), math.nan),
        (add, Duration(1), True),
    ],
)
def test_duration_pairs_without_a_meaning(operator: Any, a: Any, b: Any) -> None:
    assert fault_of(operator, a, b) == "type_error"


@pytest.mark.parametrize("operator", [divide, remainder])
def test_zero_durations_divide_nothing(operator: Any) -> None:
    assert fault_of(operator, Duration(5), Duration(0)) == "division_by_zero"
    assert fault_of(divide, Duration(5), 0) == "division_by_zero"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (None, None, True),
        (None, 0, False),
        (1, 1.0, True),
        (2**53 + 1, float(2**53), False),
        (1, True, False),
        (0, False, False),
        ("5", 5, False),
        (math.nan, math.nan, False),
        (Duration(1_500_000), 1.5, True),
        (0.1, Duration(100_000), True),
        (Duration(INT_MAX), math.inf, False),
        ([1, [2]], [1.0, [2.0]], True),
        ([1], [1, 2], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {"b": None}, False),
        ([], {}, False),
    ],
)
def test_equality(a: Any, b: Any, same: bool) -> None:
    assert equal(a, b) is same
    assert equal(b, a) is same


def test_a_list_with_nan_is_not_equal_to_itself() -> None:
    values = [math.nan]
    assert not equal(values, values)


def test_cycles_are_equal_to_themselves_only() -> None:
    one: list[Any] = [1]
    one.append(one)
    other: list[Any] = [1]
    other.append(other)
    assert equal(one, one)
    assert not equal(one, other)


def test_deep_and_shared_values_compare() -> None:
    def nest() -> list[Any]:
        value: list[Any] = []
        for _ in range(50_000):
            value = [value]
        return value

    assert equal(nest(), nest())
    left: Any = [1]
    right: Any = [1]
    for _ in range(60):
        left, right = [left, left], [right, right]
    assert equal(left, right)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (None, False),
        (None, []),
        (1, 2.5),
        (False, 1),
        ("a", "b"),
        ("\uffff", "\U00010000"),
        (9, "10"),
        ("9", 10),
        (" 9 ", 10),
        (Duration(1), 1),
        (1, Duration(2 * SECOND)),
        (Duration(INT_MAX), math.inf),
        (2**53, float(2**53) + 2),
    ],
)
def test_order(a: Any, b: Any) -> None:
    assert less(a, b) and less_equal(a, b)
    assert not less(b, a) and not less_equal(b, a)


def test_null_is_below_everything_and_equal_to_itself() -> None:
    assert less_equal(None, None) and not less(None, None)
    assert not less({}, None)


def test_nan_has_no_order() -> None:
    assert not less(math.nan, 1) and not less_equal(math.nan, 1) and not less_equal(1, math.nan)


@pytest.mark.parametrize(
    ("a", "b"),
    [([1], 1), ({}, {}), ("x", 1), (True, "1"), (Duration(1), "1s"), (Duration(1), True), ([1], [2]), ("a", [])],
)
def test_values_without_a_common_order(a: Any, b: Any) -> None:
    assert fault_of(less, a, b) == "type_error"
    assert fault_of(less_equal, b, a) == "type_error"


def test_membership_never_raises() -> None:
    assert contains("id", "tide") and contains("", "tide")
    assert not contains(1, "1")
    assert contains(2.0, [1, 2])
    assert contains("a", {"a": None})
    assert not contains(1, {"1": 1})
    assert not contains(1, None) and not contains(1, 5)


def test_members_and_pseudo_properties() -> None:
    assert member({"length": 9}, "length") == 9
    assert member({"a": 1}, "keys") == ["a"]
    assert member({"a": 1}, "values") == [1]
    assert member({"a": 1}, "first") is None
    assert member([], "first") is None
    assert member([1, 2], "last") == 2
    assert member("tide", "size") == 4
    assert member([], "is_empty") is True
    assert member([], "keys") is None
    assert member(5, "length") is None
    assert fault_of(member, None, "a") == "null_access"


def test_indexes() -> None:
    assert index([1, 2], 1.0) == 2
    assert index([1, 2], True) is None
    assert index([1, 2], -1) is None
    assert index([1, 2], math.inf) is None
    assert index("tide", 3) == "e"
    assert index({"7": 1}, 7) == 1
    assert index({"7": 1}, 7.0) is None
    assert index({"true": 1}, True) is None
    assert index(5, 0) is None
    assert fault_of(index, None, 0) == "null_access"


@pytest.mark.parametrize("value", [None, False, 0, 0.0, -0.0, "", [], {}, Duration(0)])
def test_falsy(value: Any) -> None:
    assert not truthy(value)


@pytest.mark.parametrize("value", [True, " ", "false", "0", math.nan, [None], {"a": None}, Duration(1), object()])
def test_truthy(value: Any) -> None:
    assert truthy(value)


def test_kinds() -> None:
    samples = [None, True, 1, 1.0, "", Duration(1), [], {}]
    assert [kind_of(v) for v in samples] == ["null", "bool", "int", "float", "string", "duration", "list", "map"]
    assert [type_of(v) for v in samples] == [
        "null", "boolean", "number", "number", "string", "duration", "array", "object",
    ]  # fmt: skip


def test_copies_keep_sharing_and_cycles() -> None:
    shared = [1]
    value: dict[str, Any] = {"a": shared, "b": shared}
    value["self"] = value
    copy = copy_value(value)
    assert copy["a"] is copy["b"] and copy["a"] is not shared
    assert copy["self"] is copy
