"""Laws of the operators on plain values, for all values."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from abml import values
from abml.values import Duration, ValueFault

INTS = st.integers(values.INT_MIN, values.INT_MAX)
FLOATS = st.floats()
SCALARS = st.one_of(
    st.none(), st.booleans(), INTS, FLOATS, st.text(max_size=8), st.builds(Duration, INTS), st.integers(-5, 5).map(str)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
FEW = settings(max_examples=200, derandomize=True, deadline=None, database=None)


def outcome(function: Any, *args: Any) -> Any:
    """The value, or the kind of the fault: nothing else may come out."""
    try:
        return function(*args)
    except ValueFault as fault:
        return "fault", fault.kind


@FEW
@given(VALUES, VALUES)
def test_equality_is_symmetric_and_copies_are_equal(a: Any, b: Any) -> None:
    assert values.equal(a, b) is values.equal(b, a)
    assert values.equal(a, values.copy_value(a)) is values.equal(a, a)


@FEW
@given(VALUES, VALUES)
def test_order_has_one_answer(a: Any, b: Any) -> None:
    below, above, at_most = (outcome(f, x, y) for f, x, y in (
        (values.less, a, b), (values.less, b, a), (values.less_equal, a, b),
    ))  # fmt: skip
    if isinstance(below, tuple):
        assert below == above == at_most == ("fault", "type_error")
    else:
        assert not (below and above)
        assert at_most or not below


@FEW
@given(VALUES, VALUES)
def test_operators_give_values_or_faults(a: Any, b: Any) -> None:
    for operator in (values.add, values.subtract, values.multiply, values.divide, values.remainder):
        result = outcome(operator, a, b)
        if isinstance(result, int) and not isinstance(result, bool):
            assert values.INT_MIN <= result <= values.INT_MAX
    assert isinstance(values.contains(a, b), bool)
    assert isinstance(values.truthy(a), bool)
    outcome(values.index, a, b)


@FEW
@given(INTS, INTS)
def test_ints_are_exact_or_the_nearest_float(a: int, b: int) -> None:
    assert values.add(a, b) == values.wrap_int(a + b)
    assert values.multiply(a, b) == values.wrap_int(a * b)
    if b:
        rest = values.remainder(a, b)
        assert abs(rest) < abs(b) and (rest == 0 or (rest < 0) == (a < 0))


@FEW
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_texts_of_floats_read_back(x: float) -> None:
    assert float(values.float_text(x)) == x
    number = values.parse_number(values.float_text(x))
    assert number == x


@FEW
@given(VALUES)
def test_json_is_json(value: Any) -> None:
    json.loads(values.to_json(value))


@FEW
@given(st.builds(Duration, st.integers(0, values.INT_MAX)))
def test_texts_of_durations_read_back(value: Duration) -> None:
    assert values.parse_duration(values.to_text(value)) == value


@FEW
@given(st.text(max_size=12))
def test_any_text_is_a_number_or_none(text: str) -> None:
    number = values.parse_number(text)
    assert number is None or isinstance(number, (int, float))
    outcome(values.parse_duration, text)
