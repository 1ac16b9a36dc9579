"""The machine: arithmetic, comparison, access, building, iteration; both dispatch forms agree with the operators."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from abml.compiler.bytecode.program import FunctionRef
from abml.values import (
    Duration,
    ValueFault,
    add,
    contains,
    divide,
    equal,
    less,
    less_equal,
    multiply,
    negate,
    remainder,
    subtract,
    truthy,
)
from abml.vm.core.machine import FaultError, ProviderRef
from tests.unit.vm.machine_support import Host, both_forms, fault, machine, value

BIG = 2**47
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 7, -3, BIG - 1, BIG, -BIG, -BIG - 1, 2**62, -(2**63), 2**63 - 1,
    0.0, -0.0, 1.0, 0.5, -2.5, 1e300, math.inf, -math.inf, math.nan,
    "", "a", "7", " 2.5 ", "true", Duration(1_500_000), Duration(0), [], [1, 2.5], {}, {"a": 1},
]  # fmt: skip
BINARY = {
    "ADD": add, "SUB": subtract, "MUL": multiply, "DIV": divide, "MOD": remainder, "EQ": equal,
    "NE": lambda a, b: not equal(a, b), "LT": less, "LE": less_equal, "IN": contains,
}  # fmt: skip
JUMPS = {
    "JLT": less, "JLE": less_equal, "JEQ": equal,
    "JNLT": lambda a, b: not less(a, b), "JNLE": lambda a, b: not less_equal(a, b), "JNE": lambda a, b: not equal(a, b),
}  # fmt: skip


def outcome(function: Any, *args: Any) -> Any:
    try:
        return same(function(*args))
    except ValueFault as found:
        return found.kind
    except FaultError as found:
        return found.fault.kind


def same(result: Any) -> Any:
    """Something that is equal only for values that no program can tell apart."""
    if isinstance(result, list):
        return [same(item) for item in result]
    return type(result).__name__, repr(result)


@both_forms
@pytest.mark.parametrize("op", BINARY)
def test_binary_operators_are_the_normative_ones(op: str, dispatch: str) -> None:
    made = machine(f"function f 2\n {op} t0, t0, t1\n FRET t0", dispatch=dispatch)
    for a, b in itertools.product(VALUES, repeat=2):
        assert outcome(lambda x, y: made.call(0, (x, y)), a, b) == outcome(BINARY[op], a, b), (a, b)


@both_forms
@pytest.mark.parametrize("op", JUMPS)
def test_comparing_jumps_are_the_normative_ones(op: str, dispatch: str) -> None:
    made = machine(f"function f 2\n {op} t0, t1, yes\n FRET #0\nyes: FRET #1", dispatch=dispatch)
    for a, b in itertools.product(VALUES, repeat=2):
        expected = outcome(lambda x, y: 1 if JUMPS[op](x, y) else 0, a, b)
        assert outcome(lambda x, y: made.call(0, (x, y)), a, b) == expected, (a, b)


@both_forms
def test_truth_of_every_kind(dispatch: str) -> None:
    made = machine(
        "function f 1\n JT t0, a\n MOV t2, #0\n JMP b\na: MOV t2, #1\nb: JF t0, c\n ADD t2, t2, #10\n"
        "c: NOT t3, t0\n JTRUE t3, d\n ADD t2, t2, #100\nd: BOOL t3, t0\n JF t3, e\n ADD t2, t2, #1000\ne: FRET t2",
        dispatch=dispatch,
    )
    for item in VALUES:
        assert made.call(0, (item,)) == (1111 if truthy(item) else 0), item


@both_forms
@pytest.mark.parametrize(("op", "expected"), [("BOOL", truthy), ("NOT", lambda item: not truthy(item))])
def test_truth_as_a_value(op: str, expected: Callable[[object], bool], dispatch: str) -> None:
    made = machine(f"function f 1\n {op} t0, t0\n FRET t0", dispatch=dispatch)
    for item in VALUES:
        assert made.call(0, (item,)) is expected(item), item


@both_forms
def test_negation(dispatch: str) -> None:
    made = machine("function f 1\n NEG t0, t0\n FRET t0", dispatch=dispatch)
    for item in VALUES:
        assert outcome(lambda x: made.call(0, (x,)), item) == outcome(negate, item), item


@both_forms
@pytest.mark.parametrize("name", ["min", "max"])
def test_extremes_are_the_functions(name: str, dispatch: str) -> None:
    code = f"function f 2\n {name.upper()} t0, t0, t1\n FRET t0\nfunction g 2\n ARG2 t0, t1\n CALLF t0, f0, 2\n FRET t0"
    made = machine(code, functions=[name], dispatch=dispatch)
    for a, b in itertools.product(VALUES, repeat=2):
        direct = outcome(lambda x, y: made.call(0, (x, y)), a, b)
        called = outcome(lambda x, y: made.call(1, (x, y)), a, b)
        assert direct == called, (a, b)


def test_the_host_replaces_min() -> None:
    host = Host()
    host.functions["min"] = lambda a, b: f"{a}<{b}"
    assert value("flow f\n MIN t0, #1, #2\n RET t0", host, host_functions=["min"]) == "1<2"
    assert value("flow f\n MAX t0, #1, #2\n RET t0", host, host_functions=["min"]) == 2


@both_forms
@pytest.mark.parametrize(
    ("start", "by", "expected"),
    [(None, 1, 1), ("5", 3, 8), (1.5, 0.5, 2), (0.1, 0.2, 0.1 + 0.2), (BIG - 1, 1, BIG), (2**63 - 1, 1, 2.0**63),
     (1e300, 1, 1e300), (True, 1, 2), (-0.0, 0.0, 0), (2.0**62, 1, 2**62)],
)  # fmt: skip
def test_increment_gives_ints_when_integral(start: Any, by: Any, expected: Any, dispatch: str) -> None:
    made = machine("function f 2\n INC t0, t0, t1\n FRET t0", dispatch=dispatch)
    assert same(made.call(0, (start, by))) == same(expected)


def test_decrement() -> None:
    made = machine("function f 2\n DEC t0, t0, t1\n FRET t0")
    assert same(made.call(0, (2.5, 0.5))) == same(2)
    assert same(made.call(0, (-BIG, 1))) == same(-BIG - 1)


def test_members_and_indexes() -> None:
    made = machine('function f 1\n GETM t0, t0, #"name"\n FRET t0\nfunction g 2\n GETI t0, t0, t1\n FRET t0')
    assert made.call(0, ({"name": "Ada"},)) == "Ada"
    assert made.call(0, ({},)) is None
    assert outcome(lambda: made.call(0, (None,))) == "null_access"
    assert made.call(1, ([1, 2], 1)) == 2
    assert made.call(1, ("text", 1)) == "e"
    assert made.call(1, ({"3": "x"}, 3)) == "x"


def test_provider_references_grow_and_finish() -> None:
    host = Host(provider_mood={"deep": {"1": {"calm": 4}}}, mood=ProviderRef("mood"))
    code = 'slot mood\nflow f\n LOADV t0, mood\n GETM t0, t0, #"deep"\n GETI t0, t0, #1\n GETM t0, t0, #"calm"\n'
    assert value(code + " PFIN t0, t0\n RET t0", host) == 4
    assert host.asked == [("mood", ("deep", "1", "calm"))]


def test_unknown_names_are_null_and_finish_keeps_values() -> None:
    assert value("slot x\nflow f\n LOADV t0, x\n PFIN t0, t0\n RET t0") is None
    assert value("slot x\nflow f\n LOADV t0, x\n PFIN t0, t0\n RET t0", Host(x=[1])) == [1]


def test_building_lists_maps_and_texts() -> None:
    code = 'flow f\n LIST t0\n APPEND t0, #1\n APPEND t0, #"b"\n MAP t1\n PUT t1, #"k", t0\n PUT t1, #2, #null\n RET t1'
    assert value(code) == {"k": [1, "b"], "2": None}
    assert value('flow f\n ARG3 #"a", #null, #2.0\n ARG #true\n TEXT t0, 4\n RET t0') == "anull2true"
    code = 'flow f\n TBNEW t0\n TBADD t0, #null, 0\n TBADD t0, #null, 1\n TBADD t0, #"x", 0\n TBEND t1, t0\n RET t1'
    assert value(code) == "nullx"


def test_limits_of_what_is_built() -> None:
    code = "flow f\n LIST t0\n TIMES t1, #2000\n MOV t2, #-1\nnext: COUNT t2, t1, done\n APPEND t0, t2\n JMP next\ndone: RET t0"
    assert fault(code, limits={"max_list": 1000}).kind == "limit_exceeded"
    code = 'flow f\n MOV t0, #"ab"\nnext: ARG2 t0, t0\n TEXT t0, 2\n JMP next'
    assert fault(code, limits={"max_text": 4096}).kind == "limit_exceeded"


@both_forms
def test_iteration_rules(dispatch: str) -> None:
    code = "function f 1\n LIST t2\n ITER t3, t0\nnext: NEXT t3, t4, done\n INDEX t5, t3\n APPEND t2, t5\n APPEND t2, t4\n JMP next\ndone: FRET t2"
    made = machine(code, dispatch=dispatch)
    assert made.call(0, (None,)) == []
    assert made.call(0, (["a", None],)) == [0, "a", 1, None]
    assert made.call(0, ({"k": 1},)) == [0, {"key": "k", "value": 1}]
    assert made.call(0, ("ab",)) == [0, "a", 1, "b"]
    assert outcome(lambda: made.call(0, (5,))) == "not_iterable"


def test_iteration_is_over_a_snapshot_and_bounded() -> None:
    code = "flow f\n LIST t0\n APPEND t0, #1\n APPEND t0, #2\n ITER t1, t0\nnext: NEXT t1, t2, done\n APPEND t0, t2\n JMP next\ndone: RET t0"
    assert value(code) == [1, 2, 1, 2]
    assert fault(code, limits={"max_loop_iterations": 1}).kind == "limit_exceeded"


def test_list_arguments_of_functions() -> None:
    made = machine("function f 1\n ITERL t1, t0, f0\n NEXT t1, t2, end\n FRET t2\nend: FRET #null", functions=["map"])
    assert made.call(0, ([3],)) == 3
    assert made.call(0, (None,)) is None
    assert outcome(lambda: made.call(0, ("x",))) == "argument_error"


@both_forms
@pytest.mark.parametrize(("times", "expected"), [(3, 3), (2.9, 2), (0, 0), (-4, 0), ("2", 2), (True, 1)])
def test_repeat(times: Any, expected: int, dispatch: str) -> None:
    code = "function f 1\n TIMES t2, t0\n MOV t3, #-1\n MOV t4, #0\nnext: COUNT t3, t2, done\n ADD t4, t4, #1\n JMP next\ndone: FRET t4"
    made = machine(code, dispatch=dispatch)
    assert made.call(0, (times,)) == expected


@pytest.mark.parametrize("times", [None, "x", []])
def test_repeat_needs_a_number(times: Any) -> None:
    made = machine("function f 1\n TIMES t2, t0\n FRET t2")
    assert outcome(lambda: made.call(0, (times,))) == "type_error"


@both_forms
def test_loops_are_bounded(dispatch: str) -> None:
    code = "flow f\n TIMES t0, #1e30\n MOV t1, #-1\nnext: COUNT t1, t0, done\n JMP next\ndone: RET t1"
    found = fault(code, dispatch=dispatch)
    assert found.kind == "limit_exceeded" and "10000" in found.message


def test_functions_of_all_three_sources() -> None:
    host = Host()
    host.functions["lift"] = lambda x: x * 100
    code = "flow f\n ARG #2\n CALLF t0, f0, 1\n ARG t0\n CALLF t0, f1, 1\n ARG t0\n CALLF t0, f2, 1\n RET t0\nfunction half 1\n DIV t0, t0, #2\n FRET t0"
    assert value(code, host, functions=["lift", FunctionRef("half", 1), "FLOOR"], host_functions=["lift"]) == 100
    assert fault("flow f\n CALLF t0, f0, 0\n RET t0", functions=["nothing"]).kind == "unknown_function"
    assert fault("flow f\n CALLF t0, f0, 0\n RET t0", functions=["floor"]).kind == "argument_error"


def test_functions_know_how_many_arguments_they_got() -> None:
    code = "flow f\n ARG #5\n CALLF t0, f0, 1\n RET t0\nfunction g 2\n LIST t3\n APPEND t3, t0\n APPEND t3, t1\n APPEND t3, t2\n FRET t3"
    assert value(code, functions=[FunctionRef("g", 1)]) == [5, None, 1]
    over = "flow f\n ARG3 #1, #2, #3\n CALLF t0, f0, 3\n RET t0\nfunction g 2\n FRET t0"
    assert fault(over, functions=[FunctionRef("g", 1)]).kind == "argument_error"


def test_higher_order_functions_end_with_the_results() -> None:
    code = "flow f\n LIST t0\n APPEND t0, #3\n APPEND t0, #4\n LIST t1\n APPEND t1, #false\n APPEND t1, #true\n ARG2 t0, t1\n CALLH t2, f0, 2\n RET t2"
    assert value(code, functions=["filter"]) == [4]


def test_recursion_keeps_registers_and_is_bounded() -> None:
    code = "flow f\n ARG #10\n CALLF t0, f0, 1\n RET t0\nfunction sum 1\n JNLT #0, t0, end\n SUB t2, t0, #1\n ARG t2\n CALLF t2, f0, 1\n ADD t0, t0, t2\n FRET t0\nend: FRET #0"
    assert value(code, functions=[FunctionRef("sum", 1)]) == 55
    endless = "flow f\n CALLF t0, f0, 0\n RET t0\nfunction g 0\n CALLF t0, f0, 0\n FRET t0"
    found = fault(endless, functions=[FunctionRef("g", 1)])
    assert found.kind == "limit_exceeded" and "128" in found.message


@both_forms
def test_the_budget_ends_endless_code(dispatch: str) -> None:
    found = fault("flow f\nagain: JMP again", dispatch=dispatch)
    assert found.kind == "limit_exceeded" and "1000000" in found.message
    found = fault("flow f\nagain: LIST t0\n JT #1, again\n RET t0", dispatch=dispatch)
    assert found.kind == "limit_exceeded"


def test_garbage_is_collected() -> None:
    code = "flow f\n LIST t1\n APPEND t1, #1\n TIMES t2, #9000\n MOV t3, #-1\nnext: COUNT t3, t2, done\n LIST t0\n APPEND t0, t3\n JMP next\ndone: LIST t4\n APPEND t4, t0\n APPEND t4, t1\n RET t4"
    made = machine(code)
    made.start(0)
    assert made.resume(0) == "completed"
    assert made.value == [[8999], [1]]
    assert made.heap_values[0] < 3000


def test_conversion_keeps_what_does_not_fit() -> None:
    host = Host()
    code = 'function f 1\n CONVERT t0, t0, #"int"\n FRET t0'
    made = machine(code, host)
    assert made.call(0, ("7",)) == 7
    assert made.call(0, (2.0,)) == 2
    assert made.call(0, (2.5,)) == 2.5
    assert [kind for kind, _ in host.warnings] == ["type_error"]
