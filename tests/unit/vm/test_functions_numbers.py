"""Built-in functions over numbers: null rules, int-preserving results, exact rounding."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.values import Duration
from abml.vm.functions.numbers import round_half_away

from .functions_support import INF, INT_MAX, INT_MIN, NAN, fault, run, same

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("min", (5, None), None),
    ("min", (3, 1, 2), 1),
    ("min", ([],), None),
    ("min", ([4, 2, 9],), 2),
    ("min", ([4, None],), None),
    ("min", (1, 2.5), 1.0),
    ("min", (1, "x"), None),
    ("min", ("3", 4), 3),
    ("min", (1, NAN), NAN),
    ("max", (1, 2.0), 2.0),
    ("max", (3, 2.0), 3.0),
    ("max", (NAN, 1, 2), NAN),
    ("max", (True, 0), 1),
    ("max", (Duration(1), 2), None),
    ("abs", (-3,), 3),
    ("abs", (-0.5,), 0.5),
    ("abs", ("x",), None),
    ("abs", (INT_MIN,), 2.0**63),
    ("abs", (None,), None),
    ("floor", ("3.7",), 3),
    ("floor", (-2.7,), -3),
    ("floor", (1e300,), 1e300),
    ("floor", (INF,), INF),
    ("floor", (NAN,), NAN),
    ("floor", (2.0**62,), 2**62),
    ("floor", (2.0**63,), 2.0**63),
    ("floor", (-(2.0**63),), INT_MIN),
    ("ceil", (-2.7,), -2),
    ("ceil", (1.2,), 2),
    ("ceil", ([],), None),
    ("trunc", (-2.7,), -2),
    ("trunc", (7,), 7),
    ("trunc", (-INF,), -INF),
    ("round", (2.5,), 3),
    ("round", (-2.5,), -3),
    ("round", (0.49999999999999994,), 0),
    ("round", (4503599627370495.5,), 4503599627370496),
    ("round", (2.345, 2), 2.35),
    ("round", (1.005, 2), 1.0),
    ("round", (0.125, 2), 0.13),
    ("round", (3.14159, 2), 3.14),
    ("round", (5, 2), 5.0),
    ("round", (1234, -2), 1200),
    ("round", (1250, -2), 1300),
    ("round", (-1250.0, -2), -1300),
    ("round", (1e300, -2), 1e300),
    ("round", (INT_MAX, -1), 9223372036854775810.0),
    ("round", (1e22, 3), 1e22),
    ("round", (0.1, 5000), 0.1),
    ("round", (7, -5000), 0),
    ("round", (2.7, None), 3),
    ("round", (2.345, 1.9), 2.3),
    ("round", (NAN,), NAN),
    ("round", (None, 2), None),
    ("sign", (-0.1,), -1),
    ("sign", (0,), 0),
    ("sign", (NAN,), 0),
    ("sign", (9,), 1),
    ("sqrt", (9,), 3.0),
    ("sqrt", (2,), math.sqrt(2)),
    ("sqrt", (NAN,), NAN),
    ("sqrt", (None,), None),
    ("pow", (2, 10), 1024),
    ("pow", (2, -1), 0.5),
    ("pow", (2, 63), 2.0**63),
    ("pow", (-2, 63), INT_MIN),
    ("pow", (10, 400), INF),
    ("pow", (-10, 401), -INF),
    ("pow", (-1, 10**18 + 1), -1),
    ("pow", (0, 0), 1),
    ("pow", (2.0, 2), 4.0),
    ("pow", (2.0, 5000), INF),
    ("pow", (-2.0, 5001), -INF),
    ("pow", (None, 2), None),
    ("clamp", (12, 0, 10), 10),
    ("clamp", (5.0, 0, 10), 5.0),
    ("clamp", (-1.0, 0, 10), 0.0),
    ("clamp", (3, 0, 10.0), 3.0),
    ("clamp", (None, 0, 1), None),
    ("lerp", (0, 10, 0.5), 5.0),
    ("lerp", (0, 10, 2), 20.0),
    ("lerp", (0, None, 2), None),
    ("inverse_lerp", (0, 10, 2.5), 0.25),
    ("inverse_lerp", (10, 0, 10), 0.0),
    ("remap", (5, 0, 10, 100, 200), 150.0),
    ("remap", (None, 0, 10, 100, 200), None),
    ("smoothstep", (0, 10, 5), 0.5),
    ("smoothstep", (0, 10, -3), 0.0),
    ("smoothstep", (0, 10, 30), 1.0),
    ("idiv", (-7, 2), -4),
    ("idiv", (7.5, 2), 3.0),
    ("idiv", (INT_MIN, -1), 2.0**63),
    ("idiv", (None, 2), 0),
    ("mod", (-7, 3), 2),
    ("mod", (7, -3), -2),
    ("mod", ("7", 4), 3),
    ("safe_div", (1, 0, 9), 9),
    ("safe_div", (1, 0), 0),
    ("safe_div", (7, 2), 3.5),
    ("safe_div", (None, 2), None),
    ("safe_div", (1, 0, None), None),
    ("distance", ([0, 0], [3, 4]), 5.0),
    ("distance", ({"x": 0, "y": 0}, {"x": 3, "y": 4, "z": 12}), 13.0),
    ("distance", ({"position": {"x": 1, "y": 1}}, {"x": 1, "y": 1}), 0.0),
    ("distance", ({"position": [1, 2, 2]}, [1, 2]), 2.0),
    ("distance", (None, [1, 2]), None),
    ("distance", ({"position": None}, [1, 2]), None),
    ("distance", ({"x": None, "y": 2}, [1, 2]), None),
]


@pytest.mark.parametrize(("name", "args", "wanted"), CASES)
def test_value(name: str, args: tuple[Any, ...], wanted: Any) -> None:
    same(run(name, *args), wanted)


@pytest.mark.parametrize(
    ("kind", "name", "args", "says"),
    [
        ("argument_error", "min", (5,), "int 5"),
        ("argument_error", "max", (None,), "null"),
        ("argument_error", "round", (1.5, "x"), "digits"),
        ("argument_error", "round", (1.5, INF), "digits"),
        ("argument_error", "sqrt", (-1,), "int -1"),
        ("argument_error", "pow", (-8, 1 / 3), "not a real number"),
        ("argument_error", "pow", (0, -1), "not a real number"),
        ("argument_error", "clamp", (1, 5, 2), "above"),
        ("division_by_zero", "inverse_lerp", (2, 2.0, 1), "int 2"),
        ("division_by_zero", "remap", (1, 3, 3, 0, 1), ""),
        ("division_by_zero", "smoothstep", (3, 3, 1), ""),
        ("division_by_zero", "idiv", (1, 0), ""),
        ("division_by_zero", "mod", (1, None), ""),
        ("type_error", "idiv", ("a", 2), "string"),
        ("type_error", "mod", ([], 2), "list"),
        ("argument_error", "distance", ("here", [1, 2]), "the first argument"),
        ("argument_error", "distance", ([1, 2], [1]), "the second argument"),
        ("argument_error", "distance", ([1, 2], [1, "far"]), "far"),
        ("argument_error", "distance", ({"x": 1}, [1, 2]), "position"),
        ("argument_error", "abs", (), "0"),
        ("argument_error", "pow", (1, 2, 3), "3"),
    ],
)
def test_fault(kind: str, name: str, args: tuple[Any, ...], says: str) -> None:
    fault(kind, name, *args, says=says)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-320, 330))
def test_rounding_is_exact(value: float, digits: int) -> None:
    scale = Fraction(10) ** digits
    scaled = Fraction(value) * scale
    magnitude = math.floor(abs(scaled) + Fraction(1, 2))
    wanted = Fraction(magnitude if scaled > 0 else -magnitude) / scale
    got = round_half_away(value, digits)
    if isinstance(got, int):
        assert got == wanted
    else:
        assert got == float(wanted)
    assert isinstance(got, float) or digits <= 0


@given(st.floats(-1e6, 1e6), st.integers(1, 12))
def test_rounding_of_ties(value: float, digits: int) -> None:
    tie = math.floor(value * 2**digits) / 2**digits
    scaled = Fraction(tie) * 10**digits
    magnitude = math.floor(abs(scaled) + Fraction(1, 2))
    assert round_half_away(tie, digits) == float(Fraction(magnitude if tie > 0 else -magnitude, 10**digits))
