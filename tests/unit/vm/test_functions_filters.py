"""Template filters, dates among them."""

from __future__ import annotations

from typing import Any

import pytest

from abml.values import Duration, ValueFault
from abml.vm.functions import Context
from abml.vm.functions.dates import parse_iso

from .functions_support import INF, SMALL, run_filter, same

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("capitalize", ("abc",), "Abc"),
    ("upcase", ("abc",), "ABC"),
    ("downcase", ("ABC",), "abc"),
    ("strip", (" x ",), "x"),
    ("lstrip", (" x ",), "x "),
    ("rstrip", (" x ",), " x"),
    ("lstrip", (None,), None),
    ("truncate", ("Hello wonderful", 8), "Hello..."),
    ("truncate", ("short", 20), "short"),
    ("truncate", ("x" * 60,), "x" * 47 + "..."),
    ("truncate", ("Hello", 2), ".."),
    ("truncate", ("Hello", 4, "~"), "Hel~"),
    ("truncate", ("Hello", -1), ""),
    ("truncate", (None,), ""),
    ("truncatewords", ("one two  three four", 2), "one two..."),
    ("truncatewords", ("one  two", 2), "one  two"),
    ("truncatewords", ("one two", 0, ">"), "one>"),
    ("default", ("", "d"), "d"),
    ("default", (None, "d"), "d"),
    ("default", (False, "d"), "d"),
    ("default", ([], "d"), "d"),
    ("default", (0, "d"), 0),
    ("append", ("a", 1), "a1"),
    ("append", (None, "b"), "b"),
    ("prepend", ("a", "b"), "ba"),
    ("remove", ("banana", "an"), "ba"),
    ("remove", ("banana", ""), "banana"),
    ("replace", ("banana", "a", "o"), "bonono"),
    ("replace_first", ("banana", "a", "o"), "bonana"),
    ("replace_first", ("banana", "", "o"), "banana"),
    ("split", ("a b", " "), ["a", "b"]),
    ("join", ([1, 2], "/"), "1/2"),
    ("first", ([1, 2],), 1),
    ("size", ("abc",), 3),
    ("reverse", ("abc",), "cba"),
    ("sort", ([2, 1],), [1, 2]),
    ("uniq", ([1, 1.0, 2],), [1, 2]),
    ("map", ([{"a": 1}], "a"), [1]),
    ("where", ([{"a": 1}, {"a": 2}], "a", 2), [{"a": 2}]),
    ("concat", ([1], [2]), [1, 2]),
    ("compact", ([1, None, 0],), [1, 0]),
    ("plus", (1, 2), 3),
    ("plus", ("a", 2), "a2"),
    ("minus", (5, 2), 3),
    ("times", (Duration(1_000_000), 2), Duration(2_000_000)),
    ("divided_by", (7, 2), 3.5),
    ("modulo", (-7, 3), -1),
    ("round", (2.567, 1), 2.6),
    ("at_least", (3, 5), 5),
    ("at_most", (3, 5), 3),
    ("at_most", (None, 5), None),
    ("escape", ("<a href='x'>\"&\"</a>",), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;"),
    ("newline_to_br", ("a\r\nb\nc",), "a<br />\nb<br />\nc"),
    ("pluralize", (1, "crate", "crates"), "crate"),
    ("pluralize", (1.0, "crate", "crates"), "crate"),
    ("pluralize", (0, "crate", "crates"), "crates"),
    ("pluralize", (None, "crate", "crates"), "crates"),
    ("ordinal", (1,), "1st"),
    ("ordinal", (2,), "2nd"),
    ("ordinal", (3.0,), "3rd"),
    ("ordinal", (11,), "11th"),
    ("ordinal", (112,), "112th"),
    ("ordinal", (121,), "121st"),
    ("ordinal", (-3,), "-3rd"),
    ("ordinal", (2.5,), 2.5),
    ("ordinal", (INF,), INF),
    ("ordinal", ("x",), "x"),
    ("type_of", ([],), "array"),
    ("is_empty", ("",), True),
]
# 2024-05-01T09:05:07.043021Z, a Wednesday, day 122 of the year.
MOMENT = "2024-05-01T09:05:07.043021"
DATES: list[tuple[Any, Any, str]] = [
    ("2024-05-01", "%d.%m.%Y", "01.05.2024"),
    (0, "yyyy", "1970"),
    ("2024-05-01T23:30:00-02:00", "%F", "2024-05-02"),
    ("2024-05-01T23:30:00Z", "%F %T", "2024-05-01 23:30:00"),
    ("2024-05-01 23:30+0130", "HH:mm", "22:00"),
    (MOMENT, "%y %m %d %e %j", "24 05 01  1 122"),
    (MOMENT, "%H %I %M %S %L %f %p", "09 09 05 07 043 043021 AM"),
    (MOMENT, "%a %A %b %B", "Wed Wednesday May May"),
    (MOMENT, "%z %s %%", "+0000 1714554307 %"),
    (MOMENT, "%-d/%-m %-H:%-M:%-S %-j %-L %-f %-e", "1/5 9:5:7 122 43 43021 1"),
    (MOMENT, "%Q %-Y %-A 100%", "%Q %-Y %-A 100%"),
    ("2024-05-01T00:10:00", "%I %-I %p", "12 12 AM"),
    ("2024-05-01T12:10:00", "%I %p", "12 PM"),
    (MOMENT, "yyyy-MM-dd HH:mm:ss.fff", "2024-05-01 09:05:07.043"),
    (-1, "%F %T.%L", "1969-12-31 23:59:59.999"),
    (1714554307043, "%T", "09:05:07"),
    ("2024-05", "%F", "2024-05-01"),
    ("20240501T090507", "%F %T", "2024-05-01 09:05:07"),
    ("2024-05-01T24:00", "%F", "2024-05-02"),
    ("0001-01-01", "%F", "0001-01-01"),
    ("9999-12-31T23:59:59.999999999", "%f", "999999"),
    (0, None, ""),
]
NO_DATES: list[Any] = [
    "soon", "", "2024-13-01", "2023-02-29", "2024-05-01T25:00", "2024-05-01T23:61", "1714554307043", "24-05-01",
    "0000-01-01", "9999-12-31T23:59:59-01:00", "2024-05-01T10:00+99:00", None, True, 1.5, [1], {}, Duration(1), 10**17,
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "wanted"), CASES)
def test_value(name: str, args: tuple[Any, ...], wanted: Any) -> None:
    same(run_filter(name, *args), wanted)


@pytest.mark.parametrize(("value", "pattern", "wanted"), DATES)
def test_date(value: Any, pattern: Any, wanted: str) -> None:
    warnings: list[tuple[str, str]] = []
    assert run_filter("date", value, pattern, ctx=Context(warn=lambda *w: warnings.append(w))) == wanted
    assert warnings == []


@pytest.mark.parametrize("value", NO_DATES)
def test_no_date_comes_out_unchanged_with_a_warning(value: Any) -> None:
    warnings: list[tuple[str, str]] = []
    assert run_filter("date", value, "%Y", ctx=Context(warn=lambda *w: warnings.append(w))) is value
    assert [kind for kind, _ in warnings] == ["template_error"]


def test_iso_micros() -> None:
    assert parse_iso("1970-01-01T00:00:00.5") == 500_000
    assert parse_iso("1970-01-01T00:00:00,000001") == 1
    assert parse_iso(" 1970-01-01T01:00+01 ") == 0


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("append", ("x" * 3_000, "y" * 3_000)),
        ("prepend", ("x" * 3_000, "y" * 3_000)),
        ("replace", ("x" * 3_000, "x", "yy")),
        ("replace_first", ("x" * 3_000, "x", "y" * 3_000)),
        ("escape", ("&" * 3_000,)),
        ("newline_to_br", ("\n" * 3_000,)),
        ("plus", ("x" * 3_000, "y" * 3_000)),
        ("date", (0, "%B" * 2_000)),
    ],
)
def test_limits(name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(ValueFault) as caught:
        run_filter(name, *args, ctx=Context(limits=SMALL))
    assert caught.value.kind == "limit_exceeded"


def test_arithmetic_filters_raise_as_operators_do() -> None:
    for name, args, kind in [("divided_by", (1, 0), "division_by_zero"), ("minus", ("a", 1), "type_error")]:
        with pytest.raises(ValueFault) as caught:
            run_filter(name, *args)
        assert caught.value.kind == kind
