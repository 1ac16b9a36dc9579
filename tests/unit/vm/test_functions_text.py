"""Built-in functions over text, kinds and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.values import Duration, ValueFault
from abml.vm.functions import Context
from abml.vm.functions.time import moment, named_format

from .functions_support import INF, INT_MIN, NAN, SMALL, fault, run, same

TEXT: list[tuple[str, tuple[Any, ...], Any]] = [
    ("length", ("naïve",), 5),
    ("len", ([1, 2],), 2),
    ("size", ({"a": 1},), 1),
    ("length", (None,), 0),
    ("length", (12345,), 0),
    ("length", ("😀",), 1),
    ("upper", ("straße",), "STRASSE"),
    ("upper", (None,), None),
    ("upper", (12,), "12"),
    ("lower", ("ÀB",), "àb"),
    ("trim", ("\u2003 x y \n\u00a0",), "x y"),
    ("trim", (True,), "true"),
    ("capitalize", ("lAMP oil",), "LAMP oil"),
    ("capitalize", ("",), ""),
    ("starts_with", ("harbour", "har"), True),
    ("starts_with", (None, ""), False),
    ("starts_with", ("1x", 1), True),
    ("ends_with", ("harbour", "our"), True),
    ("ends_with", ("harbour", None), False),
    ("substring", ("harbour", -3), "our"),
    ("substring", ("harbour", 2, 3), "rbo"),
    ("substring", ("harbour", -99, 2), "ha"),
    ("substring", ("harbour", 99), ""),
    ("substring", ("harbour", 2, -1), ""),
    ("substring", ("harbour", 2, None), "rbour"),
    ("substring", (None, 1), None),
    ("substring", (12345, 1, 2), "23"),
    ("replace", ("a-b-c", "-", "+"), "a+b+c"),
    ("replace", ("abc", "", "x"), "abc"),
    ("replace", ("abc", None, "x"), None),
    ("replace", (None, "a", "x"), None),
    ("replace", (1.5, ".", ","), "1,5"),
    ("split", ("a,b,,c", ","), ["a", "b", "", "c"]),
    ("split", ("abc", ""), ["abc"]),
    ("split", ("abc", None), ["abc"]),
    ("split", ("", ","), [""]),
    ("split", (None, ","), []),
    ("join", (["a", None, 1, True], "-"), "a--1-true"),
    ("join", (", ", [3, 1.0]), "3, 1"),
    ("join", (None, "-"), ""),
    ("join", ("-", None), ""),
    ("join", (None, None), ""),
    ("join", ([1, 2], None), "12"),
    ("repeat_text", ("ab", 3), "ababab"),
    ("repeat_text", ("ab", 0), ""),
    ("repeat_text", ("ab", -4), ""),
    ("repeat_text", (None, 3), ""),
    ("repeat_text", ("", 1e19), ""),
    ("pad_left", (7, 3, "0"), "007"),
    ("pad_left", ("long", 2), "long"),
    ("pad_left", ("x", 3), "  x"),
    ("pad_left", ("x", 6, "ab"), "ababax"),
    ("pad_left", ("x", 6, ""), "x"),
    ("pad_right", ("x", 3, None), "x  "),
    ("format", ("{0} of {1:F1}", 7, 0.25), "7 of 0.3"),
    ("format", ("{0}{{{1}}}", 5, "x"), "5{x}"),
    ("format", ("as { it is",), "as { it is"),
    ("format", ("{0:N2}", 1234567.005), "1,234,567.00"),
    ("format", ("{0:N0}", -1234567), "-1,234,567"),
    ("format", ("{0:P1}", 0.4567), "45.7%"),
    ("format", ("{0:D5}|{1:D2}", 42, -7), "00042|-07"),
    ("format", ("{0:X}", 255), "FF"),
    ("format", ("{0:X}", -1), "FFFFFFFFFFFFFFFF"),
    ("format", ("{0:F0}|{1:F0}", 2.5, -0.2), "3|0"),
    ("format", ("{0:F2}", INF), "Infinity"),
    ("format", ("{0:F2}", 1e22), "10000000000000000000000.00"),
    ("format", ("{1}{0}", 1, None), "null1"),
]
# Value, `type_of`, `kind_of`.
KINDS: list[tuple[Any, str, str]] = [
    (None, "null", "null"),
    (True, "boolean", "bool"),
    (1, "number", "int"),
    (3.0, "number", "float"),
    ("", "string", "string"),
    (Duration(1), "duration", "duration"),
    ([], "array", "list"),
    ({}, "object", "map"),
]
TYPES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("is_null", (None,), True),
    ("is_null", (0,), False),
    ("is_number", (True,), False),
    ("is_number", (1.5,), True),
    ("is_number", ("1",), False),
    ("is_text", ("",), True),
    ("is_list", ([],), True),
    ("is_map", ([],), False),
    ("is_empty", (0,), False),
    ("is_empty", ({},), True),
    ("is_empty", (None,), True),
    ("is_empty", (False,), False),
    ("to_string", (None,), "null"),
    ("to_string", (Duration(1_500_000),), "1.5s"),
    ("to_string", ([1, "a", None],), '[1,"a",null]'),
    ("to_number", (None,), 0),
    ("to_number", (True,), 1),
    ("to_number", (" 3.5 ",), 3.5),
    ("to_number", (Duration(1_500_000),), 1.5),
    ("to_number", ("99999999999999999999",), 1e20),
    ("to_int", ("-3.9",), -3),
    ("to_int", (1e300,), 1e300),
    ("to_int", (NAN,), NAN),
    ("to_bool", ("false",), True),
    ("to_bool", ([],), False),
    ("parse_number", ("x",), None),
    ("parse_number", ("x", "none"), "none"),
    ("parse_number", ("12",), 12),
    ("parse_number", ([], 1), 1),
    ("coalesce", (None, None, 0, 1), 0),
    ("coalesce", (None,), None),
    ("if_else", ("", 1, 2), 2),
    ("default", (None, 3), 3),
    ("default", (False, 3), False),
    ("hash", ("a",), 0xAF63DC4C8601EC8C - 2**64),
    ("to_json", ({"a": [1, 1.5, None, "é\n"], "b": NAN},), '{"a":[1,1.5,null,"é\\n"],"b":null}'),
    ("from_json", ('{"a": [1, -2.5e3, true, null, "\\u00e9"]}',), {"a": [1, -2500.0, True, None, "é"]}),
    ("from_json", ("99999999999999999999",), 1e20),
    ("from_json", (" 7 ",), 7),
    ("from_json", (None,), None),
    ("list", (1, "a", None), [1, "a", None]),
    ("list", (), []),
    ("dict", ("a", 1, "b", [2]), {"a": 1, "b": [2]}),
    ("dict", (), {}),
    ("range", (3,), [0, 1, 2]),
    ("range", (2, 5), [2, 3, 4]),
    ("range", (5, 0, -2), [5, 3, 1]),
    ("range", (0,), []),
    ("range", (-3,), []),
    ("range", (0, 10, 4), [0, 4, 8]),
]  # fmt: skip
TIME: list[tuple[str, tuple[Any, ...], Any]] = [
    ("now", (), 1_700_000_000_123),
    ("duration", (1.5,), Duration(1_500_000)),
    ("duration", ("1m30s",), Duration(90_000_000)),
    ("duration", ("2",), Duration(2_000_000)),
    ("duration", (Duration(5),), Duration(5)),
    ("duration", (1e300,), Duration(2**63 - 1)),
    ("seconds", (Duration(250_000),), 0.25),
    ("seconds", (3,), 3.0),
    ("millis", (Duration(1_500),), 1),
    ("millis", (Duration(-1_500),), -1),
    ("millis", (0.29,), 290),
    ("format_date", (1_700_000_000_123, "yyyy-MM-dd HH:mm:ss.fff 'Z'"), "2023-11-14 22:13:20.123 'Z'"),
    ("format_date", (-1, "yyyy fff"), "1969 999"),
    ("format_date", (951_782_400_000, "dd.MM."), "29.02."),
]


@pytest.mark.parametrize(("name", "args", "wanted"), TEXT + TYPES + TIME)
def test_value(name: str, args: tuple[Any, ...], wanted: Any) -> None:
    same(run(name, *args, ctx=Context(now_ms=1_700_000_000_123)), wanted)


@pytest.mark.parametrize(("value", "type_name", "kind_name"), KINDS)
def test_names_of_kinds(value: Any, type_name: str, kind_name: str) -> None:
    assert (run("type_of", value), run("kind_of", value)) == (type_name, kind_name)


@pytest.mark.parametrize(
    ("name", "args", "says"),
    [
        ("substring", ("abc", None), "start"),
        ("substring", ("abc", 1, "x"), "length"),
        ("join", (1, "-"), "needs a list"),
        ("repeat_text", ("a", INF), "n must be an integer"),
        ("pad_left", ("a", "wide"), "n must be an integer"),
        ("format", ("{2}", 1, 2), "{2}"),
        ("format", ("{0:Q2}", 1), "Q2"),
        ("format", ("{0:F2}", "x"), "string"),
        ("format", ("{0:D3}", 1.5), "integer"),
        ("format", ("{0:F101}", 1), "F101"),
        ("format", ("{", 1), "'{'"),
        ("format", ("a}b", 1), "'}}'"),
        ("format", ("{}", 1), "'{'"),
        ("to_number", ("x",), '"x"'),
        ("to_number", ([],), "list"),
        ("to_int", ({},), "map"),
        ("from_json", ("{",), "malformed"),
        ("from_json", ("NaN",), "NaN"),
        ("from_json", ("[Infinity]",), "Infinity"),
        ("from_json", ('"\\ud800"',), "surrogate"),
        ("from_json", ('{"\\udc00": 1}',), "surrogate"),
        ("from_json", ("",), "malformed"),
        ("from_json", ("[1] 2",), "malformed"),
        ("dict", ("a",), "pairs"),
        ("dict", (1, 2), "key"),
        ("range", (1, 2, 0), "step"),
        ("range", ("x",), "n"),
        ("range", (1, None), "the end"),
        ("duration", ("soon",), "soon"),
        ("duration", (None,), "null"),
        ("duration", (NAN,), "float NaN"),
        ("duration", (True,), "bool"),
        ("seconds", ("3",), "string"),
        ("millis", (None,), "null"),
        ("format_date", ("x", "yyyy"), "the time"),
        ("format_date", (10**18, "yyyy"), "9999"),
    ],
)
def test_argument_error(name: str, args: tuple[Any, ...], says: str) -> None:
    fault("argument_error", name, *args, says=says)


def test_json_depth_is_bounded() -> None:
    assert run("from_json", "[" * 100 + "]" * 100)
    fault("argument_error", "from_json", "[" * 101 + "]" * 101, says="deeper")
    fault("argument_error", "from_json", "[" * 100_000, says="deeper")
    # Brackets in texts are no nesting.
    assert run("from_json", '["' + "[" * 500 + '\\"]"]') == ["[" * 500 + '"]']


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("repeat_text", ("ab", 10**12)),
        ("pad_left", ("ab", 10**12)),
        ("pad_right", ("", 5_000, "xy")),
        ("replace", ("a" * 4_000, "a", "bb")),
        ("join", ([""] * 1_000, "-" * 10)),
        ("join", (["x" * 3_000] * 2, "")),
        ("format", ("{0}{0}", "x" * 3_000)),
        ("split", ("," * 2_000, ",")),
        ("range", (10**18,)),
        ("range", (-(2**63), 2**63 - 1)),
        ("to_json", (["x" * 4_096],)),
        ("to_string", (["x" * 4_096],)),
        ("from_json", ("[" + "1," * 1_000 + "1]",)),
    ],
)
def test_limits_are_checked_first(name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(ValueFault) as caught:
        run(name, *args, ctx=Context(limits=SMALL))
    assert caught.value.kind == "limit_exceeded"


def test_render_asks_the_context() -> None:
    assert run("render", "{{ x }}", ctx=Context(render=lambda text: text.replace("x", "y"))) == "{{ y }}"
    fault("template_error", "render", "a")


def test_hash_of_int_min_fits() -> None:
    for x in (INT_MIN, None, "x", 1.5, [1]):
        assert INT_MIN <= run("hash", x) < 2**63
    assert run("hash", None) == run("hash", "null")


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)))
def test_dates_as_the_standard_library_has_them(when: datetime) -> None:
    micros = (when.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    at = moment(micros)
    assert at[:7] == (when.year, when.month, when.day, when.hour, when.minute, when.second, when.microsecond)
    assert at.weekday == when.weekday()
    assert at.year_day == when.timetuple().tm_yday
    assert named_format(at, "yyyy-MM-dd HH:mm:ss") == when.isoformat(" ", "seconds")
