"""Built-in functions over lists and maps, with and without a function."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from abml.builtins import BUILTINS
from abml.builtins import FILTERS as FILTER_SPECS
from abml.values import Duration, ValueFault
from abml.vm.functions import FILTERS, FUNCTIONS, HIGHER_ORDER, Context, call, filter_function
from abml.vm.random import Random

from .functions_support import NAN, SMALL, fault, run, same

C = [{"id": "x", "w": 2, "at": {"z": 1}}, {"id": "y", "w": 5}]

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("contains", ("tide", "id"), True),
    ("contains", ("a1b", 1), True),
    ("contains", ([1, 2], 2.0), True),
    ("contains", ([True], 1), False),
    ("contains", ([[1]], [1.0]), True),
    ("contains", ([Duration(5_000_000)], 5), True),
    ("contains", (["5"], 5), False),
    ("contains", ({"a": 1}, "a"), True),
    ("contains", ({"1": 1}, 1), False),
    ("contains", (None, 1), False),
    ("first", ([],), None),
    ("first", ("abc",), "a"),
    ("first", (5,), None),
    ("last", ([1, 2],), 2),
    ("last", (None,), None),
    ("keys", ({"b": 1, "a": 2},), ["b", "a"]),
    ("keys", (None,), []),
    ("values", ({"b": 1, "a": 2},), [1, 2]),
    ("values", ([1],), []),
    ("entries", ({"a": 1},), [{"key": "a", "value": 1}]),
    ("entries", ("x",), []),
    ("has_key", ({"a": None}, "a"), True),
    ("has_key", ({"7": 1}, 7), True),
    ("has_key", (None, "a"), False),
    ("has_key", ([1], "a"), False),
    ("get", ({"a": {"b": [10, 20]}}, "a.b.1"), 20),
    ("get", ({"a": {"7": "seven"}}, "a.7"), "seven"),
    ("get", ({"a": None}, "a.b", "none"), "none"),
    ("get", (None, "a", 1), 1),
    ("get", ({"a": [1]}, "a.length"), 1),
    ("get", ({"a": 1}, "a.b.c"), None),
    ("get", ([5, 6], 1), 6),
    ("get", ({"a": 1}, ""), {"a": 1}),
    ("get", ([1], "9" * 5000), None),
    ("merge", ({"a": 1, "b": 1}, {"b": 2, "c": 3}), {"a": 1, "b": 2, "c": 3}),
    ("merge", (None, {"a": 1}), {"a": 1}),
    ("concat", ([1], None, [2, 3]), [1, 2, 3]),
    ("append", (None, 1), [1]),
    ("append", ([1], [2]), [1, [2]]),
    ("without", ([1, 2, 1.0, "1"], 1), [2, "1"]),
    ("slice", ([1, 2, 3, 4], 1, 3), [2, 3]),
    ("slice", ([1, 2, 3, 4], -2), [3, 4]),
    ("slice", ("harbour", 0, -3), "harb"),
    ("slice", ([1], 5, 9), []),
    ("slice", (None, 0), []),
    ("take", ([1, 2, 3], 2), [1, 2]),
    ("take", ([1, 2, 3], -2), []),
    ("take", (None, 2), []),
    ("skip", ([1, 2, 3], 2), [3]),
    ("skip", ([1, 2, 3], -2), [1, 2, 3]),
    ("reverse", ([1, 2],), [2, 1]),
    ("reverse", ("ab",), "ba"),
    ("reverse", (None,), []),
    ("unique", ([1, 1.0, True, "1", [1], [1.0], None, None],), [1, True, "1", [1], None]),
    ("unique", ([{"a": 1}, {"a": 1.0}, {"a": True}],), [{"a": 1}, {"a": True}]),
    ("unique", ([Duration(5_000_000), 5, 5.0, 6],), [Duration(5_000_000), 6]),
    ("unique", ([{"a": 1, "b": 2}, {"b": 2, "a": 1}],), [{"a": 1, "b": 2}]),
    ("unique", ([[[]], [[]], [{}]],), [[[]], [{}]]),
    ("flatten", ([1, [2, [3]], []],), [1, 2, [3]]),
    ("index_of", ([1, 2, 3], 2.0), 1),
    ("index_of", (["a", "b"], "b"), 1),
    ("index_of", ("tide", "de"), 2),
    ("index_of", ("12", 2), -1),
    ("index_of", (None, 2), -1),
    ("sum", ([],), 0),
    ("sum", ([1, 2.5, "3", None, True],), 7.5),
    ("sum", ([2**63 - 1, 1],), 2.0**63),
    ("sum", (C, "w"), 7),
    ("avg", ([1, 2],), 1.5),
    ("avg", ([],), None),
    ("avg", (C, "w"), 3.5),
    ("map", (C, "id"), ["x", "y"]),
    ("map", (C, "at.z"), [1, None]),
    ("map", ([1, None], "id"), [None, None]),
    ("filter", (C, "at"), [C[0]]),
    ("where", (C, "w", 5.0), [C[1]]),
    ("where", (C, "at.z", None), [C[1]]),
    ("reject", (C, "at"), [C[1]]),
    ("find", (C, "at"), C[0]),
    ("find", ([], "at"), None),
    ("any", ([0, "", None],), False),
    ("any", ([0, 1],), True),
    ("any", (C, "at"), True),
    ("all", ([],), True),
    ("all", ([1, 0],), False),
    ("none", ([],), True),
    ("none", (C, "at"), False),
    ("count", (C, "at"), 1),
    ("count", ("abc",), 3),
    ("count", (None,), 0),
    ("sort", ([3, 1, 2.5],), [1, 2.5, 3]),
    ("sort", (["b", "A", "a"],), ["A", "a", "b"]),
    ("sort", ([2, None, "10", True],), [None, True, 2, "10"]),
    ("sort", ([Duration(2_000_000), 1],), [1, Duration(2_000_000)]),
    ("sort", (None,), []),
    ("sort_by", (C, "w"), C),
    ("sort_by_desc", (C, "w"), [C[1], C[0]]),
    ("min_by", (C, "w"), C[0]),
    ("max_by", (C, "w"), C[1]),
    ("max_by", ([], "w"), None),
    ("group_by", ([{"k": 1, "v": 1}, {"k": "1", "v": 2}, {"v": 3}], "k"),
     {"1": [{"k": 1, "v": 1}, {"k": "1", "v": 2}], "null": [{"v": 3}]}),
    ("to_map", (C, "id"), {"x": C[0], "y": C[1]}),
    ("to_map", (C, "id", "w"), {"x": 2, "y": 5}),
    ("to_map", ([{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "a", "v": 3}], "k", "v"), {"a": 3, "b": 2}),
    ("zip", ([1, 2, 3], ["a", "c"]), [[1, "a"], [2, "c"]]),
    ("zip", (None, [1]), []),
    ("random_choice", ([],), None),
    ("pick", (None,), None),
    ("weighted_choice", ([], "w"), None),
    ("weighted_choice", ([{"w": 0}], "w"), None),
    ("shuffle", ([],), []),
    ("sample", ([1, 2, 3], 0), []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "wanted"), CASES)
def test_value(name: str, args: tuple[Any, ...], wanted: Any) -> None:
    before = copy.deepcopy(args)
    same(run(name, *args), wanted)
    assert args == before or any(value != value for value in args)


@pytest.mark.parametrize(
    ("kind", "name", "args", "says"),
    [
        ("argument_error", "merge", ({}, [1]), "second"),
        ("argument_error", "concat", ([], 1), "argument 2"),
        ("argument_error", "append", ("text", 1), "must be a list"),
        ("argument_error", "slice", (5, 0), "list or a text"),
        ("argument_error", "slice", ([1], "x"), "start"),
        ("argument_error", "take", ([1], None), "n must"),
        ("argument_error", "zip", ([1], 2), "second"),
        ("argument_error", "sort", ("abc",), "must be a list"),
        ("type_error", "sort", ([1, "x"],), "compare"),
        ("type_error", "sort", ([[1], [2]],), "compare"),
        ("type_error", "sort", ([NAN, "x"],), "compare"),
        ("type_error", "sum", ([1, "x"],), "element 1"),
        ("type_error", "avg", ([[]],), "element 0"),
        ("type_error", "min_by", ([{"k": 1}, {"k": []}], "k"), "compare"),
        ("argument_error", "map", ([1], 5), "second"),
        ("argument_error", "filter", ([1], None), "function"),
        ("argument_error", "to_map", ([1], "a", []), "third"),
        ("argument_error", "reduce", ([1], "a", 0), "function"),
        ("argument_error", "weighted_choice", ([{"w": -1}], "w"), "element 0"),
        ("argument_error", "weighted_choice", ([{"w": NAN}], "w"), "NaN"),
        ("argument_error", "weighted_choice", ([{}], "w"), "null"),
        ("argument_error", "sample", ([1], "x"), "n must"),
        ("argument_error", "index_of", (5, 1), "list or a text"),
    ],
)
def test_fault(kind: str, name: str, args: tuple[Any, ...], says: str) -> None:
    fault(kind, name, *args, says=says)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("concat", ([0] * 600, [0] * 600)),
        ("append", ([0] * 1_000, 1)),
        ("flatten", ([[0] * 600, [0] * 600],)),
        ("merge", ({str(i): 1 for i in range(600)}, {str(-i): 1 for i in range(600)})),
    ],
)
def test_limits(name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(ValueFault) as caught:
        run(name, *args, ctx=Context(limits=SMALL))
    assert caught.value.kind == "limit_exceeded"


def test_unique_with_cycles_and_nan() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    other: list[Any] = [1]
    other.append(other)
    found = run("unique", [loop, loop, other, NAN, NAN, [NAN], [NAN], 1, 1])
    assert len(found) == 7
    assert found[0] is loop and found[1] is other


def test_unique_is_linear() -> None:
    items: list[Any] = [[i, {"k": i % 7}] for i in range(20_000)]
    shared: Any = []
    for _ in range(60):
        shared = [shared, shared]
    start = time.perf_counter()
    assert len(run("unique", items + [shared, shared])) == 20_001
    assert time.perf_counter() - start < 5


def test_sort_is_stable_and_total() -> None:
    items = [{"k": 1, "n": 1}, {"k": 0, "n": 2}, {"k": 1.0, "n": 3}, {"k": True, "n": 4}]
    assert [e["n"] for e in run("sort_by", items, "k")] == [2, 1, 3, 4]
    assert [e["n"] for e in run("sort_by_desc", items, "k")] == [1, 3, 4, 2]
    found = run("sort", [NAN, 2, None, NAN, 1])
    assert found[:3] == [None, 1, 2]


# ---------------------------------------------------------------- functions


def test_every_name_has_its_function() -> None:
    assert set(FUNCTIONS) == set(BUILTINS)
    assert set(FILTERS) == set(FILTER_SPECS)
    assert set(HIGHER_ORDER) == {name for name, spec in BUILTINS.items() if spec.takes_function}


def test_call_checks_names_and_counts() -> None:
    assert call(Context(), "LEN", ["abc"]) == 3
    fault("unknown_function", "lenght", "abc")
    with pytest.raises(ValueFault, match="substring takes 2 to 3 arguments, got 1"):
        call(Context(), "substring", ["a"])


def end(name: str, items: Any, keys: Any, *extra: Any, ctx: Context | None = None) -> Any:
    return HIGHER_ORDER[name](ctx or Context(), items, keys, list(extra))


L = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "keys", "extra", "wanted"),
    [
        ("map", [1, 2, 3], (), [1, 2, 3]),
        ("filter", [1, 0, "x"], (), ["a", "c"]),
        ("filter", [1, 2, 1.0], (1,), ["a", "c"]),
        ("reject", [1, 0, "x"], (), ["b"]),
        ("find", [0, 1], (), "b"),
        ("find", [0, 0, 0], (), None),
        ("any", [0, 1], (), True),
        ("any", [0, 0, 0], (), False),
        ("all", [1, 0], (), False),
        ("all", [1, 1, 1], (), True),
        ("none", [0, 1], (), False),
        ("none", [0, 0, 0], (), True),
        ("count", [1, 0, 2], (), 2),
        ("sum", [1, 2, 3], (), 6),
        ("avg", [1, 2, 4], (), 7 / 3),
        ("sort_by", [3, 1, 2], (), ["b", "c", "a"]),
        ("sort_by_desc", [1, 1, 2], (), ["c", "a", "b"]),
        ("min_by", [2, 1, 1], (), "b"),
        ("max_by", [1, 2, 2], (), "b"),
        ("group_by", [1, 2, 1], (), {"1": ["a", "c"], "2": ["b"]}),
        ("to_map", [1, 2, 1], (), {"1": "c", "2": "b"}),
        ("to_map", ["k", "l", "m"], ([7, 8, 9],), {"k": 7, "l": 8, "m": 9}),
        ("to_map", ["k", "l", "m"], ("length",), {"k": 1, "l": 1, "m": 1}),
        ("reduce", [1, 3, 6], (0,), 6),
        ("reduce", [], (0,), 0),
        ("weighted_choice", [0, 1, 0], (), "b"),
        ("weighted_choice", [0, 0, 0], (), None),
    ],
)
def test_higher_order_by_keys(name: str, keys: list[Any], extra: tuple[Any, ...], wanted: Any) -> None:
    same(end(name, L, keys, *extra), wanted)


def test_higher_order_of_null_and_wrong_lists() -> None:
    assert end("map", None, []) == []
    assert end("max_by", None, []) is None
    with pytest.raises(ValueFault, match="map: the first argument must be a list"):
        end("map", 5, [])


def test_keys_may_be_a_path() -> None:
    assert end("to_map", C, "id", [1, 2]) == {"x": 1, "y": 2}


def test_weighted_choice_draws_once_by_weight() -> None:
    counts = {"a": 0, "b": 0, "c": 0}
    ctx = Context(Random(1))
    for _ in range(3_000):
        counts[end("weighted_choice", L, [1, 0, 3], ctx=ctx)] += 1
    assert counts["b"] == 0
    assert 600 < counts["a"] < 900
    plain = Random(1)
    for _ in range(3_000):
        plain.next_word()
    assert ctx.random.state == plain.state


# ---------------------------------------------------------------------- chance


@pytest.mark.parametrize(
    ("name", "args", "wanted"),
    [
        ("random", (), 0.08386297105988216),
        ("random", (10,), 0.8386297105988216),
        ("random", (1, 6), 1),
        ("random", (1, 6.0), 1.4193148552994108),
        ("random", ("1", 6), 1),
        ("random", (None,), None),
        ("random_int", (1.9, 6.2), 1),
        ("random_int", (None, 6), None),
        ("random_float", (1, 6), 1.4193148552994108),
        ("random_float", ("x", 6), None),
        ("chance", (0.09,), True),
        ("chance", (0.08,), False),
        ("chance", (None,), None),
        ("random_choice", (["a", "b", "c"],), "b"),
        ("shuffle", (["a", "b", "c", "d", "e"],), ["a", "b", "d", "e", "c"]),
        ("sample", (["a", "b", "c", "d", "e"], 2), ["a", "b"]),
        ("sample", ([1], 5), [1]),
    ],
)
def test_draws_with_seed_42(name: str, args: tuple[Any, ...], wanted: Any) -> None:
    got = run(name, *args, ctx=Context(Random(42)))
    if name == "random_choice":
        # Three outcomes: the word modulo 3.
        wanted = "abc"[Random(42).integer(0, 2)]
    same(got, wanted)


def test_how_many_draws() -> None:
    for name, args, draws in [
        ("random", (), 1),
        ("random", (None,), 0),
        ("chance", (0,), 1),
        ("chance", (None,), 1),
        ("random_choice", ([1],), 1),
        ("random_choice", ([],), 0),
        ("weighted_choice", ([{"w": 1}], "w"), 1),
        ("weighted_choice", ([{"w": 0}], "w"), 0),
        ("shuffle", ([1, 2, 3],), 2),
        ("sample", ([1, 2, 3], 0), 2),
    ]:
        ctx, plain = Context(Random(5)), Random(5)
        run(name, *args, ctx=ctx)
        for _ in range(draws):
            plain.next_word()
        assert ctx.random.state == plain.state, name


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("random", (-1,)),
        ("random", (3, 2)),
        ("random_int", (6, 1)),
        ("random_float", (2, 1)),
        ("random_int", (0, 1e19)),
    ],
)
def test_impossible_ranges(name: str, args: tuple[Any, ...]) -> None:
    fault("argument_error", name, *args)


def test_filter_function_finds_filters_first() -> None:
    assert filter_function("append") is FILTERS["append"]
    assert filter_function("UPCASE") is FUNCTIONS["upper"]
    assert filter_function("nosuch") is None
