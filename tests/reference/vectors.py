"""The expression vectors of the language reference, as data."""

from __future__ import annotations

from typing import Any

VARIABLES: dict[str, Any] = {
    "n": 7,
    "f": 0.25,
    "s": "tide",
    "z": None,
    "l": [3, 1, 2],
    "m": {"a": 1, "length": 9},
    "c": [{"id": "x", "w": 2}, {"id": "y", "w": 5}],
}


class Fails:
    """The expected outcome is an error of a kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"Fails({self.kind!r})"


VECTORS: list[tuple[str, Any]] = [
    ("n / 2", 3.5),
    ("n % 4", 3),
    ("-7 % 3", -1),
    ("mod(-7, 3)", 2),
    ("idiv(-7, 2)", -4),
    ("6 / 3", 2.0),
    ("1 + 2 * 3 - 4 / 2 + 5 % 3", 7.0),
    ("9223372036854775807 + 1", 9.223372036854776e18),
    ("z + z", 0),
    ("z + 5", 5),
    ("z + 'x'", "x"),
    ("z * 4", 0),
    ("-z", 0),
    ("4 / z", Fails("division_by_zero")),
    ("1 / 0.0", Fails("division_by_zero")),
    ("safe_div(1, 0, 9)", 9),
    ("'n=' + n", "n=7"),
    ("n + 'x'", "7x"),
    ("'6' * 2", 12),
    ("'a' - 1", Fails("type_error")),
    ("true + 1", 2),
    ("[1] + [2]", [1, 2]),
    ("5 == 5.0", True),
    ("5 == '5'", False),
    ("1 == true", False),
    ("[1, 2] == [1, 2.0]", True),
    ("z == false", False),
    ("z < 0", True),
    ("'10' > 9", True),
    ("9 < '10'", True),
    ("'b' > 'a'", True),
    ("l > 1", Fails("type_error")),
    ("2 in l", True),
    ("2.0 in l", True),
    ("'id' in 'tide'", True),
    ("'a' in m", True),
    ("1 in z", False),
    ("not 5 in l", True),
    ("!5 in l", True),
    ("5 not in l", True),
    ("0 && boom()", False),
    ("1 || boom()", True),
    ("'' || 'x'", True),
    ("z ?? 'd'", "d"),
    ("0 ?? 4", 0),
    ("false ?? true || true", False),
    ("n > 5 ? 'big' : n > 3 ? 'mid' : 'low'", "big"),
    ("z?.a.b[0]", None),
    ("z.a", Fails("null_access")),
    ("m.zzz", None),
    ("m.zzz.q", Fails("null_access")),
    ("m.zzz?.q", None),
    ("n.foo", None),
    ("l[9]", None),
    ("l[-1]", None),
    ("l[1.5]", None),
    ("l[n - 7]", 3),
    ("s[0]", "t"),
    ("l.length", 3),
    ("m.length", 9),
    ("length(m)", 2),
    ("l.first + l.last", 5),
    ("c.map(x => x.id)", ["x", "y"]),
    ("c | map('id')", ["x", "y"]),
    ("c | filter(x => x.w > 2) | length > 0", True),
    ("c.0.id", "x"),
    ("n * 2 | round > 13", True),
    ("c.any(x => x.w == 5)", True),
    ("sum(c, 'w')", 7),
    ("c.sort_by_desc('w')[0].id", "y"),
    ("l.sort().join('-')", "1-2-3"),
    ("join(', ', l)", "3, 1, 2"),
    ("m.${'a'}", 1),
    ("{k: n, 'x y': 2}['x y']", 2),
    ("round(2.5)", 3),
    ("round(-2.5)", -3),
    ("round(2.345, 2)", 2.35),
    ("floor('3.7')", 3),
    ("min(5, z)", None),
    ("max(1, 2.0)", 2.0),
    ("clamp(12, 0, 10)", 10),
    ("lerp(0, 10, 0.5)", 5.0),
    ("abs('x')", None),
    ("format('{0} of {1:F1}', n, f)", "7 of 0.3"),
    ("substring('harbour', -3)", "our"),
    ("type_of(3.0)", "number"),
    ("kind_of(3.0)", "float"),
    ("90s > 60", True),
    ("to_string(1.5s)", "1.5s"),
    ("2 * 750ms == 1.5", True),
    ("10s / 4s", 2.5),
    ("to_number('x')", Fails("argument_error")),
    ("is_empty(0)", False),
    ("to_bool('false')", True),
    ("m.a-1", 0),
    ("1 < 2 == true", True),
]

RENDERED: list[tuple[str, str]] = [
    ("render(\"{{ '2024-05-01' | date: '%d.%m.%Y' }}\")", "01.05.2024"),
    ("render(\"{{ 0 | date: 'yyyy' }}\")", "1970"),
    ("render(\"{{ 'soon' | date: '%Y' }}\")", "soon"),
    ("render(\"{{ '2024-05-01T23:30:00-02:00' | date: '%F' }}\")", "2024-05-02"),
]

BROKEN: list[tuple[str, int]] = [("1m30s", 130), ("+1", 130), ("1 < 2 < 3", 133), ("", 132)]
"""Texts that are no expressions and the code that says why."""
